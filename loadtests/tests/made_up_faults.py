"""A variant under a fault, as it would be measured, for what is made of that."""

from showdown.contract.contract import load_contract
from showdown.faults.action_log import Done
from showdown.faults.fault_file import load_fault_file
from showdown.faults.fault_results import Faulted, Faults
from showdown.faults.seen import Seen
from showdown.measure.results import Run

CONTROL = Seen(
    requests=1_000, failed={}, wrong_bodies=0, hung=0, worst_ms=12.5, first_failed_seconds=None,
    last_failed_seconds=None,
)  # fmt: skip


def made_up_faulted() -> Faulted:
    """Six seconds, in the first of which a worker is killed, and two requests with it."""
    with_fault = CONTROL.model_copy(
        update={"failed": {"502": 2}, "worst_ms": 250.0, "first_failed_seconds": 1.0, "last_failed_seconds": 1.5}
    )
    return Faulted(
        variant="slow",
        fault="worker-killed",
        requests_per_second=160.0,
        span_seconds=6.0,
        control=CONTROL.model_copy(),
        faulted=with_fault,
        done=[Done(at_seconds=1.0, pid=4711, action="kill -9 of a worker", effect="gone from the table of processes")],
        recovered_seconds=0.5,
        acknowledged=50,
    )


def made_up_faults(run: Run) -> Faults:
    """That one alone, of two faults that there are."""
    faults = load_fault_file(load_contract()).named("worker-killed,rolling-restart")
    return Faults(finished_at="2026-01-02T03:09:05+00:00", run=run, faults=faults, measured=[made_up_faulted()])
