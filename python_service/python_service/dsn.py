"""What of a database's URL may be shown."""

from urllib.parse import parse_qsl, urlsplit, urlunsplit

SCHEMES = {"postgresql", "postgres"}
# The parameters of a DSN that hold no password and may be shown.
PUBLIC_PARAMETERS = {"sslmode", "sslrootcert", "application_name"}


def without_password(url: str) -> str:
    """The URL with *** in place of its password; only *** where a password may be anywhere else."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "***"
    user, colon, _ = parts.netloc.rpartition("@")[0].partition(":")
    # A password with a / or an @ in it is cut in two, and keywords or parameters may hold one.
    if parts.scheme not in SCHEMES or not host or "@" in user + parts.path + parts.fragment or _secret(parts.query):
        return "***"
    return urlunsplit(parts._replace(netloc=f"{user}:***@{parts.netloc.rpartition('@')[2]}")) if colon else url


def _secret(query: str) -> bool:
    """Whether a URL's parameters may hold a password."""
    return "@" in query or not {name for name, _ in parse_qsl(query, keep_blank_values=True)} <= PUBLIC_PARAMETERS
