"""What a stack has left behind is found in the account itself, here the fake's."""

from collections.abc import Iterator

import pytest
from lab.fake_api import FakeApi
from showdown.stacks.cloud import leftovers as module
from showdown.stacks.cloud.leftovers import leftovers
from showdown_contract.errors import ShowdownError


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    monkeypatch.setattr(module, "PAGE", 2)
    with FakeApi() as running:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        yield running


def hold(api: FakeApi, droplets: list[str], databases: list[str]) -> None:
    api.account.droplets |= {number: {"id": number, "name": name} for number, name in enumerate(droplets, start=1)}
    api.account.databases |= {f"id-of-{name}": {"id": f"id-of-{name}", "name": name} for name in databases}


def test_an_account_without_any_has_no_leftovers(api: FakeApi) -> None:
    assert leftovers("showdown") == []
    assert api.problems == []


def test_hosts_and_databases_of_the_stack_are_found_and_no_others(api: FakeApi) -> None:
    hold(api, ["web", "showdown2-haproxy", "showdown", "other", "showdown-service1"], ["showdown", "production"])
    assert leftovers("showdown") == [
        "doctl compute droplet delete 5  # showdown-service1",
        "doctl databases delete id-of-showdown  # showdown",
    ]
    assert api.problems == []


def test_a_token_that_the_provider_does_not_take_is_told(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITALOCEAN_TOKEN", "another")
    with pytest.raises(ShowdownError, match=r"cannot look for leftovers among the account's droplets: .*401"):
        leftovers("showdown")
    assert len(api.problems) == 1


def test_without_a_token_nothing_is_asked(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in module.TOKENS:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ShowdownError, match="without a token: set DIGITALOCEAN_TOKEN"):
        leftovers("showdown")
    assert not api.requests
