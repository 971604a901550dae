"""Whether the time of an answer tells what its body does not: which sessions and which recipes there are.

    .venv/bin/python loadtests/bench/enumeration.py [PAIRS [VARIANT,…]]

Two requests that are answered alike are sent one after the other, in an order that is drawn, on one connection to the
service: what a stranger could see at best. Printed is the median of the differences within the pairs, with an interval
that holds it in 99 of 100 cases, and in how many pairs the first took longer. Half of the pairs, and an interval around
0, are what a stranger cannot use. The same request twice shows what the machine makes of no difference.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection
from random import Random
from statistics import median
from urllib.parse import urlsplit

from scipy.stats import binom
from showdown.contenders.build import build
from showdown.contract.contract import load_contract
from showdown.stacks.local import started_service
from showdown_contract import people
from showdown_stack.tiers import TierOptions, running_tiers

PAIRS, SIZE = 2_000, 2_000
VARIANTS = "starlette,django,axum"
STRANGER = next(user for user in range(people.USERS) if not people.may_see(user, 0))
SEEN, ABSENT = f"/api/v1/recipes/{people.FIRST_ID}", f"/api/v1/recipes/{people.FIRST_ID + SIZE}"
HIDDEN = (SEEN, people.session_key(STRANGER))
UNKNOWN = (SEEN, "golden-unknown")
# What is asked, and with whose session.
ALIKE: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "a recipe of another, and none": (HIDDEN, (ABSENT, people.session_key(STRANGER))),
    "a recipe of another, twice": (HIDDEN, HIDDEN),
    "an expired session, and none": ((SEEN, "golden-expired"), UNKNOWN),
    "no session, twice": (UNKNOWN, UNKNOWN),
}
# That an interval holds the true median.
CERTAINTY = 0.99


def answered(connection: HTTPConnection, path: str, key: str) -> tuple[float, tuple[int, bytes]]:
    """After how many µs an answer was there, and what it was."""
    start = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": f"sessionid={key}"})
    response = connection.getresponse()
    body = response.read()
    return 1e6 * (time.perf_counter() - start), (response.status, body)


def measure(url: str, pairs: int, asked: Sequence[tuple[str, str]]) -> list[tuple[float, float]]:
    """The µs of both requests, for each pair. Raises SystemExit where they are not answered alike."""
    random = Random("enumeration")  # noqa: S311 - order, not secrets
    connection = HTTPConnection(urlsplit(url).netloc, timeout=20)
    found = []
    for _ in range(pairs):
        both = {which: answered(connection, *asked[which]) for which in random.sample((0, 1), 2)}
        (first, is_said), (second, is_also_said) = both[0], both[1]
        if is_said != is_also_said:
            sys.exit(f"not answered alike: {is_said} and {is_also_said}")
        found.append((first, second))
    connection.close()
    return found


def median_difference(pairs: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """The median of first - second, and the ends of its interval, whatever the distribution is."""
    differences = sorted(first - second for first, second in pairs)
    # How many of the differences lie below the true median is a matter of coin tosses.
    below = int(binom.ppf((1 - CERTAINTY) / 2, len(pairs), 0.5))
    return median(differences), differences[max(0, below - 1)], differences[min(len(pairs) - 1, len(pairs) - below)]


def told(pairs: Sequence[tuple[float, float]]) -> str:
    """One line about these pairs."""
    middle, low, high = median_difference(pairs)
    longer = sum(first > second for first, second in pairs) / len(pairs)
    usual = median(first for first, _ in pairs)
    return f"{middle:+.1f} µs [{low:+.1f}; {high:+.1f}] of {usual:.0f} µs, the first took longer in {longer:.1%}"


def main(pairs: int, names: str) -> None:
    contract = load_contract()
    selected = contract.contenders().named(names)
    build(selected)
    with running_tiers(TierOptions(contract, SIZE, haproxy=False)) as tiers:
        for name, variant in selected.items():
            with started_service(tiers, name, variant):
                for what, asked in ALIKE.items():
                    measure(tiers.service_url, pairs // 10, asked)
                    print(f"{name}: {what}: {told(measure(tiers.service_url, pairs, asked))}", flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case [*words] if len(words) <= 2:  # noqa: PLR2004 - as above
            main(int(words[0]) if words else PAIRS, words[1] if words[1:] else VARIANTS)
        case _:
            sys.exit(__doc__)
