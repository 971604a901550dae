"""Which options of a command go together."""

from collections.abc import Mapping

from showdown_contract.errors import ShowdownError

from showdown.console import View


def refuse(choice: str, options: Mapping[str, object]) -> None:
    """Raise ShowdownError if an option was given that has no meaning together with `choice`."""
    if given := [name for name, value in options.items() if value]:
        raise ShowdownError(f"{choice} does not go with {', '.join(given)}: leave it out")


def chosen_view(*, wide: bool, as_json: bool) -> View:
    """Raises ShowdownError."""
    if as_json:
        refuse("--json", {"--wide": wide})
    return "json" if as_json else "wide" if wide else "table"
