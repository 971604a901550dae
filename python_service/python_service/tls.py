"""TLS to Postgres: of a server that has proven its name, or none at all."""

import ssl
from urllib.parse import parse_qs, urlsplit

_MODE, _CA_FILE = "sslmode", "sslrootcert"


def ca_file(url: str) -> str | None:
    """The file of the CA that vouches for the server of this URL; None for no TLS. Raises ValueError, for people."""
    parameters = parse_qs(urlsplit(url).query)
    mode, file = (parameters.get(name, [None])[-1] for name in (_MODE, _CA_FILE))
    match mode:
        case "verify-full":
            if file is None:
                raise ValueError(f"{_MODE}=verify-full needs {_CA_FILE}, the file of the server's CA")
        case None | "disable":
            if file is not None:
                raise ValueError(f"{_CA_FILE} is of use only with {_MODE}=verify-full")
        case _:
            raise ValueError(
                f"{_MODE}={mode} does not make sure that the server is the one it names: "
                "it must be verify-full, or disable"
            )
    return file


def verifying(file: str) -> ssl.SSLContext:
    """For connections to servers whose certificate is this CA's and for the name dialled.

    Raises ValueError, for people.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(file)
    except OSError as error:
        raise ValueError(f"{_CA_FILE}={file} cannot be used ({error.strerror})") from None
    return context
