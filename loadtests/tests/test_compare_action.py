"""The script of .github/actions/compare measures both checkouts, and fails if the second is worse."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from made_up_runs import made_up_run
from showdown.measure.results import write_run
from showdown.report.exports.comparison import ComparedRuns
from showdown_contract.files import CHECKOUT

SCRIPT = CHECKOUT / ".github" / "actions" / "compare" / "compare.sh"
SHOWDOWN = Path(sys.executable).parent / "showdown"
# In the place of minutes of measuring: the run that is prepared for the checkout. All else is the real command.
STAND_IN = """
if [ "$1" != run ]; then exec {showdown} "$@"; fi
echo "$*" >> {folder}/told
while [ $# -gt 0 ]; do
    case "$1" in
        --variants-file) checkout=$(dirname "$2");;
        --out) out=$2;;
    esac
    shift
done
cp -r "$checkout/run" "$out"
"""
pytestmark = pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
Compare = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def compare(tmp_path: Path, stand_in: Callable[[str, str], None]) -> Compare:
    """Runs the script; `speed`: of the contender in the second checkout, in the first it is 2,000 req/s."""

    def run(speed: float, *, baseline: str = "axum", **inputs: str) -> subprocess.CompletedProcess[str]:
        for name, mine in (("base", 2000.0), ("head", speed)):
            (tmp_path / name / "run").mkdir(parents=True)
            write_run(made_up_run({baseline: 1000.0, "mine": mine}), tmp_path / name / "run")
        stand_in("showdown", STAND_IN.format(showdown=SHOWDOWN, folder=tmp_path))
        environment = {
            **os.environ,
            "VARIANTS_FILE": "variants.toml",
            "VARIANTS": "mine,axum",
            "SCENARIOS": "",
            "PROFILE": "quick",
            "FAIL_IF_WORSE": "true",
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            **inputs,
        }
        words = [SCRIPT, tmp_path / "base", tmp_path / "head", tmp_path / "results"]
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)

    return run


def test_what_is_worse_fails_the_step_after_all_is_told(compare: Compare, tmp_path: Path) -> None:
    result = compare(1500.0)
    assert result.returncode == 3, result.stderr
    assert "established to be worse, as a ratio to the baseline: mine, recipe-detail, req/s" in result.stderr
    summary = (tmp_path / "summary").read_text()
    assert "slower" in summary
    assert summary.count("<!-- showdown export") == 2
    assert (tmp_path / "output").read_text() == f"results={tmp_path / 'results'}\n"
    compared = ComparedRuns.model_validate_json((tmp_path / "results" / "comparison.json").read_text())
    assert any(one.is_established and not one.is_better for one in compared.differences)


def test_a_baseline_that_the_pull_request_may_change_is_refused(compare: Compare) -> None:
    result = compare(2000.0, baseline="another")
    assert result.returncode == 1
    assert result.stdout.startswith(
        "::error::the baseline of variants.toml is another, which a pull request may change"
    )


def test_both_checkouts_are_measured_in_the_same_way_and_what_is_better_is_no_failure(
    compare: Compare, tmp_path: Path
) -> None:
    result = compare(2500.0, SCENARIOS="recipe-list", PROFILE="full")
    assert result.returncode == 0, result.stderr
    assert "faster" in result.stdout
    before, after = (tmp_path / "told").read_text().splitlines()
    assert before.replace(str(tmp_path / "base"), "X").replace("/before", "") == after.replace(
        str(tmp_path / "head"), "X"
    ).replace("/after", "")
    assert "--variants mine,axum --profile full --scenarios recipe-list" in after
