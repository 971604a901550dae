"""`showdown explain --virtual` from end to end: each layer of a real service does the work that is planted there."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from statistics import median

import jsonschema
import pytest
from showdown.contract.contract import load_contract
from showdown.explain.explanation import SCHEMA as EXPLANATION
from showdown.measure.results import SCHEMA, Run, read_run
from showdown.measure.resume import resumed_plan

Showdown = Callable[..., subprocess.CompletedProcess[str]]
# So much that it is told from what else a request costs, whatever else the machine does.
PLANTED_US = 20_000


@pytest.fixture(scope="module")
def folder(showdown: Showdown, seeded_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert seeded_state.exists()
    folder = tmp_path_factory.mktemp("virtual") / "run"
    told = ["--virtual", "starlette", "--microseconds", str(PLANTED_US), "--profile", "smoke", "--no-twin"]
    result = showdown("explain", *told, "--out", folder)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    return read_run(folder)


def cpu_us(run: Run, variant: str) -> float:
    return median(one.tiers["service"].cpu_us_per_request or 0.0 for one in run.slices if one.variant == variant)


@pytest.mark.parametrize("layer", ["framework", "driver", "serializer"])
def test_the_work_is_done_at_each_layer(run: Run, layer: str) -> None:
    assert cpu_us(run, f"starlette.{layer}-{PLANTED_US}us") > PLANTED_US / 2 > cpu_us(run, "starlette.0us")


def test_results_and_explanation_obey_their_schemas(folder: Path) -> None:
    for file, schema in (("results.json", SCHEMA), ("explanation.json", EXPLANATION)):
        jsonschema.validate(json.loads((folder / file).read_text()), json.loads(schema.read_text()))
    found = json.loads((folder / "explanation.json").read_text())["virtual"]
    assert [each["layer"] for each in found] == ["framework", "driver", "serializer"]


def test_such_a_run_can_be_gone_on_with(run: Run, tmp_path: Path) -> None:
    stopped = run.model_copy(update={"finished_at": None})
    (tmp_path / "results.json").write_text(stopped.model_dump_json())
    plan = resumed_plan(tmp_path, None, load_contract())
    assert plan.variants.keys() == run.variants.keys()
    assert plan.virtual == run.virtual
