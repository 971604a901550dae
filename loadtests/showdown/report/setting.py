"""How a run was measured, in words: the same for every report."""

from collections.abc import Iterable

from showdown.measure.results import Run


def setting(run: Run) -> str:
    """Who asked, whom, and through what."""
    tiers = [
        tier for tier, there in (("haproxy", run.haproxy), (f"pgbouncer ({run.pgbouncer})", run.pgbouncer)) if there
    ]
    path = f"through {listed(tiers)}" if tiers else "the service directly"
    laps = f" × {run.profile.laps} slices" if run.profile.laps > 1 else " of a slice each"
    blocks = f"{run.profile.blocks} block{'s' if run.profile.blocks > 1 else ''}{laps}"
    return f"{_load(run)}{_hosts(run)}, {path}, {blocks}"


def contender_name(run: Run, contender: str, service_hosts: int) -> str:
    """A variant, and on how many service hosts where that is not one in all slices; or the ceiling, which has none."""
    if run.service_hosts == [1] or contender not in run.variants:
        return contender
    return f"{contender}, {service_hosts} host{'s' if service_hosts > 1 else ''}"


def listed(words: Iterable[object]) -> str:
    """As people list: a, b and c."""
    *others, last = map(str, words)
    return f"{', '.join(others)} and {last}" if others else last


def _load(run: Run) -> str:
    if run.rate is None:
        return f"{run.profile.users} users of {run.generator}"
    how = "at equal intervals" if run.rate.pattern == "constant" else "by chance"
    return f"{run.rate} of {run.generator}, arriving {how}"


def _hosts(run: Run) -> str:
    if run.stack == "local":
        return ""
    hosts = "host" if run.service_hosts == [1] else "hosts"
    return f" for each service host, on {listed(run.service_hosts)} service {hosts}"
