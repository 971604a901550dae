"""Bad arguments of every kind give a message of showdown's, a non-zero exit code, and no traceback."""

import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.abc import MetaPathFinder
from pathlib import Path

import pytest
from showdown.__main__ import main
from showdown.cli import app
from showdown.measure.results import FILE, Run, write_run
from typer.testing import CliRunner

StandIn = Callable[[str, str], None]
Eventually = Callable[[Callable[[], object]], None]
SHOWDOWN = Path(sys.executable).parent / "showdown"

NAMES = ["", " , ", "../../x", "x" * 10_000, "[bold]x[/]", "\x1b[2J", "a\nb", "caf\udce9", "-", "%s", "\u202e"]
DSNS = [
    "", "nonsense", "postgresql://me:s3cret@db:5x/x", "postgresql://me:s3cret@a,b/x", "host=db password=s3cret x",
    "postgresql://me:s3cret@db:0/x", "\x1b[2Js3cret", "caf\udce9", "postgresql://me:s3cret%zz@db/x",
]  # fmt: skip
FOLDERS = ["/dev/null", "/dev/null/x", "/proc/x", "x" * 300, "/" + "x/" * 3000, "a\nb/" + "x" * 300, "\x1b[2J" * 100]


def ended(*arguments: str) -> str:
    """The message of a command that refuses its arguments."""
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code in {1, 2}
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.stderr
    assert "s3cret" not in result.output
    assert "\x1b[2J" not in result.output
    if result.exit_code == 1:
        assert result.stderr.startswith("showdown: ")
        assert result.stdout == ""
    return result.stderr


@pytest.fixture(autouse=True)
def folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command writes to its working directory."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "command",
    [
        ["run", "--variants"],
        ["run", "--scenarios"],
        ["run", "--profile"],
        ["verify", "--variants"],
        ["up", "--variant"],
        ["capacity", "--variants"],
        ["faults", "--variants"],
        ["faults", "--faults"],
    ],
    ids=" ".join,
)
def test_a_name_of_nothing_is_refused(command: list[str], name: str) -> None:
    command = [*command[:1], *(["--p99", "50ms"] if command[0] == "capacity" else []), *command[1:]]
    if command[-1] == "--scenarios" and not name:
        pytest.skip("no scenarios are the profile's")
    assert "there is no" in (said := ended(*command, name)) or "is named" in said


@pytest.mark.parametrize("number", NAMES)
def test_what_is_no_number_is_refused(number: str) -> None:
    assert "is no rate" in ended("run", "--rate", number)
    assert "is no latency" in ended("capacity", "--p99", number)


@pytest.mark.parametrize("name", NAMES)
def test_what_cannot_be_swept_is_refused(name: str) -> None:
    for text in (name, f"{name}=1,2", f"pool=1,{name}", f"size=300,{name}", f"latency=0,{name}"):
        ended("sweep", text)


@pytest.mark.parametrize("dsn", DSNS)
def test_a_dsn_that_will_not_do_is_refused(dsn: str, empty_state: Path) -> None:
    assert "--dsn" in ended("run", "--variants", "starlette", "--dsn", dsn, "--out", "run")
    assert not Path("run").exists()
    for command in ("verify", "up"):
        assert "--dsn" in ended(command, *(["--variants", "starlette"] if command == "verify" else []), "--dsn", dsn)
    assert empty_state.exists()


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_that_will_not_do_is_refused(folder: str, empty_state: Path) -> None:
    assert "cannot write to" in ended("run", "--variants", "starlette", "--out", folder)
    assert "results.json: " in ended("report", folder)
    assert empty_state.exists()


@pytest.mark.parametrize(
    "options",
    [
        ["run", "--seed", "-1"],
        ["run", "--seed", str(10**30)],
        ["run", "--size", "1.5"],
        ["up", "--port", "5x"],
        ["up", "--port", str(10**30)],
        ["up", "--pgbouncer", "\x1b[1m"],
        ["report", "a", "b"],
        ["list", "x"],
        ["cloud-cost", "x"],
    ],
    ids=" ".join,
)
def test_what_is_no_value_is_a_usage_error(options: list[str]) -> None:
    assert "Usage: " in ended(*options)


@pytest.mark.parametrize("command", ["run", "up", "verify"])
def test_more_recipes_than_a_contract_has_are_refused(command: str) -> None:
    assert ended(command, "--size", str(10**30)) == f"showdown: --size {10**30} is more than 1000000\n"


@pytest.mark.parametrize("readme", ["absent", ".", "/dev/null", "x" * 300, "file"])
def test_a_readme_that_will_not_do_is_refused(run: Run, tmp_path: Path, readme: str) -> None:
    write_run(run, tmp_path)
    (tmp_path / "file").write_bytes(b"\xff\xfe")
    result = CliRunner().invoke(app, ["report", str(tmp_path), "--readme", readme])
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert result.stderr.startswith("showdown: ")


@pytest.mark.parametrize("said", ["", "nonsense", "[]", "[[]]", "{}", "null", "[" * 5000, '{"stack": 1}', '{"a": {}}'])
def test_what_terraform_says_is_not_trusted(stand_in: StandIn, tmp_path: Path, said: str) -> None:
    (tmp_path / "said").write_text(said)
    stand_in("terraform", f"cat {tmp_path}/said; printf '\\033[2J' >&2")
    ended("run", "--stack", "terraform", "--out", "run")
    ended("cloud-cost", "--var", "\x1b[2J")
    assert not Path("run").exists()


def test_a_full_disk_is_one_line(run: Run, tmp_path: Path) -> None:
    write_run(run, tmp_path)
    (tmp_path / "report.md").mkdir()
    result = CliRunner().invoke(app, ["report", str(tmp_path)])
    assert result.exit_code == 1
    assert result.stderr == f"showdown: cannot write the report to {tmp_path} (Is a directory)\n"
    assert (tmp_path / FILE).exists()


class Interrupted(MetaPathFinder):
    """Ctrl-C while the command is being imported."""

    def find_spec(self, fullname: str, *_: object) -> None:
        if fullname == "showdown.cli":
            raise KeyboardInterrupt


def test_ctrl_c_before_a_command_begins_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "showdown.cli")
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    with pytest.raises(SystemExit) as raised:
        main()
    assert raised.value.code == 130
    assert capsys.readouterr().err == "showdown: interrupted before anything was started\n"


def test_ctrl_c_while_the_stack_comes_up_is_one_line(empty_state: Path, tmp_path: Path, eventually: Eventually) -> None:
    command = [str(SHOWDOWN), "run", "--variants", "starlette", "--size", "10", "--out", str(tmp_path / "run")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        eventually(lambda: process.poll() is not None or (empty_state / "lock").exists())
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert process.returncode == 130
    assert errors.strip() == "showdown: interrupted; everything that was started has been stopped"


def test_a_reader_that_leaves_is_no_error_of_ours() -> None:
    result = subprocess.run(["sh", "-c", f"{SHOWDOWN} list | true"], capture_output=True, text=True, check=False)
    assert result.stderr == ""
