"""`showdown cloud-cost` asks Terraform, which needs neither a token nor an applied stack for that."""

import os
from pathlib import Path

import pytest
from lab.tools import PROVIDER, Terraform, missing, terraforms
from showdown.stacks.cloud import terraform
from showdown.stacks.cloud.cost import planned_cost
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"missing here: {', '.join(missing())}")


@pytest.fixture(params=[program.name for program in terraforms()], autouse=True)
def program(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The only program on PATH, and an initialised copy of infra/."""
    chosen = next(program for program in terraforms() if program.name == request.param)
    copy = Terraform(chosen, tmp_path / "copy")
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / chosen.name).symlink_to(chosen)
    assert PROVIDER.is_file()
    # Test hosts boot meanwhile in this process, and need what is in /usr/sbin.
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), os.defpath, "/usr/sbin"]))
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "copy" / "settings.tfrc"))
    monkeypatch.delenv("DIGITALOCEAN_TOKEN", raising=False)
    monkeypatch.setattr(terraform, "INFRA", copy.folder)


def test_the_default_is_the_articles_topology_as_the_readme_says() -> None:
    cost = planned_cost([])
    assert [(item.name, item.count) for item in cost.items] == [
        ("haproxy", 1),
        ("service", 1),
        ("generator", 1),
        ("database", 1),
    ]
    assert cost.usd_per_hour == pytest.approx(cost.usd_per_month / 672, abs=0.0001)
    readme = (CHECKOUT / "infra/README.md").read_text()
    assert f"That is {cost.usd_per_month:.2f} USD a month" in readme
    assert f"**{cost.usd_per_hour:.2f} USD an hour**" in readme
    assert f"for {cost.usd_per_hour:.2f} USD an hour" in (CHECKOUT / "README.md").read_text()


def test_variables_count() -> None:
    small, large = planned_cost([]), planned_cost(["service_count=3", "pool_size=60"])
    services = [next(item for item in cost.items if item.name == "service") for cost in (small, large)]
    assert [service.count for service in services] == [1, 3]
    assert large.usd_per_month - small.usd_per_month == pytest.approx(2 * services[0].usd_per_month)


def test_a_size_without_a_price_is_told() -> None:
    with pytest.raises(ShowdownError, match=r"prices\.json"):
        planned_cost(["service_size=s-64vcpu-1tb"])
