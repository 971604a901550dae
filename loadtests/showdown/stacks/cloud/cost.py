"""What the hosts in the cloud will cost, before they are made; prices are in infra/prices.json."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field
from rich import box
from rich.console import Console
from rich.table import Table
from showdown_contract.errors import ShowdownError

from showdown.stacks.cloud import terraform

# As DigitalOcean has announced it for 2026, for droplets. It says nothing of databases.
BILLING = "Hosts are billed by the second, each at least for 60 s or 0.01 USD."


class Item(BaseModel):
    """Hosts of one tier."""

    name: str
    count: int
    size: str
    usd_per_month: float
    """For all of them together."""


class Cost(BaseModel):
    """The price without tax and without traffic that leaves the provider's network."""

    schema_version: Literal[1] = 1
    items: Annotated[list[Item], Field(min_length=1)]
    usd_per_month: float
    usd_per_hour: float


def planned_cost(variables: list[str]) -> Cost:
    """The cost with Terraform's variables as they are set, plus `variables` (name=value). Raises ShowdownError."""
    options = [f"-var={variable}" for variable in variables]
    said = terraform.value("the cost", "jsonencode(local.cost)", *options)
    try:
        return Cost.model_validate_json(said)
    except ValueError:
        raise ShowdownError(f"Terraform does not know the cost:\n{said}") from None


def show_cost(cost: Cost, console: Console) -> None:
    """Print it as a table."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=True)
    table.add_column("tier", "all")
    table.add_column("hosts", str(sum(item.count for item in cost.items)), justify="right")
    table.add_column("size")
    table.add_column("USD/month", f"{cost.usd_per_month:,.2f}", justify="right")
    for item in cost.items:
        table.add_row(item.name, str(item.count), item.size, f"{item.usd_per_month:,.2f}")
    console.print(table)
    console.print(
        f"{cost.usd_per_hour:.2f} USD for each hour until `destroy`. {BILLING}", highlight=False, soft_wrap=True
    )


def reminder(cost: Cost) -> str:
    """What everybody should read last who has hosts."""
    return (
        f"the hosts and the database cost {cost.usd_per_hour:.2f} USD an hour until "
        f"`{terraform.program()} -chdir=infra destroy`"
    )
