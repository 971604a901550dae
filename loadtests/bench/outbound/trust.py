"""Makes the stack's CA one of those that this process trusts by default, as an administrator would for a machine.

Each library looks elsewhere: certifi's file, OpenSSL's default file, or what ssl says of it. Each gets the certificates
that it has on this machine, and one more, so that a client of which nothing is said can verify the upstream.
"""

import os
import ssl
import tempfile
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any


@cache
def trust(ca_file: Path) -> tempfile.TemporaryDirectory[str]:
    """Call this before a library is imported, for some note their files then. Gives the folder of new bundles."""
    ca = ca_file.read_text()
    new_folder = tempfile.TemporaryDirectory(prefix="outbound-")
    folder = Path(new_folder.name)
    paths = ssl.get_default_verify_paths()
    if paths.cafile is None:
        raise SystemExit(f"outbound: {paths.openssl_cafile} is missing: install ca-certificates")
    system = folder / "system.pem"
    system.write_text(Path(paths.cafile).read_text() + ca)
    # OpenSSL reads this process's environment; libraries read os.environ, and would do something else if it were there.
    os.putenv("SSL_CERT_FILE", str(system))
    new = paths._replace(cafile=str(system), openssl_cafile=str(system))
    ssl.get_default_verify_paths = lambda: new
    with suppress(ModuleNotFoundError):
        certifi: Any = import_module("certifi")
        bundle = folder / "certifi.pem"
        bundle.write_text(Path(certifi.where()).read_text() + ca)
        certifi.where = lambda: str(bundle)
    with suppress(ModuleNotFoundError):
        import_module("wassima").register_ca(ssl.PEM_cert_to_DER_cert(ca))
    return new_folder
