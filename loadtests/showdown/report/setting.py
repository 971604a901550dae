"""How a run was measured, in words: the same for every report."""

from collections.abc import Iterable

from showdown.judge.comparisons import confidence
from showdown.measure.results import Run
from showdown.report.figures import percent

# How git marks the commit of a checkout in which files differ from it.
DIRTY = "-dirty"
# In a shorter block there is nothing to see over time that its mean does not say.
FEWEST_LAPS = 20


def setting(run: Run) -> str:
    """The generator, the tiers that requests pass, and the number of blocks and slices."""
    tiers = [
        tier for tier, there in (("haproxy", run.haproxy), (f"pgbouncer ({run.pgbouncer})", run.pgbouncer)) if there
    ]
    path = f"through {listed(tiers)}" if tiers else "the service directly"
    laps = f" × {run.profile.laps} slices" if run.profile.laps > 1 else " of a slice each"
    until = "" if run.until_half_width is None else f", until all intervals are within ±{percent(run.until_half_width)}"
    blocks = f"{run.profile.blocks} block{'s' if run.profile.blocks > 1 else ''}{laps}{until}"
    return f"{_load(run)}{_hosts(run)}, {path}, {blocks}"


def is_long(run: Run) -> bool:
    """Whether there is something to see over time."""
    return run.profile.laps >= FEWEST_LAPS


def confidence_percent(run: Run) -> str:
    """The confidence of its intervals: 95%."""
    return f"{100 * confidence(run):g}%"


def contender_name(run: Run, contender: str, service_hosts: int) -> str:
    """A variant, and on how many service hosts where that is not one in all slices; or the ceiling, which has none."""
    if run.service_hosts == [1] or contender not in run.variants:
        return contender
    return f"{contender}, {service_hosts} host{'s' if service_hosts > 1 else ''}"


def listed(words: Iterable[object]) -> str:
    """Joined as in a sentence: a, b and c."""
    *others, last = map(str, words)
    return f"{', '.join(others)} and {last}" if others else last


def _load(run: Run) -> str:
    if run.rate is None:
        return f"{_users(run)} users of {run.generator}"
    how = "at equal intervals" if run.rate.pattern == "constant" else "by chance"
    return f"{run.rate} of {run.generator}, arriving {how}"


def _users(run: Run) -> str:
    """Where they are swept: from the fewest to the most."""
    users = {run.users_of(variant) for variant in run.variants}
    return f"{min(users)} to {max(users)}" if len(users) > 1 else f"{min(users)}"


def _hosts(run: Run) -> str:
    if run.stack == "local":
        return ""
    hosts = "host" if run.service_hosts == [1] else "hosts"
    return f" for each service host, on {listed(run.service_hosts)} service {hosts}"


def how(run: Run) -> str:
    """What was measured in which order, in a sentence."""
    return (
        f"{setting(run)} of {run.profile.slice_seconds:g} s: {_data_set(run)}all variants up at once and measured in "
        f"turn, started anew for each of {run.profile.blocks} block(s), with {run.profile.warm_up_seconds:g} s of "
        "warm-up each."
    )


def commands(run: Run) -> list[str]:
    """What to type to measure it again, with a comment where that cannot be exact."""
    commit = run.commit.removesuffix(DIRTY)
    differed = "  # some files were not as in this commit" if commit != run.commit else ""
    return [f"git checkout {commit}{differed}", "make set-up", run.command]


def versions(run: Run) -> str:
    """Of what all variants share."""
    return ", ".join(f"{name} {version}" for name, version in run.versions.items())


def own_versions(run: Run) -> list[str]:
    """Of each variant, what it does not share with the others."""
    return [
        f"{name}: {', '.join(f'{part} {version}' for part, version in own.items())}"
        for name, own in run.variant_versions.items()
    ]


def _data_set(run: Run) -> str:
    """Empty if the data set has only one size."""
    return f"{run.size:,} recipes, " if run.size else ""
