"""What stops clientlint, or keeps it from checking a file."""


class ClientlintError(Exception):
    """Wrong options or configuration: nothing was checked."""


class SourceError(Exception):
    """A file that cannot be checked. The others are."""
