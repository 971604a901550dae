"""The command: wrong arguments give one clear message, a non-zero exit code and no traceback."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import typer
from made_up_runs import made_up_run
from made_up_sweeps import made_up_sizes
from showdown.cli import app
from showdown.commands import keep as keep_command
from showdown.measure import kept
from showdown.measure.results import Run, write_run
from showdown.report.readme import BEGIN, END
from showdown.sweep.folders import keep_sweep
from showdown_contract.files import CHECKOUT
from showdown_stack.ports import LOOPBACK
from typer.testing import Result

Showdown = Callable[..., subprocess.CompletedProcess[str]]
Call = Callable[..., Result]
StandIn = Callable[[str, str], None]
Apply = Callable[[dict[str, Any]], None]


def test_list_shows_all_there_is(showdown: Showdown) -> None:
    result = showdown("list")
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["variants", "scenarios", "profiles", "chains"]
    described = {name: rest.strip() for name, _, rest in (line.strip().partition(" ") for line in lines)}
    assert described["axum"] == "Rust as well as it goes: one cached statement"
    assert described["axum-2022-random"].endswith("(measured only when named)")
    # One column, however long a name is.
    assert len({line.index(described[line.split()[0]]) for line in lines[1:4]}) == 1
    assert any(line.startswith("  recipe-detail ") for line in lines)
    assert any(line.startswith("  smoke ") for line in lines)


def commands(of: Any = None, *words: str) -> Iterator[tuple[str, ...]]:
    """The words of each command in the tree."""
    of = of or typer.main.get_command(app)
    below = getattr(of, "commands", {})
    if not below:
        yield words
    for word, command in below.items():
        yield from commands(command, *words, word)


@pytest.mark.parametrize("command", [*commands()], ids=" ".join)
def test_every_command_explains_itself_and_has_json(call: Call, command: tuple[str, ...]) -> None:
    assert command[0] in call("--help").stdout
    result = call(*command, "--help", COLUMNS="200")
    assert result.exit_code == 0
    assert f"showdown {' '.join(command)}" in result.stdout
    # cloud-run passes options on to run, --json among them.
    assert "Print one JSON document on stdout, and no tables." in result.stdout or command == ("cloud-run",)


@pytest.mark.parametrize("runs", [[made_up_run({"a": 100.0})], made_up_sizes({"a": {"300": 100.0, "2000": 90.0}})])
def test_what_is_kept_is_told_as_json(
    runs: list[Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [tmp_path / "run"] if len(runs) == 1 else [tmp_path / "run" / f"size-{run.size}" for run in runs]
    for folder, run in zip(folders, runs, strict=True):
        folder.mkdir(parents=True)
        write_run(run, folder)
    monkeypatch.setattr(keep_command, "keep", partial(kept.keep, kept=tmp_path / "kept"))
    monkeypatch.setattr(keep_command, "keep_sweep", partial(keep_sweep, kept=tmp_path / "kept"))
    keep_command.main("it", tmp_path / "run", as_json=True)
    told = kept.Kept.model_validate_json(capsys.readouterr().out)
    assert len(told.folders) == len(runs)
    assert all((Path(folder) / "results.json.xz").exists() for folder in told.folders)
    assert all(Path(report).exists() for report in told.reports)
    assert [Path(report).name for report in told.reports] == ["report.md" for _ in runs] + ["sweep.md"] * (
        len(runs) > 1
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--variants", "axun"], "there is no variant 'axun': did you mean axum? there are django-2022,"),
        (["verify", "--variants", "axun"], "there is no variant 'axun': did you mean axum?"),
        (["up", "--json", "--", "true"], "--json does not go with a command: leave it out"),
        (["up", "--variant", "axun"], "there is no variant 'axun': did you mean axum?"),
        (["run", "--scenarios", "recipes"], "there is no scenario 'recipes': "),
        (["run", "--profile", "tiny"], "there is no profile 'tiny': there are smoke, quick, full"),
        (["run", "--variants", ","], "no variant is named: there are django-2022,"),
        (["run", "--out", "/proc/showdown"], "cannot write to /proc/showdown"),
        (
            ["run", "--stack", "terraform", "--direct", "--dsn", "postgresql://db/empty"],
            "--stack terraform does not go with --direct, --dsn: leave it out",
        ),
        (
            ["run", "--stack", "terraform", "--generator", "oha", "--pgbouncer", "session"],
            "--stack terraform does not go with --generator oha, --pgbouncer: leave it out",
        ),
        (
            ["run", "--stack", "terraform", "--profile-with", "perf"],
            "--stack terraform does not go with --profile-with: leave it out",
        ),
        (
            ["run", "--stack", "terraform", "--latency", "2ms"],
            "--stack terraform does not go with --latency: leave it out",
        ),
        (
            ["run", "--stack", "hosts", "--inventory", "hosts.toml", "--dsn", "postgresql://db/empty"],
            "--stack hosts does not go with --dsn: leave it out",
        ),
        (["run", "--inventory", "hosts.toml"], "--stack local does not go with --inventory: leave it out"),
        (
            ["run", "--stack", "terraform", "--inventory", "hosts.toml"],
            "--stack terraform does not go with --inventory: leave it out",
        ),
        (["run", "--stack", "hosts"], "name the file that lists the hosts with --inventory: infra/inventory.example"),
        (["run", "--stack", "hosts", "--inventory", "/none.toml"], "/none.toml: No such file or directory"),
        (["prepare-hosts", "--inventory", "/none.toml"], "/none.toml: No such file or directory"),
        (["run", "--latency", "2s"], "--latency 2s: 2s is no latency from 0 to 1000 ms: say --latency 2ms, or 0,1,2ms"),
        (["explain", "rust-puzzle", "--latency", ","], "--latency names none: say --latency 2ms, or several: 0,1,2ms"),
        (["run", "--most-minutes", "5"], "a run without --until does not go with --most-minutes: leave it out"),
        (["run", "--until", "3%", "--resume", "/"], "--resume does not go with --until: leave it out"),
        (["run", "--service-hosts", "2"], "--stack local does not go with --service-hosts: leave it out"),
        (["run", "--rate", "500"], "--rate '500' is no rate: say 500/s, or 70% of each variant's own capacity"),
        (["run", "--rate", "500/s", "--generator", "oha"], "--rate does not go with --generator oha: leave it out"),
        (["run", "--arrivals", "poisson"], "--arrivals poisson is of requests that arrive at a rate: say --rate, too"),
        (["capacity", "--p99", "50"], "--p99 '50' is no latency: say 50ms, or 0.2s"),
        (["capacity", "--p99", "50ms", "--variants", "axun"], "there is no variant 'axun': did you mean axum?"),
        (["faults", "--faults", "worker-kiled"], "there is no fault 'worker-kiled': did you mean worker-killed?"),
        (["explain", "sync-to-asink"], "there is no chain 'sync-to-asink': did you mean sync-to-async? there are "),
        (["explain", "sync-to-async", "--profile", "tiny"], "there is no profile 'tiny': there are smoke, quick, full"),
        (
            ["explain", "sync-to-async", "--contract", str(CHECKOUT / "loadtests" / "tests" / "calibration")],
            "calibration has no chains: contract.toml names no file of them",
        ),
        (["explain"], "name a chain, of which `showdown list` has all, or a variant with --virtual"),
        (["explain", "sync-to-async", "--layers", "driver"], "a chain does not go with --layers: leave it out"),
        (
            ["explain", "sync-to-async", "--virtual", "starlette"],
            "--virtual does not go with the chain sync-to-async: leave it out",
        ),
        (["explain", "--virtual", "axum"], "--virtual axum: no work can be planted in its program; it can in "),
        (
            ["sweep", "pool"],
            "'pool' is no sweep: say a knob or users, rows, latency or size, and its values: pool=2,5,10",
        ),
        (
            ["sweep", "pol=1,2"],
            "there is no knob 'pol': did you mean pool? there are users, rows, latency, size, workers, pool,",
        ),
        (["sweep", "latency=0,2s"], "latency=2s: 2s is no latency from 0 to 1000 ms"),
        (["sweep", "pool=1,2", "--variants", "axun"], "there is no variant 'axun': did you mean axum?"),
        (["sweep", "size=300,2000", "--out", "/proc/showdown"], "cannot write to /proc/showdown"),
        (["run", "--identity", "key"], "--stack local does not go with --identity: leave it out"),
        (["reproduce", "/"], "/results.json: No such file or directory: name the folder of a run"),
        (["compare", "/", "/"], "/results.json: No such file or directory: name the folder of a run"),
        (["keep", "quick", "/"], "/results.json: No such file or directory: name the folder of a run"),
        (["keep", "../quick", "/"], "'../quick' is no name: "),
        (["report", "/"], "/results.json: No such file or directory: name the folder of a run"),
    ],
)
def test_what_is_not_there_is_explained(call: Call, arguments: list[str], message: str) -> None:
    result = call(*arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"showdown: {message}")
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--size", "0"], "Invalid value for '--size'"),
        (["up", "--port", "70000"], "Invalid value for '--port'"),
        (["run", "--stack", "kubernetes"], "Invalid value for '--stack'"),
        (["run", "--generator", "wrk"], "Invalid value for '--generator'"),
        (["run", "--until", "3"], "'3' is not a percentage from 0.1% to 50%, such as 3%"),
        (["run", "--until", "0%"], "'0%' is not a percentage from 0.1% to 50%"),
        (["run", "--until", "nan%"], "'nan%' is not a percentage from 0.1% to 50%"),
        (["run", "--until", "3%", "--most-minutes", "0"], "Invalid value for '--most-minutes'"),
        (["run", "--fast"], "No such option: --fast"),
        (["fly"], "No such command 'fly'"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(call: Call, arguments: list[str], message: str) -> None:
    result = call(*arguments, NO_COLOR="1", COLUMNS="200")
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.fixture
def without_terraform(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "PATH": str(tmp_path)}


@pytest.mark.parametrize("command", [["run", "--stack", "terraform"], ["cloud-cost"], ["cloud-run", "--yes"]])
def test_without_terraform_there_is_no_cloud(
    showdown: Showdown, without_terraform: dict[str, str], command: list[str]
) -> None:
    result = showdown(*command, env=without_terraform)
    assert result.returncode == 1
    assert result.stderr == "showdown: neither terraform nor tofu is installed: see infra/README.md\n"


def test_where_nothing_is_applied_nothing_is_measured(call: Call, apply: Apply, tmp_path: Path) -> None:
    apply({})
    result = call("run", "--stack", "terraform", "--out", tmp_path / "run")
    assert result.exit_code == 1
    assert result.stderr.startswith("showdown: nothing is applied in ")
    assert not (tmp_path / "run").exists()


@pytest.fixture
def two_hosts(apply: Apply, applied: dict[str, Any]) -> None:
    """A stack of two service hosts is applied."""
    apply(applied)


@pytest.mark.usefixtures("two_hosts")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--service-hosts", "two"], "--service-hosts is a list of numbers such as 1,2,3, not 'two'"),
        (["--service-hosts", "1,3"], "--service-hosts 1,3: choose from 1 to 2, or apply with a larger service_count"),
        (
            ["--variants", "starlette"],
            "starlette on 2 host(s) needs 40 database connections and there are 25: apply with pool_size = 40",
        ),
    ],
)
def test_hosts_that_will_not_do_are_told_before_anything_starts(
    call: Call, tmp_path: Path, arguments: list[str], message: str
) -> None:
    result = call("run", "--stack", "terraform", "--out", tmp_path / "run", *arguments)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"showdown: {message}",
        # The last line of every run in a cloud, however it ends.
        "showdown: the hosts and the database cost 0.22 USD an hour until `terraform -chdir=infra destroy`",
    ]
    assert not (tmp_path / "run").exists()


def test_a_clouds_cost_is_shown(call: Call, stand_in: StandIn) -> None:
    item = {"name": "service", "count": 3, "size": "s-2vcpu-4gb-intel", "usd_per_month": 84}
    cost = json.dumps(json.dumps({"items": [item], "usd_per_month": 84, "usd_per_hour": 0.125}))
    stand_in("terraform", f"""case "$*" in *" -var=service_count=3"*) ;; *) exit 1;; esac; echo '{cost}'""")
    result = call("cloud-cost", "--var", "service_count=3")
    assert result.exit_code == 0, result.stderr
    assert "84.00" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("0.12 USD for each hour")


def test_a_cost_that_terraform_refuses_is_explained_in_its_words(call: Call, stand_in: StandIn) -> None:
    stand_in("terraform", "echo 'Error: a size without a price' >&2; exit 1")
    result = call("cloud-cost")
    assert result.exit_code == 1
    assert result.stderr.startswith("showdown: terraform console failed in ")
    assert result.stderr.endswith("\nError: a size without a price\n")


def test_a_run_that_was_broken_off_while_it_wrote_is_no_run(call: Call, tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text('{"schema_version": 1')
    result = call("report", tmp_path)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"showdown: {tmp_path}/results.json is not a result of this version of showdown")


def test_a_missing_build_tool_is_told_before_anything_starts(
    showdown: Showdown, empty_state: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    result = showdown("run", "--variants", "axum", "--out", out, env={**os.environ, "PATH": str(tmp_path)})
    assert result.returncode == 1
    assert "cargo is missing, with which these are built: axum" in result.stderr
    assert not list(empty_state.iterdir())


@pytest.mark.usefixtures("seeded_state")
def test_a_port_in_use_is_named(showdown: Showdown) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        result = showdown("up", "--port", str(port))
    assert result.returncode == 1
    assert f"showdown: port {port} on 127.0.0.1 cannot be used (Address already in use)" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_report_is_shown_and_written_again(showdown: Showdown, run: Run, tmp_path: Path) -> None:
    write_run(run, tmp_path)
    result = showdown("report", tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.rstrip().endswith(str(tmp_path / "report.md"))
    assert "pgbench" in result.stdout
    written = {path.name for path in tmp_path.iterdir()}
    assert written == {"results.json", "report.md", "report.html", "recipe-detail.svg"}


def test_all_columns_are_shown_where_they_are_asked_for(call: Call, run: Run, tmp_path: Path) -> None:
    write_run(run, tmp_path)
    assert "stmts/req" not in call("report", tmp_path).stdout
    wide = call("report", tmp_path, "--wide").stdout
    assert "stmts/req" in wide
    assert "hosts like the article's" in " ".join(wide.split())


def test_prices_of_ones_own_are_taken(call: Call, run: Run, tmp_path: Path) -> None:
    write_run(run, tmp_path)
    prices = tmp_path / "mine.toml"
    prices.write_text(
        (CHECKOUT / "loadtests" / "prices.toml").read_text().replace("hosts like the article's", "my own")
    )
    shown = call("report", tmp_path, "--wide", "--prices", prices).stdout
    assert "Costs are as on my own, " in " ".join(shown.split())


def test_exit_codes_are_told(call: Call) -> None:
    told = " ".join(call("--help").stdout.split())
    for code in ("0 it is done", "1 something failed", "2 the command line", "3 with --strict", "130 interrupted"):
        assert code in told


def test_a_number_that_is_not_to_be_published_is_code_3(call: Call, tmp_path: Path) -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    write_run(run, tmp_path)
    assert call("report", tmp_path, "--strict").exit_code == 0
    run.machine.swapped_mib = 1000.0
    write_run(run, tmp_path)
    assert call("report", tmp_path).exit_code == 0
    strict = call("report", tmp_path, "--strict")
    assert strict.exit_code == 3
    assert strict.stderr == ("showdown: not to be published as it is (swap): the verdicts say why, and what to do\n")
    # The table is shown all the same.
    assert "fast" in strict.stdout


@pytest.mark.parametrize("words", [("run",), ("explain", "psycopg"), ("explain", "--virtual", "starlette")])
def test_a_profiler_that_is_missing_ends_it_before_anything_is_built(
    showdown: Showdown, words: tuple[str, ...], tmp_path: Path
) -> None:
    result = showdown(*words, "--profile-with", "perf", env={**os.environ, "PATH": str(tmp_path)})
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "showdown: perf is missing: type 'apt install linux-perf', or your system's like\n"


def test_two_runs_are_compared(call: Call, tmp_path: Path) -> None:
    before, after = made_up_run({"slow": 1000.0, "fast": 2000.0}), made_up_run({"slow": 1000.0, "fast": 1500.0})
    for run, name in ((before, "before"), (after, "after")):
        (tmp_path / name).mkdir()
        write_run(run, tmp_path / name)
    result = call("compare", tmp_path / "before", tmp_path / "after")
    assert result.exit_code == 0
    assert any(line.split()[0] == "fast" and "slower" in line for line in result.stdout.splitlines() if line.split())
    after.size = 9
    write_run(after, tmp_path / "after")
    refused = call("compare", tmp_path / "before", tmp_path / "after")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == (
        "showdown: the data set differs: 2,000 recipes, and 9 recipes\n"
        "what differs would be of that, too: --anyway compares nevertheless\n"
    )
    anyway = call("compare", tmp_path / "before", tmp_path / "after", "--anyway")
    assert anyway.exit_code == 0
    assert "not the same in both – the data set differs: 2,000 recipes, and 9 recipes" in " ".join(
        anyway.stdout.split()
    )


def test_a_report_goes_between_a_readmes_markers(call: Call, run: Run, tmp_path: Path) -> None:
    folder, readme = tmp_path / "run", tmp_path / "README.md"
    folder.mkdir()
    write_run(run, folder)
    readme.write_text("no markers\n")
    result = call("report", folder, "--readme", readme)
    assert result.exit_code == 1
    assert f"showdown: {readme} has no lines {BEGIN} and {END}" in result.stderr

    readme.write_text(f"{BEGIN}\n{END}\n")
    assert call("report", folder, "--readme", readme).exit_code == 0
    assert "| pgbench" in readme.read_text()


@pytest.mark.usefixtures("seeded_state")
def test_verify_says_of_each_variant_that_it_obeys(showdown: Showdown) -> None:
    result = showdown("verify", "--variants", "starlette,django")
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.splitlines() == [
        f"{name:<11}every golden case is answered as the contract says" for name in ("starlette", "django")
    ]


@pytest.fixture
def own_file(reachable_folder: Path) -> Path:
    """Starlette under another name, in a user's own file."""
    path = reachable_folder / "mine.toml"
    path.write_text(
        'baseline = "mine"\n[variants.mine]\ndescription = "my own"\nworkers = 2\npool = 2\n'
        f'command = ["sh", "-c", "cd {CHECKOUT} && exec gunicorn --config python_service/gunicorn.conf.py '
        '--worker-class python_service.starlette_app.worker.Worker python_service.starlette_app.app:app"]\n'
    )
    return path


