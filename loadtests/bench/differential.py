"""Whether all variants answer the same, whatever they are asked: each is asked the same at random, and compared.

    .venv/bin/python loadtests/bench/differential.py requests [COUNT [SEED [VARIANT,…]]]
    .venv/bin/python loadtests/bench/differential.py raw [COUNT [SEED [VARIANT,…]]]

`requests`: well-formed ones (contract/random-requests.toml), whose answers have to be equal in status, header fields
and body; whoever is let in to another's recipe is counted. `raw`: cases of contract/raw with a few bytes changed,
directly and through haproxy; what variants read in different ways is printed as cases, which somebody has to judge by
the RFCs before they go there. The exit code is 1 where anything differs.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from showdown.contenders.build import build
from showdown.contenders.raw import AT_A_TIME, AT_A_TIME_DIRECT, WAITS, outcome
from showdown.contract.contract import load_contract
from showdown.stacks.local import started_service
from showdown_contract.random_requests import PARTS, Asked, random_requests
from showdown_contract.raw import CLOSED, RawCase, Send, load_raw_cases
from showdown_stack.answers import Answer, NoAnswerError, ask
from showdown_stack.tiers import TierOptions, Tiers, running_tiers

COUNT, RAW_COUNT, SEED, SIZE = 20_000, 500, 1, 2_000
SECONDS, RAW_SECONDS, MOST_BYTES = 20.0, 1.0, 4 * 2**20
# As many as the synchronous variants have workers: nobody waits for another.
ASKED_AT_A_TIME = 5
FIELDS = ("content-type", "allow", "retry-after")
# Of a note, for which the service chooses them.
CHOSEN = ("id", "created_at", "updated_at")
# How a server may refuse what is malformed. Which of these it chooses is no difference.
REFUSED = frozenset({"400", "408", "411", "413", "414", "415", "417", "421", "422", "426", "431", "501", "505", CLOSED})
MOST_SHOWN = 50
PIECES = [piece.encode("latin-1") for piece in PARTS["pieces"]]


@dataclass(frozen=True)
class Difference:
    """What variants have answered in different ways."""

    asked: str
    by_variant: Mapping[str, object]


def normalised(answer: Answer) -> tuple[object, ...]:
    """What has to be equal."""
    body: Any = answer.body
    if answer.status == 201:  # noqa: PLR2004 - a note
        body = {name: value for name, value in json.loads(answer.body).items() if name not in CHOSEN}
    return answer.status, *(answer.headers.get(name) for name in FIELDS), body


def answer_to(url: str, asked: Asked) -> tuple[object, ...]:
    """What came back, or that nothing did."""
    try:
        answer = ask(url, asked.method, asked.path, asked.body, asked.headers, SECONDS, MOST_BYTES)
    except NoAnswerError as error:
        return (f"no answer: {error}",)
    return normalised(answer)


def let_in(asked: Asked, answer: Sequence[object]) -> bool:
    """Whether somebody has been let in to what is another's."""
    return asked.trespasses and answer[0] in {200, 201}


def kind_of(statuses: Sequence[str]) -> tuple[str, ...]:
    """Statuses, of which one stands for all ways to refuse; nothing that comes after a refusal counts."""
    found: list[str] = []
    for status in statuses:
        found.append("refused" if status in REFUSED else status)
        if found[-1] == "refused":
            break
    return tuple(found)


def differing(asked: Sequence[str], answers: Mapping[str, Sequence[object]]) -> Iterator[Difference]:
    """Where not all variants have given the same."""
    for number, what in enumerate(asked):
        by_variant = {name: of[number] for name, of in answers.items()}
        if len(set(map(repr, by_variant.values()))) > 1:
            yield Difference(what, by_variant)


def mutated(random: Random, cases: Sequence[bytes]) -> bytes:
    """One of these with a few changes."""
    data = bytearray(random.choice(cases))
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        at = random.randrange(len(data) + 1)
        lines = bytes(data).split(b"\r\n")
        match random.choice(("insert", "insert", "replace", "delete", "repeat", "swap", "splice", "case")):
            case "insert":
                data[at:at] = random.choice(PIECES)
            case "replace":
                data[at : at + 1] = random.choice(PIECES)
            case "delete":
                del data[at : at + random.choice((1, 1, 2, 5))]
            case "repeat":
                which = random.randrange(len(lines))
                data = bytearray(b"\r\n".join([*lines[:which], lines[which], *lines[which:]]))
            case "swap":
                first, second = (random.randrange(len(lines)) for _ in range(2))
                lines[first], lines[second] = lines[second], lines[first]
                data = bytearray(b"\r\n".join(lines))
            case "splice":
                data[at:] = random.choice(cases)[at:]
            case "case":
                data[at : at + 8] = bytes(data[at : at + 8]).swapcase()
    return bytes(data)


