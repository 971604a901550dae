"""faults.toml is read, and what is wrong in one is told with its place."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from showdown.contract.contract import load_contract
from showdown.faults.fault_file import FILE, FaultFile, load_fault_file
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT

CONTRACT = load_contract()
FAULT = """
description = "d"
does = "d"
scenario = "mixed"
seconds = 1
watched_seconds = 1
"""


def read(text: str, folder: Path) -> FaultFile:
    (folder / FILE).write_text(text)
    scenarios = folder / "scenarios.toml"
    shutil.copy(CONTRACT.file.scenarios, scenarios)
    return load_fault_file(replace(CONTRACT, file=CONTRACT.file.model_copy(update={"scenarios": scenarios})))


def test_the_faults_of_the_recipes_are_those_of_the_issue() -> None:
    assert list(load_fault_file(CONTRACT).faults) == [
        "worker-killed", "service-terminated", "rolling-restart", "descriptors-used-up", "backend-killed",
        "postmaster-killed", "postgres-frozen", "pool-held", "disk-full", "pgbouncer-restarted", "haproxy-reloaded",
        "haproxy-restarted", "connections-cut", "postgres-far", "upstream-frozen", "upstream-slow",
    ]  # fmt: skip


def test_in_a_rolling_restart_no_request_may_fail() -> None:
    assert [name for name, fault in load_fault_file(CONTRACT).faults.items() if not fault.may_fail] == [
        "rolling-restart"
    ]


def test_a_contract_may_have_none() -> None:
    todo = load_contract(CHECKOUT / "loadtests/tests/todo")
    with pytest.raises(ShowdownError, match=r"todo has no faults: there is no .*/todo/faults\.toml"):
        load_fault_file(todo)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f'{FAULT}action = "kill-wroker"', "faults.f.action: .*did you mean kill-worker"),
        (f'{FAULT.replace("mixed", "mixd")}action = "kill-worker"', "faults.f.scenario: .*did you mean mixed"),
        (f'{FAULT}action = "kill-worker"\nsecond = 1', "faults.f.second: .*did you mean seconds"),
        (f'{FAULT}action = "kill-worker"\ninstances = 9', "faults.f.instances: "),
        (f'{FAULT}action = "kill-worker"\ntiers = ["disc"]', "faults.f.tiers.0: "),
    ],
    ids=["action", "scenario", "field", "instances", "tier"],
)
def test_what_is_wrong_is_told_with_its_place(text: str, place: str, tmp_path: Path) -> None:
    head = '[acknowledged]\nkind = "note-create"\ntable = "notes"\n[faults.f]'
    with pytest.raises(ShowdownError, match=place):
        read(f"{head}\n{text}\n", tmp_path)


def test_a_kind_of_request_that_there_is_not_is_told(tmp_path: Path) -> None:
    text = f'[acknowledged]\nkind = "note-crate"\ntable = "notes"\n[faults.f]\n{FAULT}action = "kill-worker"\n'
    with pytest.raises(ShowdownError, match="did you mean note-create"):
        read(text, tmp_path)
