"""Takes the places of this machine out of a text that results keep: they tell others nothing, and who measured."""

from pathlib import Path

from showdown_contract.files import CHECKOUT


def without_places(text: str, folder: Path) -> str:
    """Paths are relative to the run's folder, to the checkout, or to the user's home."""
    shown = {folder.absolute(): "", folder.resolve(): "", CHECKOUT: "", Path.home(): "~/"}
    for place, name in shown.items():
        if place != place.parent:
            text = text.replace(f"{place}/", name)
    return text
