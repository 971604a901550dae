"""CPU a request becomes requests for a dollar."""

import json
from pathlib import Path

import pytest
from showdown.report.prices import SECONDS_PER_MONTH, Hosts, PricedHost, Prices, load_prices
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT


def host(cores: int, usd: float) -> PricedHost:
    return PricedHost(size="s", cores=cores, usd_per_month=usd)


@pytest.fixture
def prices() -> Prices:
    hosts = Hosts(haproxy=host(1, 10), service=host(4, 40), postgres=host(2, 60))
    return Prices(title="hosts", source="a list", as_of="2026-09", hosts=hosts)


def test_the_tier_that_is_busy_first_bounds_the_rate(prices: Prices) -> None:
    assert prices.capacity({"haproxy": 50, "service": 1000, "postgres": 100}, workers=4) == 4000
    assert prices.capacity({"haproxy": 50, "service": 100, "postgres": 200}, workers=4) == 10_000
    assert prices.capacity({"haproxy": 500, "service": 100, "postgres": 200}, workers=4) == 2000


def test_a_worker_is_busy_on_one_core(prices: Prices) -> None:
    assert prices.capacity({"service": 1000}, workers=1) == 1000


def test_the_generator_is_not_paid_for(prices: Prices) -> None:
    assert prices.capacity({"generator": 10_000}, workers=1) is None


def test_a_request_costs_the_time_that_it_keeps_cores_busy(prices: Prices) -> None:
    # A core costs 10, 10 and 30 USD a month.
    requests = prices.requests_per_usd({"haproxy": 100, "service": 400, "postgres": 100})
    assert requests == pytest.approx(SECONDS_PER_MONTH / (100e-6 * 10 + 400e-6 * 10 + 100e-6 * 30))


def test_without_haproxy_nothing_is_paid_for_it(prices: Prices) -> None:
    assert (prices.usd_per_month(haproxy=True), prices.usd_per_month(haproxy=False)) == (110, 100)
    requests = prices.requests_per_usd({"service": 400, "postgres": 100})
    assert requests == pytest.approx(SECONDS_PER_MONTH / (400e-6 * 10 + 100e-6 * 30))


def test_pgbouncer_runs_beside_postgres(prices: Prices) -> None:
    assert prices.capacity({"service": 1.0, "pgbouncer": 60.0, "postgres": 140.0}, workers=4) == 10_000
    apart = prices.requests_per_usd({"service": 1.0, "pgbouncer": 60.0, "postgres": 140.0})
    assert apart == prices.requests_per_usd({"service": 1.0, "postgres": 200.0})


def test_where_postgres_does_not_tell_a_request_has_no_price(prices: Prices) -> None:
    assert prices.requests_per_usd({"service": 400}) is None


def test_the_files_prices_are_those_of_the_cloud_stack() -> None:
    prices = load_prices()
    of_provider = json.loads((CHECKOUT / "infra" / "prices.json").read_text())
    assert prices.as_of == of_provider["as_of"]
    for tier, priced in prices.by_tier.items():
        size = of_provider["databases" if tier == "postgres" else "droplets"][priced.size]
        assert (priced.cores, priced.usd_per_month) == (size["vcpus"], size["usd_per_month"])


@pytest.mark.parametrize("change", ["usd_per_month = 0", "usd_per_month = -1", "usd_per_month = nan", "cores = 0"])
def test_a_price_is_a_positive_number(tmp_path: Path, change: str) -> None:
    text = (CHECKOUT / "loadtests" / "prices.toml").read_text()
    key = change.partition(" ")[0]
    lines = [change if line.startswith(key) else line for line in text.splitlines()]
    path = tmp_path / "prices.toml"
    path.write_text("\n".join(lines))
    with pytest.raises(ShowdownError, match=f"hosts.haproxy.{key}"):
        load_prices(path)
