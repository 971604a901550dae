"""The caller's side of a keeper: the program ends, and its exit code is known."""

import subprocess
import sys
from collections.abc import Callable

import psutil
import pytest
from showdown_stack.kept import Kept

Eventually = Callable[[Callable[[], object]], None]


def test_the_exit_code_is_waited_for() -> None:
    kept = Kept(["sh", "-c", "exit 7"], stop_seconds=1)
    assert kept.wait() == 7
    kept.stop()
    assert (kept.exit_code, kept.killed) == (7, [])


def test_without_an_output_it_has_ours_and_our_input() -> None:
    script = "from showdown_stack.kept import Kept; kept = Kept(['cat'], stop_seconds=1); kept.wait(); kept.stop()"
    result = subprocess.run([sys.executable, "-c", script], input="said", capture_output=True, text=True, check=True)
    assert result.stdout == "said"


@pytest.mark.parametrize(
    ("program", "reason"), [("/no/such/program", "No such file or directory"), ("a\0b", "embedded null byte")]
)
def test_what_cannot_start_is_told(program: str, reason: str) -> None:
    with pytest.raises(OSError, match=reason):
        Kept([program], stop_seconds=1)


def test_a_keeper_that_is_killed_takes_its_program_for_ended() -> None:
    kept = Kept(["sleep", "600"], stop_seconds=1)
    program = psutil.Process(kept.pid)
    keeper = program.parent()
    assert keeper is not None
    keeper.kill()
    assert kept.wait() == -9
    kept.stop()
    # It was started without the launcher, so the kernel does not end it.
    program.kill()


def test_an_impatient_end_still_ends_the_program(monkeypatch: pytest.MonkeyPatch, eventually: Eventually) -> None:
    kept = Kept(["sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"], stop_seconds=600)
    program = psutil.Process(kept.pid)
    waits = iter([True])
    patient = Kept._wait_for_keeper

    def impatient(self: Kept, seconds: float) -> None:
        if next(waits, False):
            raise KeyboardInterrupt
        patient(self, seconds)

    monkeypatch.setattr(Kept, "_wait_for_keeper", impatient)
    with pytest.raises(KeyboardInterrupt):
        kept.stop()
    eventually(lambda: not program.is_running())
