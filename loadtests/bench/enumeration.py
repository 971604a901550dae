"""Whether the time of an answer tells what its body does not: which sessions and which recipes there are.

    .venv/bin/python loadtests/bench/enumeration.py [PAIRS [VARIANT,…]]

Two requests that are answered alike are sent one after the other, in an order that is drawn, on one connection to the
service: what a stranger could see at best. Printed are the medians, and how likely times as different as these are
where the two take equally long (Mann and Whitney's test).
"""

import sys
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection
from random import Random
from statistics import median
from urllib.parse import urlsplit

from scipy.stats import mannwhitneyu
from showdown.contenders.build import build
from showdown.contract.contract import load_contract
from showdown.stacks.local import started_service
from showdown_contract import people
from showdown_stack.tiers import TierOptions, running_tiers

PAIRS, SIZE = 2_000, 2_000
VARIANTS = "starlette,django,axum"
STRANGER = next(user for user in range(people.USERS) if not people.may_see(user, 0))
SEEN, ABSENT = f"/api/v1/recipes/{people.FIRST_ID}", f"/api/v1/recipes/{people.FIRST_ID + SIZE}"
# What is asked, and with whose session.
ALIKE: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "a recipe of another, and none": ((SEEN, people.session_key(STRANGER)), (ABSENT, people.session_key(STRANGER))),
    "an expired session, and none": ((SEEN, "golden-expired"), (SEEN, "golden-unknown")),
}


def seconds(connection: HTTPConnection, path: str, key: str) -> float:
    """How long an answer takes."""
    start = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": f"sessionid={key}"})
    connection.getresponse().read()
    return time.perf_counter() - start


def compare(url: str, pairs: int, asked: Sequence[tuple[str, str]]) -> str:
    """Both medians in µs, and a probability."""
    random = Random("enumeration")  # noqa: S311 - order, not secrets
    times: list[list[float]] = [[], []]
    connection = HTTPConnection(urlsplit(url).netloc, timeout=20)
    for _ in range(pairs):
        for which in random.sample((0, 1), 2):
            times[which].append(1e6 * seconds(connection, *asked[which]))
    connection.close()
    first, second = map(median, times)
    return f"{first:.0f} and {second:.0f} µs, p = {mannwhitneyu(times[0], times[1]).pvalue:.3f}"


def main(pairs: int, names: str) -> None:
    contract = load_contract()
    selected = contract.contenders().named(names)
    build(selected)
    with running_tiers(TierOptions(contract, SIZE, haproxy=False)) as tiers:
        for name, variant in selected.items():
            with started_service(tiers, name, variant):
                for what, asked in ALIKE.items():
                    compare(tiers.service_url, pairs // 10, asked)
                    print(f"{name}: {what}: {compare(tiers.service_url, pairs, asked)}", flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case [*words] if len(words) <= 2:  # noqa: PLR2004 - as above
            main(int(words[0]) if words else PAIRS, words[1] if words[1:] else VARIANTS)
        case _:
            sys.exit(__doc__)
