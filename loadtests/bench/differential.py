"""Whether all variants answer the same, whatever they are asked: each is asked the same at random, and compared.

    .venv/bin/python loadtests/bench/differential.py requests [COUNT [SEED [VARIANT,…]]]
    .venv/bin/python loadtests/bench/differential.py raw [COUNT [SEED [VARIANT,…]]]

`requests`: well-formed ones (contract/random-requests.toml), whose answers have to be equal in status, header fields
and body, and so have the notes that are stored afterwards; whoever is let in to another's recipe is counted. `raw`:
cases of contract/raw with a few bytes changed, directly and through haproxy; what variants read in different ways is
printed as cases, which somebody has to judge by the RFCs before they go there: parsers may differ, so the exit code is
1 for `requests` alone. Without names it asks the variants that are measured by default. Each seed has other requests,
so several short runs count as one long one.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from random import Random
from typing import Any

import psycopg
from showdown.contenders.build import build
from showdown.contenders.raw import AT_A_TIME, AT_A_TIME_DIRECT, WAITS, outcome
from showdown.contract.contract import load_contract
from showdown.stacks.local import started_service
from showdown_contract import people
from showdown_contract.random_requests import PARTS, Asked, random_requests
from showdown_contract.raw import CLOSED, RawCase, Send, load_raw_cases
from showdown_stack.answers import Answer, NoAnswerError, ask
from showdown_stack.tiers import TierOptions, Tiers, running_tiers

LIST = "/api/v1/recipes"
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
# A longer body is compared by its digest: all bodies of all variants would not fit into memory.
WHOLE_BYTES = 300
# The statuses of whoever is let in, with what the upstream has to do with it.
IN = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
# Those that were added since the seed, and whether their authors may see the recipe.
STORED = """
SELECT n.recipe_id, n.created_by_id, n.text, (r.owner_user_id = n.created_by_id) IS TRUE OR EXISTS (
    SELECT FROM memberships m WHERE m.team_id = r.owner_team_id AND m.user_id = n.created_by_id AND m.active)
FROM notes n JOIN recipes r ON r.id = n.recipe_id
WHERE n.id > (SELECT last_note_id FROM seed)
ORDER BY 1, 2, 3
"""
PIECES = [piece.encode("latin-1") for piece in PARTS["pieces"]]


@dataclass(frozen=True)
class Difference:
    """What variants have answered in different ways."""

    asked: str
    by_variant: Mapping[str, object]


@dataclass(frozen=True)
class Answered:
    """What came back."""

    compared: tuple[object, ...]
    """What has to be equal: the status first, or that there was no answer."""
    let_in: bool = False
    """Whether somebody has been let in to what is another's."""

    @property
    def failed(self) -> bool:
        """Whether there is no answer, or one of a fault."""
        status = self.compared[0]
        return not isinstance(status, int) or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def normalised(answer: Answer) -> tuple[object, ...]:
    """What has to be equal."""
    body: Any = answer.body
    if answer.status == HTTPStatus.CREATED:
        body = {name: value for name, value in json.loads(answer.body).items() if name not in CHOSEN}
    elif len(answer.body) > WHOLE_BYTES:
        body = answer.body[:WHOLE_BYTES], len(answer.body), sha256(answer.body).hexdigest()
    return answer.status, *(answer.headers.get(name) for name in FIELDS), body


def answer_to(url: str, asked: Asked) -> Answered:
    """What came back, or that nothing did."""
    try:
        answer = ask(url, asked.method, asked.path, asked.body, asked.headers, SECONDS, MOST_BYTES)
    except NoAnswerError as error:
        return Answered((f"no answer: {error}",))
    return Answered(normalised(answer), let_in(asked, answer))


def let_in(asked: Asked, answer: Answer) -> bool:
    """Whether somebody has been let in to what is another's: by its id, or in a page of a list."""
    if asked.trespasses:
        return answer.status in IN
    return answer.status == HTTPStatus.OK and lists(asked) and any(_is_anothers(asked, id_) for id_ in _ids(answer))


