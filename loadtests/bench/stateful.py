"""Whether variants obey openapi.yaml, whatever is asked after what: schemathesis, in sequences of requests.

    .venv/bin/python loadtests/bench/stateful.py [REQUESTS [SEED [VARIANT,…]]]

A sequence goes on with what earlier answers said: the note of a recipe, the rest of a list. Each variant is asked by
one schemathesis after the other, each with the next seed, until there were so many requests; so several short runs
with other seeds count as one long one. The exit code is 1 where schemathesis finds anything.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from showdown.contenders.build import build
from showdown.contract.contract import load_contract
from showdown.stacks.local import started_service
from showdown_contract.files import CONTRACT
from showdown_stack.tiers import TierOptions, Tiers, running_tiers

REQUESTS, SEED, SIZE = 100_000, 1, 2_000
# Sequences of one schemathesis, which remembers all of them.
SEQUENCES = 250
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")


@dataclass(frozen=True)
class Report:
    """What one schemathesis says."""

    seed: int
    requests: int
    found: Sequence[str]
    """What is wrong."""


def report_of(seed: int, document: Mapping[str, Any]) -> Report:
    """From schemathesis's JSON."""
    found = [f"{issue['title']}: {issue['count']}" for issue in (*document["failures"], *document["errors"])]
    if not document["complete"] or (document["exit_code"] and not found):
        found.append(f"schemathesis ended with code {document['exit_code']}")
    return Report(seed, document["test_cases"]["generated"], found)


def until(requests: int, seed: int, run: Callable[[int], Report]) -> Iterator[Report]:
    """The reports of runs with this and the next seeds, until they have asked so much."""
    asked = 0
    for each in count(seed):
        report = run(each)
        yield report
        asked += report.requests
        if asked >= requests or not report.requests:
            return


def schemathesis(tiers: Tiers, seed: int) -> Report:
    """Ask the service in sequences."""
    tiers.contract.data.reset(tiers.postgres.owner_dsn)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command: list[str | Path] = [
            *(SCHEMATHESIS, "--config-file", CONTRACT / "schemathesis.toml", "run", CONTRACT / "openapi.yaml"),
            *("--url", tiers.service_url, "--checks", "all", "--phases", "stateful", "--no-color"),
            *("--max-examples", str(SEQUENCES), "--seed", str(seed), "--report-json-path", report),
        ]
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if not report.exists():
            return Report(seed, 0, [ended.stdout + ended.stderr])
        found = report_of(seed, json.loads(report.read_text()))
    if found.found:
        print(ended.stdout)
    return found


def main(requests: int, seed: int, names: Sequence[str]) -> bool:
    contract = load_contract()
    selected = contract.contenders().to_measure(",".join(names) or None)
    build(selected)
    right = True
    with running_tiers(TierOptions(contract, SIZE, haproxy=False, upstream=True)) as tiers:
        for missing in tiers.missing:
            print(missing)
        for name, variant in selected.items():
            with started_service(tiers, name, variant):
                reports = list(until(requests, seed, lambda each: schemathesis(tiers, each)))
            asked = sum(report.requests for report in reports)
            found = [what for report in reports for what in report.found]
            seeds = f"seeds {seed} to {reports[-1].seed}"
            print(f"{name}: {asked} requests, {seeds}: {'; '.join(found) or 'nothing wrong'}", flush=True)
            right = right and not found
    return right


if __name__ == "__main__":
    match sys.argv[1:]:
        case [*words] if len(words) <= 3:  # noqa: PLR2004 - as above
            wanted, first = (int(word) for word in [*words[:2], *(str(REQUESTS), str(SEED))[len(words[:2]) :]])
            sys.exit(not main(wanted, first, words[2].split(",") if words[2:] else []))
        case _:
            sys.exit(__doc__)
