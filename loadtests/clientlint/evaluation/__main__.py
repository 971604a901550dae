"""Prints recall and precision: `python -m evaluation [--corpus-only] [--cache FOLDER]`."""

import argparse
import sys
import tempfile
from itertools import groupby
from pathlib import Path

from evaluation.corpus import cases
from evaluation.packages import fetched, found, judged

RECALL, PRECISION = 0.95, 0.9
CACHE = Path(tempfile.gettempdir()) / "clientlint-packages"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m evaluation", description=__doc__)
    parser.add_argument("--corpus-only", action="store_true", help="fetch no packages")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"where packages are kept; by default {CACHE}")
    options = parser.parse_args()
    right = corpus()
    return 0 if (options.corpus_only or packages(options.cache)) and right else 1


def corpus() -> bool:
    all_cases = list(cases())
    expected = sum(len(case.expected) for case in all_cases)
    same = sum(len(case.expected & case.found) for case in all_cases)
    found_at_all = sum(len(case.found) for case in all_cases)
    for case in all_cases:
        for line, code in sorted(case.expected ^ case.found):
            which = "missed" if (line, code) in case.expected else "wrong"
            say(f"{case.file}, {case.name}, line {line}: {code} {which}")
    say(f"corpus: {len(all_cases)} cases with {expected} mistakes")
    say(f"corpus: recall {share(same, expected)}, precision {share(same, found_at_all)}")
    return same >= RECALL * expected and same >= PRECISION * found_at_all


def packages(cache: Path) -> bool:
    """Compare what is found with what was judged by hand. A finding that nobody has judged counts as wrong."""
    right = total = 0
    for package, group in groupby(sorted(judged()), key=lambda one: one.package):
        known = {one.place: one for one in group}
        places = set(found(fetched(package, cache)))
        its_right = sum(place in known and known[place].right for place in places)
        for file, line, code in sorted(places - known.keys()):
            say(f"{package}: {file}:{line}: {code} has not been judged")
        for file, line, code in sorted(known.keys() - places):
            if known[file, line, code].right:
                say(f"{package}: {file}:{line}: {code} is no longer found")
        say(f"{package}: {its_right} of {len(places)} findings are right")
        right, total = right + its_right, total + len(places)
    say(f"packages: {total} findings: precision {share(right, total)}")
    return right >= PRECISION * total


def share(part: int, whole: int) -> str:
    return f"{part} of {whole} = {100 * part / max(whole, 1):.1f}%"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
