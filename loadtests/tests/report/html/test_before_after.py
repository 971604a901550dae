"""The page of two runs says what the terminal says."""

import pytest
from made_up_runs import SCENARIO, made_up_run
from showdown.judge.differences import differences
from showdown.measure.results import Run
from showdown.report.html.before_after import before_after

HOSTILE = "</script><script>window.hacked = 1</script>"


@pytest.fixture
def before() -> Run:
    return made_up_run({"slow": 1000.0, "fast": 2000.0})


@pytest.fixture
def after() -> Run:
    return made_up_run({"slow": 1000.0, "fast": 1500.0})


def test_what_is_established_is_the_answer(before: Run, after: Run) -> None:
    made = before_after(before, after, differences(before, after), [])
    assert "Established differences: fast (slower, more CPU)." in made
    assert f'id="title-{SCENARIO}"' in made


def test_where_nothing_differs_it_says_so(before: Run) -> None:
    made = before_after(before, before, differences(before, before), [])
    assert "No difference is established." in made
    assert "What else differs" not in made


def test_what_else_differs_and_both_commands_are_told(before: Run, after: Run) -> None:
    before.command, after.command = "showdown run --seed 1", "showdown run --seed 2"
    made = before_after(before, after, differences(before, after), ["commit: a, and b"])
    for text in ("commit: a, and b", before.command, after.command, "the same × baseline"):
        assert text in made


def test_texts_of_others_are_only_text(before: Run, after: Run) -> None:
    after.command = HOSTILE
    made = before_after(before, after, differences(before, after), [HOSTILE])
    assert HOSTILE not in made
    assert made.count("&lt;script&gt;window.hacked") == 2
