"""`showdown cloud-cost`."""

from showdown.console import explained, out, write_json
from showdown.options import Json, TerraformVariables
from showdown.stacks.cloud.cost import planned_cost, show_cost


def main(var: TerraformVariables = None, as_json: Json = False) -> None:
    with explained():
        cost = planned_cost(var or [])
        if as_json:
            write_json(cost)
        else:
            show_cost(cost, out)
