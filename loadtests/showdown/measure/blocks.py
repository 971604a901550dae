"""One block: services of several variants started, verified, loaded in turn by a timetable, and stopped."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
import psycopg
from showdown_contract.errors import ShowdownError

from showdown.generators.load import Generator, Load
from showdown.measure.course import BlockPlan, BlockResult, Course, Listener, StackLostError
from showdown.measure.work import WorkCounter
from showdown.stacks.stack import Block, Stack


class BlockError(ShowdownError):
    """A block without a result; others may have one."""


def measure_block(plan: BlockPlan, stack: Stack, generator: Generator, listener: Listener, result: BlockResult) -> None:
    """Measure into `result`; where something is raised, that has the laps which were finished before.

    A contender that fails loses the block, and the others go on. Raises StackLostError, and BlockError where a block
    cannot be measured at all.
    """
    load = Load(plan.scenarios, plan.most_users, plan.run.size, plan.files)
    course: Course | None = None
    try:
        with (
            _explained(stack),
            WorkCounter(stack.owner_dsn, stack.api_user) as counter,
            stack.block(plan.variants, plan.files) as block,
        ):
            listener.on_step("starting the services")
            with generator.start(load) as loading:
                block.wait_until_ready()
                faults = _unfit(plan, stack, block, listener)
                loading.wait_until_ready()
                course = Course(plan, stack, block, loading, counter, faults)
                course.follow(listener)
        # Once they are stopped, there may be more to say.
        course.faults = {**block.faults, **course.faults}
    finally:
        # Whatever ends a block, its finished laps are worth keeping.
        if course is not None:
            course.add_to(result)
        with suppress(ShowdownError, psycopg.Error):
            stack.reset()


def _unfit(plan: BlockPlan, stack: Stack, block: Block, listener: Listener) -> dict[str, str]:
    """Which variants cannot be measured, and why: those that are not up, and those that break the contract."""
    found = dict(block.faults)
    for name in plan.variants:
        if name in plan.verify and name not in found:
            listener.on_step(f"verifying {name}")
            if differences := block.differences(name):
                found[name] = f"it breaks the contract in {len(differences)} golden cases, the first: {differences[0]}"
            # The golden cases write notes, too.
            stack.reset()
    return found


@contextmanager
def _explained(stack: Stack) -> Iterator[None]:
    """Turn what can go wrong in a block into BlockError, or StackLostError where a shared tier has ended."""
    try:
        yield
    except (ShowdownError, psycopg.Error, psutil.Error, OSError) as error:
        if isinstance(error, StackLostError):
            raise
        if lost := stack.lost():
            raise StackLostError(lost.how_it_ended(" in mid-run")) from error
        raise BlockError(str(error).strip() or type(error).__name__) from error
