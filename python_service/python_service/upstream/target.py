"""Where the upstream is, and how a client knows it."""

import ssl
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """The upstream."""

    url: str
    """https://host:port."""
    ca_file: str | None
    """The CA of the upstream's certificate; None where it is one that this system trusts anyway."""
    seconds: float
    """How long one call may take at most."""
    http2: bool
    """Whether clients offer HTTP/2."""

    @property
    def host(self) -> str:
        """host:port."""
        return self.url.removeprefix("https://")

    def context(self) -> ssl.SSLContext:
        """A TLS context as a client makes it: all CAs that this system trusts are loaded, and the upstream's.

        Raises ValueError with a text for users.
        """
        context = ssl.create_default_context()
        if self.ca_file is not None:
            try:
                context.load_verify_locations(self.ca_file)
            except OSError as error:
                raise ValueError(f"UPSTREAM_CA={self.ca_file!r} cannot be used ({error.strerror})") from None
        return context
