"""How often runs call equals different, and how often they find 5%: of contenders of which it is known (known/).

    .venv/bin/python loadtests/bench/known_differences.py FOLDER [RUNS [OPTION …]]

Makes the runs that FOLDER lacks, with `showdown run`'s close profile and further options of it, such as
`--rate 1000/s`, and counts, with and without the adjustment for the machine's speed. Each run has two pairs of equals,
which share no contender: steady and same, and slow and its twin; and two pairs that differ, which share none either.
What slow loses is its own knob, BUSY_US in known/variants.toml, and is to be 5% of what steady uses.
"""

import subprocess
import sys
from pathlib import Path

from scipy import stats
from showdown.judge.comparisons import SERVICE_CPU, Comparison
from showdown.judge.judgement import judge
from showdown.judge.ranks import established
from showdown.measure.results import Run, read_run

RUNS = 20
VARIANTS = Path("loadtests/bench/known/variants.toml")
EQUALS = (("steady", "same"), ("slow", "slow-twin"))
UNEQUAL = (("steady", "slow"), ("same", "slow-twin"))
SHOWDOWN = Path(sys.executable).with_name("showdown")


def runs(folder: Path, number: int, options: list[str]) -> list[Run]:
    """Make those that are missing; each has another order of slices."""
    found = []
    for seed in range(1, number + 1):
        one = folder / f"{seed:02}"
        if not one.exists():
            command: list[str | Path] = [SHOWDOWN, "run", "--variants-file", VARIANTS, "--profile", "close", *options]
            subprocess.run([*command, "--seed", str(seed), "--out", one], check=True, stdout=subprocess.DEVNULL)
        found.append(read_run(one))
        print(f"{one}: {len(found)} of {number}", flush=True)
    return found


def comparison(run: Run) -> Comparison:
    return next(one.comparison for one in judge(run).standings if one.comparison.measure is SERVICE_CPU)


def counted(what: str, times: int, of: int) -> str:
    """With the exact binomial interval."""
    interval = stats.binomtest(times, of).proportion_ci()
    return f"{what}: {times} of {of} ({times / of:.0%} [{interval.low:.0%}-{interval.high:.0%}])"


def with_profile(run: Run, **changes: bool) -> Run:
    return run.model_copy(update={"profile": run.profile.model_copy(update=changes)})


def tell(found: list[Run], *, adjusted: bool) -> None:
    found = [with_profile(run, adjusted=adjusted) for run in found]
    compared = [comparison(run) for run in found]
    equal = [one.ratio(*pair) for one in compared for pair in EQUALS]
    ratios = [ratio for one in compared for pair in UNEQUAL if (ratio := one.ratio(*reversed(pair)))]
    ranked = [set(map(frozenset, established(one.pairs))) for one in compared]
    widths = [ratio.half_width for ratio in ratios]
    title = f"{SERVICE_CPU.title}{', adjusted' if adjusted else ''}"
    print(f"\n{title}: slow ÷ steady {stats.gmean([ratio.value for ratio in ratios]):.3f}, half widths "
          f"{min(widths):.1%} to {max(widths):.1%}, median {sorted(widths)[len(widths) // 2]:.1%}")  # fmt: skip
    print(
        counted("equals called different, by their own interval", sum(r.is_different for r in equal if r), len(equal))
    )
    wrong = sum(frozenset(pair) in pairs for pairs in ranked for pair in EQUALS)
    print(counted("equals called different, by ranks", wrong, len(equal)))
    print(counted("slow found, by its own interval", sum(ratio.is_different for ratio in ratios), len(ratios)))
    right = sum(frozenset(pair) in pairs for pairs in ranked for pair in UNEQUAL)
    print(counted("slow found, by ranks", right, len(ratios)))


if __name__ == "__main__":
    match sys.argv[1:]:
        case [folder, *rest]:
            made = runs(Path(folder), int(rest[0]) if rest else RUNS, rest[1:])
            for adjusted in (False, True):
                tell(made, adjusted=adjusted)
        case _:
            sys.exit(__doc__)
