"""A CA for the tests, and certificates that it signs for servers."""

import subprocess
from pathlib import Path


def authority(folder: Path, name: str) -> Path:
    """Make a CA, and return its certificate. Its key is in the same folder."""
    certificate = folder / f"{name}.crt"
    _openssl("req", "-x509", *_new_key(certificate), "-subj", f"/CN={name}", "-addext", "keyUsage=keyCertSign")
    return certificate


def certify(folder: Path, ca: Path, host: str) -> tuple[Path, Path]:
    """Make a certificate for a host's name, and return it and its key."""
    certificate = folder / "server.crt"
    subject = ("-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}")
    leaf = ("-addext", "basicConstraints=critical,CA:FALSE")
    issuer = ("-CA", str(ca), "-CAkey", str(ca.with_suffix(".key")))
    _openssl("req", "-x509", *issuer, *_new_key(certificate), *subject, *leaf)
    return certificate, certificate.with_suffix(".key")


def _new_key(certificate: Path) -> list[str]:
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout"]
    return [*key, str(certificate.with_suffix(".key")), "-out", str(certificate)]


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
