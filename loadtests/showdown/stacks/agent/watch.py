"""Looks at a tier of this host, window by window, by the clock."""

from collections.abc import Callable, Sequence
from typing import Any

import psutil
from showdown_contract.errors import ShowdownError
from showdown_stack.haproxy import ask

from showdown.stacks.agent.leash import Leash, announce
from showdown.stacks.agent.tiers import HAPROXY, service_unit
from showdown.stacks.footprint import footprints
from showdown.stacks.looks import Look, Seen, cores, system_cores

STATS_SOCKET = "/run/showdown-haproxy/stats.sock"
TimeSpan = tuple[float, float]


def seen_in(
    leash: Leash, windows: Sequence[TimeSpan], root: Callable[[int], int], check: Callable[[], object] = lambda: None
) -> list[dict[str, Any]]:
    """What a tree of processes used and held in each window; `root`: its pid, by the window's number.

    Raises ShowdownError where the work is not wanted to its end, and what `check` raises.
    """
    return [look_in(leash, window, root(number), check).model_dump() for number, window in enumerate(windows)]


def look_in(leash: Leash, window: TimeSpan, root: int, check: Callable[[], object] = lambda: None) -> Seen:
    """One window. Raises ShowdownError where it is not wanted to its end."""
    looks = []
    for moment in window:
        if not leash.held_until(moment, check):
            raise ShowdownError("nobody wants to know any more")
        looks.append(Look.now(root, split=True))
    held = footprints({"service": root})["service"]
    return Seen(
        cores=cores(*looks),
        system_cores=system_cores(*looks),
        rss_bytes=held.rss_bytes,
        fds=held.fds,
        connections=held.connections,
    )


def watch_services(leash: Leash, windows: list[list[float]], places: list[int]) -> dict[str, Any]:
    """What services cost here in windows of theirs; `places`: each window's service, by its place."""
    pids = {place: service_unit(place).pid for place in set(places)}
    announce("ready")
    return {"seen": seen_in(leash, [_span(window) for window in windows], lambda number: pids[places[number]])}


def watch_haproxy(leash: Leash, windows: list[list[float]], commands: list[list[Any]]) -> dict[str, Any]:
    """What haproxy cost in windows, and what it answered.

    `commands`: before each window and after the last, a moment, and what it is told then. Raises ShowdownError where
    haproxy ends: systemd starts it again, but what it has counted, and whom it knows, begins anew then.
    """
    pid = HAPROXY.pid
    announce("ready")
    seen, answers = [], []
    for number, (moment, told) in enumerate(commands):
        if not leash.held_until(moment):
            raise ShowdownError("nobody wants to know any more")
        if not psutil.pid_exists(pid):
            raise ShowdownError(HAPROXY.how_it_ended())
        answers.append([ask(STATS_SOCKET, command) for command in told])
        if number < len(windows):
            seen.append(look_in(leash, _span(windows[number]), pid).model_dump())
    return {"seen": seen, "answers": answers}


def _span(window: list[float]) -> TimeSpan:
    counted_from, counted_to = window
    return counted_from, counted_to