def lists(asked: Asked) -> bool:
    """Whether a known user asks for a page."""
    return asked.user is not None and asked.method == "GET" and asked.path.partition("?")[0] == LIST


def _ids(answer: Answer) -> Iterator[int]:
    return (recipe["id"] for recipe in json.loads(answer.body)["recipes"])


def _is_anothers(asked: Asked, id_: int) -> bool:
    index = id_ - people.FIRST_ID
    # Below them are the golden recipes, which no generated user may see.
    return index < 0 or asked.user is None or not people.may_see(asked.user, index)


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
    return RawCase("", [Send(data)], (), (), data.lstrip(b"\r\n").startswith(b"HEAD "), None, None)


def compare_requests(tiers: Tiers, names: Sequence[str], count: int, seed: int) -> bool:
    """Whether all answer and store the same, without a fault, and nobody is let in."""
    requests = list(random_requests(seed, count, SIZE))
    # First what only reads, which must not depend on how fast others write.
    turns = [[each for each in requests if (each.method == "POST") is writes] for writes in (False, True)]
    asked = [each for turn in turns for each in turn]
    answers: dict[str, list[tuple[object, ...]]] = {}
    intruders = faults = 0
    for name in names:
        tiers.contract.data.reset(tiers.postgres.owner_dsn)
        with running(tiers, name), ThreadPoolExecutor(ASKED_AT_A_TIME) as pool:
            answer = partial(answer_to, tiers.service_url)
            answered = [each for turn in turns for each in pool.map(answer, turn)]
        stored, not_theirs = stored_notes(tiers.postgres.owner_dsn)
        answers[name] = [*(each.compared for each in answered), stored]
        intruders += sum(each.let_in for each in answered) + not_theirs
        faults += sum(each.failed for each in answered)
        print(f"{name}: {count} answers, and stored {stored[0]} notes", flush=True)
    tries = len(names) * sum(each.trespasses or lists(each) for each in asked)
    print(f"let in to what is another's: {intruders} of {tries}")
    print(f"not answered, or with a fault: {faults} of {len(names) * count}")
    same = told(list(differing([*map(repr, asked), "the notes that are stored afterwards"], answers)), count)
    return same and not intruders and not faults


def stored_notes(owner_dsn: str) -> tuple[tuple[int, str], int]:
    """How many notes there are since the seed, with a digest of them; and how many at recipes that are another's."""
    with psycopg.connect(owner_dsn) as connection:
        rows = connection.execute(STORED).fetchall()
    digest = sha256(repr([row[:3] for row in rows]).encode()).hexdigest()
    return (len(rows), digest), sum(not row[3] for row in rows)


def read(url: str, data: bytes) -> tuple[str, ...]:
    """How a service has read these bytes."""
    return kind_of(outcome(url, as_case(data), RAW_SECONDS))


def compare_raw(tiers: Tiers, names: Sequence[str], count: int, seed: int) -> bool:
    """Print what is not read the same, directly and through haproxy."""
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
    told([each for each in found if not set(each.by_variant.values()) <= silent], count)
    return True


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
    selected = contract.contenders().to_measure(",".join(names) or None)
    build(selected)
    is_raw = which == "raw"
    with running_tiers(TierOptions(contract, SIZE, haproxy=is_raw, upstream=not is_raw)) as tiers:
        for missing in tiers.missing:
            print(missing)
        return (compare_raw if is_raw else compare_requests)(tiers, list(selected), count, seed)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["requests" | "raw" as which, *rest] if len(rest) <= 3:  # noqa: PLR2004 - as above
            default = RAW_COUNT if which == "raw" else COUNT
            count, seed = (int(word) for word in [*rest[:2], *(str(default), str(SEED))[len(rest[:2]) :]])
            sys.exit(not main(which, count, seed, rest[2].split(",") if rest[2:] else []))
        case _:
            sys.exit(__doc__)
