"""The benchmarks of one library, as pyperf runs them: each in processes of its own, in the library's environment."""

from argparse import Namespace

import pyperf  # type: ignore[import-untyped]  # it has no types

from outbound.benchmarks import Operation, Trust, benchmark_name, plan
from outbound.operations import cpu_seconds

# How many calls a value is the mean of. It is fixed, so that pyperf does not spend a process on calibration.
CALLS = 10


def main() -> None:
    runner = pyperf.Runner(program_args=("-m", "outbound.suite"), loops=1, add_cmdline_args=_hand_on)
    runner.argparser.add_argument("--library", required=True)
    runner.argparser.add_argument("--module", required=True)
    arguments = runner.parse_args()
    for operation, trusted in plan(arguments.module):
        name = benchmark_name(arguments.library, operation, trusted)
        runner.bench_time_func(name, _time, arguments.module, operation, trusted, inner_loops=CALLS)


def _time(loops: int, module: str, operation: Operation, trusted: Trust) -> float:
    return cpu_seconds(module, operation, trusted, loops * CALLS)


def _hand_on(command: list[str], arguments: Namespace) -> None:
    command += ["--library", arguments.library, "--module", arguments.module]


if __name__ == "__main__":
    main()
