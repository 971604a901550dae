"""Work is planted by another program, which is told where and how much."""

import os
import subprocess
import sys

import pytest
from showdown.contenders.planting import Planting
from showdown.contract.contract import load_contract
from showdown_contract.files import CHECKOUT

PLANTING = Planting(
    variable="PLANTED",
    layers={"driver": "in the driver", "framework": "before it"},
    commands={"app:app": ["--pythonpath", "planted", "planted:app"]},
)


@pytest.mark.parametrize(
    ("command", "planted"),
    [
        (["gunicorn", "app:app"], ["gunicorn", "--pythonpath", "planted", "planted:app"]),
        (["uvicorn", "another:app"], None),
    ],
)
def test_a_word_of_a_command_gives_way_to_others(command: list[str], planted: list[str] | None) -> None:
    assert PLANTING.can(command) == (planted is not None)
    assert PLANTING.command(command) == (planted or command)


def test_the_program_is_told_where_and_how_much() -> None:
    assert PLANTING.environment("driver", 200) == {"PLANTED": "driver=200"}


def test_the_contracts_own_program_has_the_layers_that_its_file_names() -> None:
    planting = load_contract().variants.planting
    assert planting
    environment = {**os.environ, "DATABASE_URL": "postgresql://ada@db.test/showdown", "PLANTED": "nowhere=1"}
    program = [sys.executable, "-c", "import planted"]
    folder = CHECKOUT / "loadtests" / "virtual"
    result = subprocess.run(program, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr == f"PLANTED=nowhere=1: there is no layer 'nowhere': there are {', '.join(planting.layers)}\n"
