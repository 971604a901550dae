"""The files of a block's load lie beside each other."""

from pathlib import Path

from showdown.generators.load import Load


def test_a_generators_files_start_alike_even_where_a_name_has_a_dot() -> None:
    load = Load(scenarios={}, users=1, size=1, files=Path("blocks/1.v2"))
    assert load.file(".json") == Path("blocks/1.v2.json")
    assert load.file("-urls.txt") == Path("blocks/1.v2-urls.txt")
