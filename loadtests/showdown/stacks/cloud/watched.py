"""What the hosts of a cloud stack have seen of a block: each watches itself, window by window, by its own clock."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter
from showdown_contract.errors import ShowdownError
from showdown_stack.haproxy import FORGET_MAXIMA, STATISTICS, Totals, backends

from showdown.generators.load import Running
from showdown.generators.pgbench import PgbenchSummary
from showdown.stacks.cloud.tasks import TaskAnswer, Tasks
from showdown.stacks.event_loop import EventLoop
from showdown.stacks.looks import Seen, usage
from showdown.stacks.records import Link, Proxy, TierName, TierUsage, Upstream
from showdown.stacks.stack import Window

SUMMARY = TypeAdapter(PgbenchSummary)
# In the quiet before a window, for what was under way to be counted.
PAUSE_SECONDS = 0.05


class CloudCeilings:
    """pgbench on the first generator host, which follows the clock."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    def begin(self, index: int) -> Tasks:  # noqa: ARG002 - it knows when
        return self._tasks

    def end(self) -> None:
        """It knows when."""

    def summary(self, index: int) -> PgbenchSummary:
        summary = self._tasks.answers()[0].summaries[index]
        if "error" in summary:
            raise ShowdownError(summary["error"])
        return SUMMARY.validate_python(summary)


class CloudWatched:
    """What each tier cost: the answers of the hosts' recorders, and of the generators."""

    def __init__(self, windows: Sequence[Window], places: Mapping[str, int], services: Sequence[str]) -> None:
        """`places`: of the variants; `services`: the service hosts' names."""
        self._windows = windows
        self._places = places
        self._services = services
        self._generators: list[Tasks] = []
        self._haproxy = TaskAnswer()
        self._of_services: Sequence[TaskAnswer] = []
        self._of_postgres: Sequence[TaskAnswer] = []

    def of_haproxy(self) -> dict[str, Any]:
        """What haproxy's host is to do: route before each variant's window, count, and watch."""
        moments = [window.quiet_from + PAUSE_SECONDS for window in self._windows]
        routes = [self._route(window) for window in self._windows]
        moments.append(self._windows[-1].left_at + PAUSE_SECONDS)
        commands = [
            [moment, [STATISTICS, FORGET_MAXIMA, *route]] for moment, route in zip(moments, [*routes, []], strict=True)
        ]
        return {"windows": [_span(window) for window in self._windows], "commands": commands}

    def of_services(self, host: int) -> dict[str, Any]:
        """What a service host is to do."""
        windows = [window for window in self._windows if self._serves(window, host)]
        places = [self._places[window.variant] for window in windows if window.variant is not None]
        return {"windows": [_span(window) for window in windows], "places": places}

    def of_postgres(self) -> dict[str, Any]:
        """What Postgres's host is to do."""
        return {"windows": [_span(window) for window in self._windows]}

    def complete(self, answers: Sequence[TaskAnswer]) -> None:
        """Of haproxy's host, of each service host, and of Postgres's if we have that, at their end.

        Raises ShowdownError where haproxy did not obey.
        """
        self._haproxy, *others = answers
        self._of_services, self._of_postgres = others[: len(self._services)], others[len(self._services) :]
        # It says nothing where it does as it is told.
        refusals = {said.strip() for _, _, *routes in self._haproxy.answers for said in routes} - {""}
        if refusals:
            raise ShowdownError(f"haproxy cannot say which hosts it has: {'; '.join(sorted(refusals))}")

    def between(self) -> None:
        """Haproxy's host counts by its clock."""

    def begin(self, generator: Running | None) -> None:
        assert isinstance(generator, Tasks)  # noqa: S101 - all that runs on this stack are tasks
        self._generators.append(generator)

    def look(self) -> None:
        """Each host looks by its clock."""

    def tiers(self, window: int, per_second: float) -> dict[TierName, TierUsage]:
        generator = self._generators[window]
        turn = sum(each is generator for each in self._generators[:window])
        seen: dict[TierName, list[Seen]] = {
            "generator": [answer.seen[turn] for answer in generator.answers()],
        }
        if self._windows[window].variant is not None:
            seen["haproxy"] = [self._haproxy.seen[window]]
            seen["service"] = [
                answer.seen[sum(self._serves(earlier, host) for earlier in self._windows[:window])]
                for host, answer in enumerate(self._of_services)
                if self._serves(self._windows[window], host)
            ]
        if self._of_postgres:
            seen["postgres"] = [answer.seen[window] for answer in self._of_postgres]
        return {tier: usage(of_tier, per_second) for tier, of_tier in seen.items()}

    def machine_cpu_us(self, window: int, per_second: float) -> float | None:  # noqa: ARG002 - there are several
        return None

    def proxy(self, window: int) -> Proxy | None:
        variant = self._windows[window].variant
        if variant is None:
            return None
        before, after = (
            Totals.read(said[0], self._places[variant]) for said in self._haproxy.answers[window : window + 2]
        )
        return Proxy.between(before, after)

    def upstream(self, window: int, service_requests: int) -> Upstream | None:  # noqa: ARG002 - there is none
        return None

    def event_loop(self, window: int) -> EventLoop | None:  # noqa: ARG002 - nobody asks services on hosts
        return None

    def link(self, window: int, service_requests: int) -> Link | None:  # noqa: ARG002 - there is none
        return None

    def _serves(self, window: Window, host: int) -> bool:
        return window.variant is not None and host < window.hosts

    def _route(self, window: Window) -> list[str]:
        """Requests go to those hosts only that a window's service has."""
        if window.variant is None:
            return []
        return [
            f"set server {backend}/{name} state {'ready' if host < window.hosts else 'maint'}"
            for backend in backends(self._places[window.variant])
            for host, name in enumerate(self._services)
        ]


def _span(window: Window) -> list[float]:
    return [window.counted_from, window.counted_to]
