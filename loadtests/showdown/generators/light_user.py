"""The requests of the light generators: they send one set of headers, so all requests are from one user."""

from showdown_contract.errors import ShowdownError

from showdown.requests.kind import Kinds, Request, Seeded
from showdown.requests.scenarios import Scenario


def light_requests(name: str, scenario: Scenario, kinds: Kinds, seeded: Seeded) -> list[Request]:
    """A scenario's requests, which differ only in their path. Raises ShowdownError if the scenario mixes kinds."""
    if len(scenario.requests) > 1:
        raise ShowdownError(
            f"oha sends one kind of request, and {name} mixes {', '.join(scenario.requests)}: use locust"
        )
    return kinds[next(iter(scenario.requests))].of_one_user(seeded)
