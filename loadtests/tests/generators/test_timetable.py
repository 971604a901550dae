"""A timetable survives its file."""

from dataclasses import replace
from pathlib import Path

from showdown.generators.arrivals import moments
from showdown.generators.timetable import TIMETABLE, Entry, write_timetable

ENTRY = Entry(100.0, 100.2, 102.2, 102.25, 102.5, "http://127.0.0.1:1", "healthz", 50, "1 1 1", "random")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_timetable(tmp_path / "timetable.json", [ENTRY, ENTRY])
    assert TIMETABLE.validate_json((tmp_path / "timetable.json").read_bytes()) == [ENTRY, ENTRY]


def test_an_entry_with_a_rate_knows_when_its_requests_are_due(tmp_path: Path) -> None:
    rated = replace(ENTRY, rate=4.0)
    write_timetable(tmp_path / "timetable.json", [rated])
    (read,) = TIMETABLE.validate_json((tmp_path / "timetable.json").read_bytes())
    assert read == rated
    assert list(read.moments()) == list(moments(100.0, 102.25, 4.0, "constant", "1 1 1"))
    assert len(list(read.moments((1, 2)))) == len(list(read.moments())) // 2
