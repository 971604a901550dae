"""TLS to Postgres: either the server's name is verified, or there is no TLS."""

import ssl
from urllib.parse import parse_qs, urlsplit

_MODE, _CA_FILE = "sslmode", "sslrootcert"


def ca_file(url: str) -> str | None:
    """The file of the CA that has signed the server's certificate; None for no TLS.

    Raises ValueError with a text for users.
    """
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
    """TLS that accepts only a certificate of this CA for the host that is connected to.

    Raises ValueError with a text for users.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(file)
    except OSError as error:
        raise ValueError(f"{_CA_FILE}={file} cannot be used ({error.strerror})") from None
    return context
