"""Services that call an upstream are verified, served and measured with one, and what their calls cost is counted."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from showdown import session
from showdown.contract.contract import load_contract
from showdown.measure.plan import plan_run
from showdown.measure.results import SCHEMA, read_run
from showdown.stacks.cloud.outputs import Outputs
from showdown.verification import verify_url, verify_variants
from showdown_contract.errors import ShowdownError
from showdown_stack import upstream
from showdown_stack.tiers import TierOptions, running_tiers

CALLING = Path(__file__).parent / "calling"
Showdown = Callable[..., subprocess.CompletedProcess[str]]
needs_upstream = pytest.mark.skipif(upstream.program() is None, reason=upstream.NOT_BUILT)
ASK = """
import os, ssl
from urllib.request import HTTPSHandler, ProxyHandler, build_opener
trusting = ssl.create_default_context(cafile=os.environ["UPSTREAM_CA"])
asking = build_opener(ProxyHandler({}), HTTPSHandler(context=trusting))
print(asking.open(os.environ["UPSTREAM_URL"] + "/price/1").read().decode())
"""


@pytest.fixture(scope="module", autouse=True)
def calling_state(session_folder: Path) -> Iterator[None]:
    """A $SHOWDOWN_STATE that these tests share, so that the data set is made only once."""
    folder = session_folder / "calling"
    folder.mkdir(mode=0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOWDOWN_STATE", str(folder))
        yield


@needs_upstream
def test_golden_cases_that_need_an_upstream_have_one(showdown: Showdown) -> None:
    result = showdown("verify", "--contract", CALLING)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("every golden case is answered as the contract says") == 2
    assert "left out" not in result.stderr


@needs_upstream
def test_a_run_counts_calls_and_handshakes_of_each_variant(showdown: Showdown, reachable_folder: Path) -> None:
    folder = reachable_folder / "run"
    result = showdown("run", "--contract", CALLING, "--profile", "smoke", "--no-twin", "--wide", "--out", folder)
    assert result.returncode == 0, result.stdout + result.stderr
    jsonschema.validate(json.loads((folder / "results.json").read_text()), json.loads(SCHEMA.read_text()))
    slices = {(each.variant, each.scenario): each for each in read_run(folder).slices}
    assert all(each.errors == 0 for each in slices.values()), [each.failures for each in slices.values()]
    anew, kept, idle = (
        slices[key].upstream for key in (("per-call", "facts"), ("shared", "facts"), ("shared", "nothing"))
    )
    assert anew
    assert kept
    assert idle
    assert anew.service_requests >= slices["per-call", "facts"].requests > 0
    assert anew.requests == anew.handshakes == anew.connections_opened == anew.service_requests
    assert kept.requests == kept.service_requests
    # A thread of the service that is new, because its client is, has to connect.
    assert kept.handshakes < 0.5 * kept.requests
    assert (idle.requests, idle.handshakes, idle.resumed, idle.cancelled) == (0, 0, 0, 0)
    assert (slices["per-call", "facts"].tiers["upstream"].cpu_us_per_request or 0) > 0
    # It answers after 5 ms.
    assert slices["shared", "facts"].requests_per_second < 4 / 0.005
    report = (folder / "report.md").read_text()
    assert "handshakes/req" in report
    assert "upstream CPU µs/req" in report


@needs_upstream
def test_a_command_beside_a_service_can_call_it_too(showdown: Showdown) -> None:
    result = showdown("up", "--contract", CALLING, "--", sys.executable, "-c", ASK)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["currency"] == "EUR"
    alone = showdown("up", "--contract", CALLING, "--database-only", "--", sys.executable, "-c", ASK)
    assert "KeyError: 'UPSTREAM_CA'" in alone.stderr


def test_without_an_upstream_its_golden_cases_are_left_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    contract = load_contract(CALLING)
    assert [case.name for case in contract.answerable("by-id", upstream=True)] == ["health", "facts"]
    assert [case.name for case in contract.answerable("by-id", upstream=False)] == ["health"]
    monkeypatch.setattr(upstream, "PROGRAM", tmp_path / "not-built")
    monkeypatch.setattr(upstream, "BUILD", ("no-such-tool",))
    verify_variants(contract, contract.contenders().named("shared"), 0, None, raw=False, shown=10)
    told = capsys.readouterr()
    assert "every golden case is answered as the contract says" in told.out
    assert "type 'cargo build --release --locked --manifest-path infra/upstream/Cargo.toml'" in told.err
    assert "are left out" in told.err


@needs_upstream
def test_of_a_service_that_runs_already_nobody_knows_the_upstream(capsys: pytest.CaptureFixture[str]) -> None:
    contract = load_contract(CALLING)
    variant = contract.variants.variants["shared"]
    with (
        running_tiers(TierOptions(contract, 0, haproxy=False)) as stack,
        stack.service("shared", [sys.executable, *variant.command[1:]], {**os.environ, "CLIENT": "shared"}, CALLING),
    ):
        assert httpx.get(f"{stack.service_url}/facts").status_code == 502
        verify_url(contract, stack.service_url, 10)
    assert "are left out" in capsys.readouterr().out


class TestRefused:
    """What cannot be measured is said before anything starts."""

    def test_a_scenario_with_calls_where_nothing_can_be_called(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(upstream, "PROGRAM", tmp_path / "not-built")
        monkeypatch.setattr(upstream, "BUILD", ("no-such-tool",))
        plan = plan_run(None, "facts", "smoke", "locust", 0, 1, None, load_contract(CALLING))
        options = session.tier_options(plan, haproxy=True, pgbouncer=None)
        assert options.upstream
        message = r"^the upstream .* is not built: type 'cargo build .*'; no-such-tool is missing: install it, or "
        with pytest.raises(ShowdownError, match=message):
            session.run_locally(plan, options, tmp_path / "run")
        assert not (tmp_path / "run").exists()

    def test_a_scenario_with_calls_on_hosts(self, applied: dict[str, Any], tmp_path: Path) -> None:
        plan = plan_run(None, "facts,nothing", "smoke", "locust", 0, 1, None, load_contract(CALLING))
        with pytest.raises(ShowdownError, match=r"^there is no host for an upstream yet, .* facts"):
            session.run_on_hosts(plan, Outputs.model_validate(applied), None, None, tmp_path / "run")

    def test_no_upstream_is_started_for_a_scenario_without_calls(self) -> None:
        plan = plan_run(None, "nothing", "smoke", "locust", 0, 1, None, load_contract(CALLING))
        assert not session.tier_options(plan, haproxy=True, pgbouncer=None).upstream

    @pytest.mark.parametrize(
        ("variant", "is_collector"),
        [("starlette-traces", True), ("starlette-metrics-otlp", True), ("starlette-metrics", False)],
    )
    def test_the_upstream_collects_what_a_variant_sends(self, variant: str, is_collector: bool) -> None:
        plan = plan_run(variant, "recipe-detail", "smoke", "locust", 0, 1, None, load_contract())
        assert session.tier_options(plan, haproxy=True, pgbouncer=None).upstream == is_collector
