"""Requests that nobody thought of: each variant answers them as openapi.yaml says."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import pytest
from showdown.contenders.build import build
from showdown.contenders.variants import Variant
from showdown.contract.contract import load_contract
from showdown.stacks.local import started_service
from showdown_contract.files import CONTRACT
from showdown_contract.seed import undo_writes
from showdown_stack.tiers import Tiers
from showdown_stack.upstream import Upstream

# Without those that compare HTTP clients or drivers, are observed, or look up another recipe. They differ from those
# that are here behind the check of a request only: of all that it says, a client is given one number, the recipe's id.
# What a client does with an answer, right or wrong, is shown for each one in test_outbound.py. Each driver, and each
# way to look a recipe up, passes the golden cases in the tests of its service.
VARIANTS = {
    name: variant
    for name, variant in load_contract().contenders().all.items()
    if variant.environment.keys().isdisjoint(
        {"CLIENT", "HTTP_CLIENT", "HTTP2", "DRIVER", "LOOKUP", "METRICS", "TRACES"}
    )
}
EXAMPLES = 10
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")


@pytest.mark.parametrize("name", VARIANTS)
def test_variant_obeys_openapi(name: str, stack: Tiers, real_upstream: Upstream, tmp_path: Path) -> None:
    variant = quickly_built(VARIANTS[name])
    build({name: variant})
    with started_service(replace(stack, upstream=real_upstream), name, variant):
        command: list[str | Path] = [
            *(SCHEMATHESIS, "--config-file", CONTRACT / "schemathesis.toml", "run", CONTRACT / "openapi.yaml"),
            *("--url", stack.service_url, "--checks", "all", "--max-examples", str(EXAMPLES), "--no-color"),
            # Each variant has its own requests, the same ones in each run.
            *("--seed", str(crc32(name.encode()))),
        ]
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    undo_writes(stack.postgres.owner_dsn)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "No issues found" in result.stdout


def quickly_built(variant: Variant) -> Variant:
    """The variant with the usual release profile: that of 2022 takes minutes to build, and answers the same."""
    command, build = (
        [argument.replace("release-2022", "release") for argument in part]
        for part in (variant.command, variant.build or [])
    )
    return variant.model_copy(update={"command": command, "build": build})
