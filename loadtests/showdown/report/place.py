"""Where a run was measured, in words."""

from showdown.measure.results import Run
from showdown.report.setting import listed
from showdown.stacks.records import Host, Machine, TierName


def where(run: Run) -> str:
    """The machine, or the hosts."""
    if not run.hosts:
        return _described(run.machine)
    tiers = dict.fromkeys(host.tier for host in run.hosts)
    hosts = {tier: [host for host in run.hosts if host.tier == tier] for tier in tiers}
    return "; ".join(_hosts(tier, of_tier) for tier, of_tier in hosts.items())


def _hosts(tier: TierName, hosts: list[Host]) -> str:
    first = hosts[0]
    price = [] if first.usd_per_month is None else [f"{first.usd_per_month:,.0f} USD/month each"]
    told = ", ".join([*price, *_machines(hosts)])
    return f"{len(hosts)} × {first.size} for {tier}{f' ({told})' if told else ''}"


def _machines(hosts: list[Host]) -> list[str]:
    """The hosts of a tier, described once if they are alike: a provider may give different ones."""
    machines: dict[str, list[str]] = {}
    for host in hosts:
        if host.machine:
            machines.setdefault(_described(host.machine), []).append(host.name)
    if len(machines) == 1:
        return list(machines)
    return [f"{listed(names)}: {machine}" for machine, names in machines.items()]


def _described(machine: Machine) -> str:
    virtual = f", virtual ({machine.virtual})" if machine.virtual else ""
    memory_gib = f"{machine.memory_mib / 1024:.0f}"
    return f"{machine.cores} cores of {machine.cpu}{virtual}, {memory_gib} GiB, {machine.system}"
