"""A timetable survives its file."""

from pathlib import Path

from showdown.generators.timetable import TIMETABLE, Entry, write_timetable

ENTRY = Entry(100.0, 100.2, 102.2, 102.25, 102.5, "http://127.0.0.1:1", "healthz", 50, "1 1 1", "random")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_timetable(tmp_path / "timetable.json", [ENTRY, ENTRY])
    assert TIMETABLE.validate_json((tmp_path / "timetable.json").read_bytes()) == [ENTRY, ENTRY]