def test_a_file_of_ones_own_is_listed_before_the_checkouts(call: Call, own_file: Path) -> None:
    result = call("list", "--variants-file", own_file)
    first, second = result.stdout.splitlines()[1:3]
    assert first.split() == ["mine", "my", "own"]
    assert second.split()[0] == "django-2022"


@pytest.mark.usefixtures("seeded_state")
def test_a_file_of_ones_own_is_verified_alone(showdown: Showdown, own_file: Path) -> None:
    result = showdown("verify", "--variants-file", own_file)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout == "mine  every golden case is answered as the contract says\n"


@pytest.mark.usefixtures("seeded_state")
def test_a_file_of_ones_own_is_served(showdown: Showdown, own_file: Path) -> None:
    ask = "import os, urllib.request as r; print(r.urlopen(os.environ['SHOWDOWN_URL'] + '/healthz').read())"
    result = showdown("up", "--variants-file", own_file, "--", sys.executable, "-c", ask)
    assert (result.returncode, result.stdout) == (0, 'b\'{"status":"ok"}\'\n'), result.stderr


@pytest.mark.usefixtures("two_hosts")
def test_a_file_of_ones_own_is_not_on_hosts(call: Call, own_file: Path) -> None:
    result = call("run", "--stack", "terraform", "--variants-file", own_file)
    assert result.exit_code == 1
    assert result.stderr == "showdown: --stack terraform does not go with --variants-file: leave it out\n"


def test_a_sweep_of_several_runs_is_reported_as_one(call: Call, tmp_path: Path) -> None:
    speeds = {"a": {"300": 100.0, "2000": 90.0}, "b": {"300": 50.0, "2000": 95.0}}
    for run in made_up_sizes(speeds):
        (tmp_path / f"size-{run.size}").mkdir()
        write_run(run, tmp_path / f"size-{run.size}")
    result = call("report", tmp_path)
    assert result.exit_code == 0, result.stderr
    assert "Each size was a run of its own" in " ".join(result.stdout.split())
    assert (tmp_path / "sweep.md").exists()
    result = call("report", tmp_path, "--readme", tmp_path / "README.md")
    assert result.exit_code == 1
    assert "a sweep of several runs does not go with --readme: leave it out" in result.stderr
