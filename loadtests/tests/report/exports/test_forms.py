"""Each export is what the committed golden file says, byte for byte: other programs read it."""

from typing import get_args

import pytest
from exported_runs import FILES, GOLDEN, exported
from showdown.report.exports.forms import EXPORTS, ExportName


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_as_before(name: ExportName) -> None:
    written = EXPORTS[name](exported())
    assert written == (GOLDEN / FILES[name]).read_text(), (
        "if the new form can be read like the old one, type: python loadtests/tests/exported_runs.py; "
        "otherwise it needs a new version, too"
    )


def test_every_form_has_a_name_for_the_command_and_a_golden_file() -> None:
    assert {*EXPORTS} == {*get_args(ExportName)} == {*FILES}
    assert {path.name for path in GOLDEN.iterdir()} == {*FILES.values()}
