"""Which promises were broken: pure functions of what was done and seen."""

from showdown.faults.fault_file import Fault
from showdown.faults.fault_results import Faulted


def broken_promises(measured: Faulted, fault: Fault, failed_too_early: int) -> list[str]:
    """A sentence for each. `failed_too_early`: how many requests had failed before the fault was caused."""
    if measured.faulted is None or measured.error is not None:
        return ["the fault was not caused as it should be"]
    seen, control = measured.faulted, measured.control
    last = max((line.at_seconds for line in measured.done), default=None)
    found = {
        f"{seen.wrong_bodies} wrong bodies": seen.wrong_bodies,
        f"{measured.lost} of {measured.acknowledged} acknowledged rows lost": measured.lost,
        f"{seen.hung} requests hung": seen.hung,
        f"{seen.failures} requests failed, though none may": 0 if fault.may_fail else seen.failures,
        "answers were not right again in the end": measured.recovered_seconds is None,
        "nothing was done": last is None,
        "something was done after the last request": last is not None and last > measured.span_seconds,
        f"{failed_too_early} requests failed before anything was done": failed_too_early
        if control is not None and control.failures == 0
        else 0,
    }
    if control is not None:
        found |= {
            f"{control.wrong_bodies} wrong bodies without the fault": control.wrong_bodies,
            f"{control.hung} requests hung without the fault": control.hung,
        }
    return [sentence for sentence, is_so in found.items() if is_so]
