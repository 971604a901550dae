"""Where a table's prices come from, in words."""

from showdown.report.summary import Summary


def price_note(summary: Summary) -> str | None:
    """None if nothing has a price."""
    prices = summary.prices
    if summary.run.hosts:
        if any(host.usd_per_month is None for host in summary.run.hosts if host.tier != "generator"):
            return None
        return (
            "USD/month is what haproxy, Postgres and the service's hosts cost, without the generator's; the req/s are "
            "those that were measured on them."
        )
    if prices is None:
        return None
    hosts = ", ".join(
        f"{host.size} for {tier} ({host.usd_per_month:g} USD/month)" for tier, host in prices.by_tier.items()
    )
    return (
        f"Costs are as on {prices.title}, by CPU a request as it was measured here: {hosts}; {prices.source}, as of "
        f"{prices.as_of}. One host for each tier gives at most so many req/s, for a tier has no CPU time left then; "
        "the last column is of as many hosts for each tier as keep all of them busy."
    )
