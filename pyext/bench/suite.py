"""One round, as pyperf runs it: every benchmark once, each in a process of its own.

`python -m bench` repeats it, so that slow changes of the machine affect all contenders alike.
"""

import random
import time
from argparse import Namespace
from collections.abc import Callable
from functools import cache

import pyperf  # type: ignore[import-untyped]  # it has no types

from bench import contenders, document, fetches, names
from bench.rows import SIZES, records

# How much work a value is the mean of. It is fixed, so that pyperf does not spend a process on calibration.
ROWS_A_VALUE = 20_000
MOST_FETCHES = 1_000
DOCUMENTS_A_VALUE = 1_000


def main() -> None:
    runner = pyperf.Runner(program_args=("-m", "bench.suite"), loops=1, add_cmdline_args=_hand_on)
    runner.argparser.add_argument("--round", type=int, default=0, help="its number, which seeds the order")
    shuffle = random.Random(runner.parse_args().round).shuffle  # noqa: S311  # an order, no secret
    for count in SIZES:
        calls = ROWS_A_VALUE // count
        for name in _shuffled(shuffle, list(contenders.CONTENDERS)):
            runner.bench_time_func(names.records(count, name), _encode, name, count, calls, inner_loops=calls)
    for count in SIZES:
        calls = max(min(MOST_FETCHES, ROWS_A_VALUE // count) // fetches.CONNECTIONS, 1)
        for of in (fetches.CLIENT, fetches.SERVER):
            for name in _shuffled(shuffle, list(fetches.WAYS)):
                runner.bench_time_func(
                    names.fetch(count, name, of),
                    _fetch,
                    name,
                    count,
                    calls,
                    of,
                    inner_loops=calls * fetches.CONNECTIONS,
                )
    for name in _shuffled(shuffle, list(document.WAYS)):
        runner.bench_time_func(names.document(name), _document, name, inner_loops=DOCUMENTS_A_VALUE)


def _encode(loops: int, name: str, count: int, calls: int) -> float:
    encode, rows = contenders.CONTENDERS[name], records(count)
    before = time.process_time_ns()
    for _ in range(loops * calls):
        encode(rows)
    return (time.process_time_ns() - before) / 1e9


def _document(loops: int, name: str) -> float:
    encode, rows = document.WAYS[name], document.rows()
    before = time.process_time_ns()
    for _ in range(loops * DOCUMENTS_A_VALUE):
        encode(rows)
    return (time.process_time_ns() - before) / 1e9


def _fetch(loops: int, name: str, count: int, calls: int, of: str) -> float:
    return _session(name).cpu_seconds(of, count, loops * calls)


@cache
def _session(name: str) -> fetches.Session:
    return fetches.Session(fetches.WAYS[name])


def _shuffled(shuffle: Callable[[list[str]], None], names: list[str]) -> list[str]:
    shuffle(names)
    return names


def _hand_on(command: list[str], arguments: Namespace) -> None:
    command.append(f"--round={arguments.round}")


if __name__ == "__main__":
    main()