def raw_requests(seed: int, count: int) -> list[bytes]:
    """Cases of contract/raw that wait for nothing and are small, with a few changes."""
    random = Random(f"raw requests {seed}")  # noqa: S311 - load, not secrets
    whole = [
        step.data
        for case in load_raw_cases()
        if len(case.steps) == 1 and isinstance(step := case.steps[0], Send) and 0 < len(step.data) < 2_000  # noqa: PLR2004 - small
    ]
    return [mutated(random, whole) for _ in range(count)]


def as_case(data: bytes) -> RawCase:
    """To be sent; nothing is expected yet."""
    return RawCase("", [Send(data)], (), (), data[:5].upper() == b"HEAD ", None, None)


def compare_requests(tiers: Tiers, names: Sequence[str], count: int, seed: int) -> bool:
    """Whether all answer the same, and nobody is let in."""
    asked = list(random_requests(seed, count, SIZE))
    answers: dict[str, list[tuple[object, ...]]] = {}
    intruders = 0
    for name in names:
        tiers.contract.data.reset(tiers.postgres.owner_dsn)
        with running(tiers, name), ThreadPoolExecutor(ASKED_AT_A_TIME) as pool:
            answers[name] = list(pool.map(partial(answer_to, tiers.service_url), asked))
        intruders += sum(map(let_in, asked, answers[name]))
        print(f"{name}: {count} answers", flush=True)
    tries = len(names) * sum(each.trespasses for each in asked)
    print(f"let in to what is another's: {intruders} of {tries}")
    return told(list(differing([repr(each) for each in asked], answers)), count) and not intruders


def read(url: str, data: bytes) -> tuple[str, ...]:
    """How a service has read these bytes."""
    return kind_of(outcome(url, as_case(data), RAW_SECONDS))


def compare_raw(tiers: Tiers, names: Sequence[str], count: int, seed: int) -> bool:
    """Whether all read the same, directly and through haproxy."""
    asked = raw_requests(seed, count)
    answers: dict[str, list[object]] = {}
    for name in names:
        with running(tiers, name):
            ways = {"directly": tiers.service_url} | ({"through haproxy": tiers.url} if tiers.haproxy else {})
            for way, url in ways.items():
                with ThreadPoolExecutor(AT_A_TIME_DIRECT if url == tiers.service_url else AT_A_TIME) as pool:
                    answers[f"{name} {way}"] = list(pool.map(partial(read, url), asked))
        print(f"{name}: {count} answers", flush=True)
    # What one takes for the beginning of a request, another may refuse at once: both let nobody in.
    silent = {("refused",), (WAITS,)}
    found = differing([json.dumps(data.decode("latin-1")) for data in asked], answers)
    return told([each for each in found if not set(each.by_variant.values()) <= silent], count)


def running(tiers: Tiers, name: str) -> Any:
    """A variant's service, while the context is entered."""
    return started_service(tiers, name, load_contract().contenders().all[name])


def told(differences: Sequence[Difference], count: int) -> bool:
    """Print them. Whether there are none."""
    for difference in differences[:MOST_SHOWN]:
        print(f"\nsend = {difference.asked}")
        for variant, answer in difference.by_variant.items():
            print(f"# {variant}: {str(answer)[:300]}")
    print(f"answered in different ways: {len(differences)} of {count}")
    return not differences


def main(which: str, count: int, seed: int, names: Sequence[str]) -> bool:
    contract = load_contract()
    contenders = contract.contenders()
    selected = contenders.named(",".join(names) or None)
    build(selected)
    with running_tiers(TierOptions(contract, SIZE, haproxy=which == "raw")) as tiers:
        return (compare_raw if which == "raw" else compare_requests)(tiers, list(selected), count, seed)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["requests" | "raw" as which, *rest] if len(rest) <= 3:  # noqa: PLR2004 - as above
            default = RAW_COUNT if which == "raw" else COUNT
            count, seed = (int(word) for word in [*rest[:2], *(str(default), str(SEED))[len(rest[:2]) :]])
            sys.exit(not main(which, count, seed, rest[2].split(",") if rest[2:] else []))
        case _:
            sys.exit(__doc__)
