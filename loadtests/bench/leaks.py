"""How often a leak is found where there is one, and where there is none: short runs, each judged by itself.

    .venv/bin/python loadtests/bench/leaks.py [RUNS [FOLDER]]

Of a service with one shared client and of one with a client for each call that is never closed. Prints the count. With
FOLDER, runs that are there are counted, and only those that are missing are made.
"""

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from showdown.judge.judgement import judge
from showdown.judge.verdicts.leak import Leak
from showdown.measure.results import FILE, read_run

RUNS = 10
VARIANTS = ("starlette", "starlette-leaky")


def made(folder: Path) -> None:
    command = [str(Path(sys.executable).with_name("showdown")), "run", "--profile", "leaks", "--no-twin"]
    # Code 1: a contender has lost a block. It counts all the same, as a run in which less was found.
    subprocess.run(
        [*command, "--variants", ",".join(VARIANTS), "--out", str(folder)], check=False, stdout=subprocess.DEVNULL
    )


def found(folder: Path) -> dict[str, list[str]]:
    """By variant, what surely grows."""
    leaks = [verdict for verdict in judge(read_run(folder)).verdicts if isinstance(verdict, Leak)]
    return {str(leak.about.variant): [what for what, _ in leak.slopes] for leak in leaks}


def main(folder: Path, runs: int = RUNS) -> None:
    counts: dict[str, Counter[str]] = {name: Counter() for name in VARIANTS}
    for number in range(1, runs + 1):
        of_run = folder / str(number)
        if not (of_run / FILE).exists():
            made(of_run)
        leaks = found(of_run)
        for name in VARIANTS:
            counts[name].update(leaks.get(name, []))
        print(f"run {number}: {leaks}", flush=True)
    for name, count in counts.items():
        told = ", ".join(f"{what} in {times}" for what, times in count.items()) or "nothing in any"
        print(f"{name}: a leak of {told} of {runs} runs")


if __name__ == "__main__":
    match sys.argv[1:]:
        case [runs, kept]:
            main(Path(kept), int(runs))
        case arguments:
            with tempfile.TemporaryDirectory() as folder:
                main(Path(folder), *map(int, arguments))
