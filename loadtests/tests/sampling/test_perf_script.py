"""What `perf script` printed of a real service is read."""

from pathlib import Path

from showdown.sampling.call_stacks import total
from showdown.sampling.perf_script import read_perf_script

RECORDED = Path(__file__).parent / "recorded" / "axum.perf-script.txt"
TWO = """tokio-rt-worker   367 
\tffffffff813a4413 finish_task_switch.isra.0 ([kernel.kallsyms])
\t           10aba4 __send (/usr/lib/x86_64-linux-gnu/libc.so.6)
\t           45c89e <[u8; 32] as Trait>::poll::h0123456789abcdef (/srv/showdown/rust service)

my thread   12/368 
\tffffffffffffffff [unknown] ([unknown])
\t                1 [unknown] (/srv/gone (deleted))
"""  # noqa: W291 - as perf prints it


def test_a_stack_begins_with_its_thread_and_ends_with_its_innermost_frame() -> None:
    assert read_perf_script(TWO.splitlines(keepends=True)) == {
        (
            "tokio-rt-worker",
            "<[u8, 32] as Trait>::poll (rust service)",
            "__send (libc.so.6)",
            "finish_task_switch.isra.0 ([kernel.kallsyms])",
        ): 1,
        ("my thread", "[unknown] (gone)", "[unknown] ([unknown])"): 1,
    }


def test_every_recorded_sample_is_read() -> None:
    text = RECORDED.read_text()
    samples = read_perf_script(text.splitlines(keepends=True))
    assert total(samples) == text.count("tokio-rt-worker")
    assert all(stack[0] == "tokio-rt-worker" and len(stack) > 2 for stack in samples)
    assert not any("/" in frame for stack in samples for frame in stack if frame.endswith(".so.6)"))


def test_nothing_is_no_sample() -> None:
    assert read_perf_script([]) == {}
