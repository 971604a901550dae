"""Another contract, without any Python of its own, is verified and measured by the same commands."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest
from showdown.explain.explanation import SCHEMA as EXPLANATION
from showdown.measure.results import SCHEMA, read_run
from showdown_stack import link
from typer.testing import Result

TODO = Path(__file__).parent / "todo"
Showdown = Callable[..., subprocess.CompletedProcess[str]]
Call = Callable[..., Result]


@pytest.fixture(scope="module", autouse=True)
def todo_state(session_folder: Path) -> Iterator[None]:
    """A $SHOWDOWN_STATE that these tests share, so that the data set is made only once."""
    folder = session_folder / "todo"
    folder.mkdir(mode=0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOWDOWN_STATE", str(folder))
        yield


def test_it_is_listed(showdown: Showdown) -> None:
    result = showdown("list", "--contract", TODO)
    assert result.returncode == 0, result.stderr
    assert "  threads    Python's own http.server" in result.stdout
    assert "  mixed  mostly reads, some writes" in result.stdout


def test_both_implementations_obey_it(showdown: Showdown) -> None:
    result = showdown("verify", "--contract", TODO, "--raw")
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.splitlines() == [
        f"{name:<11}every golden case is answered as the contract says" for name in ("threads", "starlette")
    ]
    assert "todo has no raw requests: --raw is left out" in result.stderr


def test_a_run_of_it_is_a_run_like_others(showdown: Showdown, reachable_folder: Path) -> None:
    folder = reachable_folder / "run"
    result = showdown("run", "--contract", TODO, "--profile", "smoke", "--no-twin", "--out", folder)
    assert result.returncode == 0, result.stdout + result.stderr
    jsonschema.validate(json.loads((folder / "results.json").read_text()), json.loads(SCHEMA.read_text()))
    run = read_run(folder)
    assert {(each.variant, each.scenario) for each in run.slices} == {
        (variant, scenario) for variant in ("threads", "starlette") for scenario in ("list", "mixed")
    }
    assert all(each.requests > 0 and each.errors == 0 for each in run.slices), [each.failures for each in run.slices]
    assert run.ceilings == []
    # In italics where it has no rank, as in a run of one block.
    report = (folder / "report.md").read_text().replace("*", "")
    assert "| threads " in report
    assert "| starlette " in report
    assert "the contract names no ceiling: pgbench is not measured" in report


def test_a_chain_is_measured_and_explained(showdown: Showdown, reachable_folder: Path) -> None:
    folder = reachable_folder / "run"
    arguments = ["--profile", "smoke", "--scenarios", "list", "--no-twin", "--out", folder]
    result = showdown("explain", "threads-to-starlette", "--contract", TODO, *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    assert {"results.json", "explanation.json", "report.md", "list-steps.svg"} <= {
        path.name for path in folder.iterdir()
    }
    jsonschema.validate(json.loads((folder / "results.json").read_text()), json.loads(SCHEMA.read_text()))
    explanation = json.loads((folder / "explanation.json").read_text())
    jsonschema.validate(explanation, json.loads(EXPLANATION.read_text()))
    (scenario,) = explanation["scenarios"]
    (step,) = scenario["steps"]
    assert (step["step"]["name"], step["step"]["before"], step["step"]["after"]) == (
        "Starlette",
        "threads",
        "starlette",
    )
    assert all(scenario["levels"][name]["requests_per_second"]["value"] > 0 for name in ("threads", "starlette"))
    assert "Starlette" in result.stdout


def test_a_service_that_runs_already_is_verified_by_its_url(showdown: Showdown) -> None:
    program = Path(sys.executable).parent / "showdown"
    script = f'exec "{program}" verify --contract "{TODO}" --url "$SHOWDOWN_URL"'
    result = showdown("up", "--contract", TODO, "--variant", "starlette", "--", "sh", "-c", script)
    assert result.returncode == 0, result.stdout + result.stderr
    first, second = result.stdout.splitlines()
    assert first.endswith(": every golden case is answered as the contract says")
    assert "is still in the service's database" in second


def test_one_that_does_not_start_is_not_one_that_breaks_the_contract(
    showdown: Showdown, reachable_folder: Path
) -> None:
    folder = reachable_folder / "todo"
    shutil.copytree(TODO, folder)
    variants = folder / "variants.toml"
    variants.write_text(
        variants.read_text()
        .replace('["python", "threads.py"]', '["python", "-c", "raise SystemExit(3)"]')
        .replace('["python", "starlette_app.py"]', '["python", "wrong.py"]')
    )
    service = (folder / "starlette_app.py").read_text()
    (folder / "wrong.py").write_text(service.replace('{"error": "not found"}, 404', '{"error": "gone"}, 404'))
    result = showdown("verify", "--contract", folder)
    assert result.returncode == 1
    assert "threads    did not start" in result.stdout
    assert "threads exited with code 3 at start." in result.stdout
    assert "starlette  1 fault(s)" in result.stdout
    assert 'body.error is "gone", expected "not found"' in result.stdout
    assert result.stderr.endswith("these break the contract: starlette; these did not start: threads\n")


def test_a_file_of_ones_own_goes_with_it(showdown: Showdown, reachable_folder: Path) -> None:
    shutil.copy(TODO / "threads.py", reachable_folder)
    mine = reachable_folder / "mine.toml"
    mine.write_text(
        (TODO / "variants.toml").read_text().partition("[variants.starlette]")[0].replace("threads", "mine", 2)
    )
    result = showdown("verify", "--contract", TODO, "--variants-file", mine, "--variants", "mine,threads")
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.splitlines() == [
        f"{name:<9}every golden case is answered as the contract says" for name in ("mine", "threads")
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verify", "--url", "https://example.org"], "--url https://example.org: say http://HOST:PORT"),
        (
            ["verify", "--url", "http://127.0.0.1:1", "--raw", "--variants", "threads"],
            "--url http://127.0.0.1:1 does not go with --variants, --raw: leave it out",
        ),
        (
            ["verify", "--url", "http://127.0.0.1:1", "--variants-file", "mine.toml"],
            "--url http://127.0.0.1:1 does not go with --variants-file: leave it out",
        ),
        (["run", "--size", "5"], "--size does not go with todo, whose data set has one size: leave it out"),
        (["run", "--stack", "terraform"], "--stack terraform does not go with --contract: leave it out"),
        (["run", "--variants", "thread"], "there is no variant 'thread': did you mean threads?"),
    ],
)
def test_what_does_not_go_together_is_told(call: Call, arguments: list[str], message: str) -> None:
    result = call(*arguments, "--contract", TODO)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"showdown: {message}")


@pytest.mark.skipif(link.program() is None, reason=link.NOT_BUILT)
def test_a_chain_is_measured_over_latency(showdown: Showdown, reachable_folder: Path) -> None:
    folder = reachable_folder / "run"
    arguments = ["--profile", "smoke", "--scenarios", "list", "--latency", "0,5ms", "--no-twin", "--out", folder]
    result = showdown("explain", "threads-to-starlette", "--contract", TODO, *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    explanation = json.loads((folder / "explanation.json").read_text())
    jsonschema.validate(explanation, json.loads(EXPLANATION.read_text()))
    (over,) = explanation["over_latency"]
    modelled = {(each["variant"], each["latency_ms"]): each for each in over["modelled"]}
    assert modelled.keys() == {(variant, latency) for variant in ("threads", "starlette") for latency in (0, 5)}
    assert all(each["round_trips_per_request"] > 0 for each in modelled.values())
    run = read_run(folder)
    assert run.latency_ms == {"list-0ms": 0, "list-5ms": 5}
    assert all(each.link and each.tiers["link"].cpu_us_per_request for each in run.slices)
    assert "list over the latency of a round trip" in result.stdout
