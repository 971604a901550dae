"""What the methodology says of known differences is what the runs that are kept show."""

import pytest
from known_differences import RUNS, runs, tell
from showdown.measure.kept import KEPT
from showdown_contract.files import CHECKOUT

FOLDER = KEPT / "known-differences"


def test_what_the_methodology_says_is_derived_from_the_runs(capsys: pytest.CaptureFixture[str]) -> None:
    found = runs(FOLDER, RUNS, [])
    capsys.readouterr()
    for adjusted in (False, True):
        tell(found, adjusted=adjusted)
    said = capsys.readouterr().out.strip()
    assert said in (CHECKOUT / "docs/methodology.md").read_text()
