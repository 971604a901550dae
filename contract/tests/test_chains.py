"""Services take what a chain sets, step by step and from the other end; HTTP servers of a chain obey the contract."""

import pytest
from python_service.requirements import BY_APP
from python_service.settings import Settings
from showdown.contenders.variants import Variant
from showdown.contenders.verify import differences
from showdown.contract.contract import load_contract
from showdown.stacks.local import started_service
from showdown_contract.seed import undo_writes
from showdown_stack.tiers import Tiers

DATABASE_URL = "postgresql://ada@db.test/showdown"
CONTRACT = load_contract()
VARIANTS = {name: variant for chain in CONTRACT.chains.values() for name, variant in chain.own.items()}
PYTHON = [name for name, variant in VARIANTS.items() if any("python_service" in word for word in variant.command)]
HTTP_SERVERS = [step.after for step in CONTRACT.chains["http-server"].chain.steps]


@pytest.mark.parametrize("name", PYTHON)
def test_a_python_service_takes_the_settings_of_each_step(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    variant = VARIANTS[name]
    for variable, value in {"DATABASE_URL": DATABASE_URL, **variant.settings()}.items():
        monkeypatch.setenv(variable, value)
    settings = Settings()  # type: ignore[call-arg]  # the environment gives them
    for require in BY_APP[app_of(variant)]:
        require(settings)


@pytest.mark.parametrize("name", HTTP_SERVERS)
def test_each_http_server_passes_every_golden_case(name: str, stack: Tiers) -> None:
    try:
        with started_service(stack, name, VARIANTS[name]):
            assert differences(stack.service_url, CONTRACT.answerable("by-id", upstream=False)) == []
    finally:
        undo_writes(stack.postgres.owner_dsn)


def app_of(variant: Variant) -> str:
    """The folder of the app that a command names, be it as the app or by a program of its own."""
    named = [word.split(".")[1] for word in variant.command if word.startswith("python_service.")]
    return named[-1]
