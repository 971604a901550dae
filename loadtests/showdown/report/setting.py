"""How a run was measured, in words: the same for every report."""

from showdown.results import Run


def setting(run: Run) -> str:
    """Who asked, and through what."""
    tiers = [
        tier for tier, there in (("haproxy", run.haproxy), (f"pgbouncer ({run.pgbouncer})", run.pgbouncer)) if there
    ]
    path = f"through {' and '.join(tiers)}" if tiers else "the service directly"
    each = " for each service host" if len(run.service_hosts) > 1 else ""
    return f"{run.profile.users} users{each} of {run.generator}, {path}, median of {run.profile.rounds} round(s)"
