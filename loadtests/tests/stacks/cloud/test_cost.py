"""The price is Terraform's own sum, shown before anything is made."""

import json
from collections.abc import Callable
from io import StringIO

import pytest
from rich.console import Console
from showdown.stacks.cloud.cost import BILLING, Cost, Item, planned_cost, reminder, show_cost
from showdown_contract.errors import ShowdownError

StandIn = Callable[[str, str], None]
COST = Cost(
    items=[
        Item(name="haproxy", count=1, size="s-2vcpu-4gb", usd_per_month=28.0),
        Item(name="service", count=40, size="s-2vcpu-4gb", usd_per_month=1120.0),
    ],
    usd_per_month=1148.0,
    usd_per_hour=1.7083,
)


def test_terraform_is_asked_for_its_sum(stand_in: StandIn) -> None:
    # Terraform's console prints a string as it would be written in a configuration.
    printed = json.dumps(COST.model_dump_json())
    stand_in("terraform", f"read question\n[ \"$question\" = 'jsonencode(local.cost)' ] && echo '{printed}'")
    assert planned_cost([]) == COST


def test_warnings_before_it_are_passed_over(stand_in: StandIn) -> None:
    stand_in("terraform", f"echo 'Warning: no backend'; echo; echo '{json.dumps(COST.model_dump_json())}'")
    assert planned_cost([]) == COST


def test_variables_are_passed_on(stand_in: StandIn) -> None:
    stand_in("terraform", 'echo "$@" >&2; exit 1')
    with pytest.raises(ShowdownError, match=r"console .*-var=service_count=3 -var=region=fra1"):
        planned_cost(["service_count=3", "region=fra1"])


@pytest.mark.parametrize(
    ("said", "shown"), [("", ""), ("(known after apply)", "(known after apply)"), ('"{}"', "{}"), ("5", "5")]
)
def test_what_is_no_sum_is_shown(stand_in: StandIn, said: str, shown: str) -> None:
    stand_in("terraform", f"echo '{said}'")
    with pytest.raises(ShowdownError) as raised:
        planned_cost([])
    assert str(raised.value) == f"Terraform does not know the cost:\n{shown}"


def test_what_is_amiss_is_told_where_the_exit_code_does_not(stand_in: StandIn) -> None:
    stand_in("terraform", "echo '(known after apply)'; echo 'no price for size huge' >&2")
    with pytest.raises(ShowdownError, match=r"does not know the cost:\nno price for size huge$"):
        planned_cost([])


def test_the_table_has_a_row_a_tier_and_their_sum() -> None:
    console = Console(file=StringIO(), width=80)
    show_cost(COST, console)
    assert isinstance(console.file, StringIO)
    *table, hourly = [line for line in console.file.getvalue().splitlines() if line.strip("─╶╴ ")]
    assert [line.split() for line in table] == [
        ["tier", "hosts", "size", "USD/month"],
        ["haproxy", "1", "s-2vcpu-4gb", "28.00"],
        ["service", "40", "s-2vcpu-4gb", "1,120.00"],
        ["all", "41", "1,148.00"],
    ]
    assert hourly == f"1.71 USD for each hour until `destroy`. {BILLING}"


def test_a_run_ends_with_what_the_hosts_go_on_to_cost(stand_in: StandIn) -> None:
    stand_in("terraform", "exit 1")
    assert reminder(COST) == "the hosts and the database cost 1.71 USD an hour until `terraform -chdir=infra destroy`"
