"""What services say of their own memory when they stop: lines of JSON in their logs, with a member `growers`."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from showdown.contenders.variants import Variant
from showdown.measure.results import MOST_GROWERS, Grower

MEMBER = '"growers"'
# The lines of all processes have room in it; the log itself may be of any size.
MOST_TAIL_BYTES = 2**20


class _Said(BaseModel):
    growers: list[Grower] = Field(max_length=MOST_GROWERS)


def growers(logs: Path, name: str, variant: Variant) -> list[Grower]:
    """Of the service's processes together, the largest first; empty where it says nothing.

    `logs`: their folder. A service that was started several times is taken as it stopped last.
    """
    said = [each for line in _last_lines(logs / f"{name}.log") if (each := _read(line))]
    mib: dict[str, float] = {}
    blocks: dict[str, int] = {}
    # Each of its processes says so once.
    for one in (grower for each in said[-variant.workers :] for grower in each.growers):
        mib[one.line] = mib.get(one.line, 0.0) + one.mib
        blocks[one.line] = blocks.get(one.line, 0) + one.blocks
    largest = sorted(mib, key=lambda line: -mib[line])[:MOST_GROWERS]
    return [Grower(line=line, mib=mib[line], blocks=blocks[line]) for line in largest]


def _last_lines(log: Path) -> Iterable[str]:
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - MOST_TAIL_BYTES))
            return file.read().decode(errors="replace").splitlines()
    except OSError:
        return []


def _read(line: str) -> _Said | None:
    if MEMBER not in line:
        return None
    try:
        return _Said.model_validate_json(line)
    except ValidationError:
        return None
