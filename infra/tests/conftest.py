"""A small cloud that the tests share. It is applied and set up once in a session."""

import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from lab import network, requirements, tools
from lab.cloud import Cloud, running_cloud
from showdown_stack import programs
from showdown_stack.state import state_folder

# Read at import, for tests have a state folder of their own.
LAB = state_folder() / "lab"


@pytest.fixture(scope="session")
def booting(session_folder: Path) -> Iterator["Future[Cloud] | list[str]"]:
    """A cloud that is set up while other tests run; or a list of what this machine lacks for it."""
    if lacks := requirements.missing() + tools.missing() + ([] if programs.find("pgbouncer") else ["pgbouncer"]):
        yield lacks
        return
    folder = session_folder / "cloud"
    folder.mkdir()
    with ExitStack() as resources, ThreadPoolExecutor(1) as pool:
        # Wait until it is set up, for it cannot be taken down before that.
        yield pool.submit(resources.enter_context, running_cloud(LAB, folder))
        pool.shutdown()
        resources.close()
        assert left_over() == []


@pytest.fixture(scope="session")
def cloud(booting: "Future[Cloud] | list[str]") -> Cloud:
    """The cloud, its hosts set up. Skips the test if the machine lacks something for that."""
    if isinstance(booting, list):
        pytest.skip(f"test hosts need {', '.join(booting)} (infra/tests/set_up.sh)")
    return booting.result()


def left_over() -> list[str]:
    """Parts of a lab's network that still exist."""
    found = []
    for command in (["ip", "-brief", "link"], ["ip", "netns", "list"], ["ip", "route"], ["nft", "list", "tables"]):
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        found += [line for line in lines if network.PREFIX in line or network.TABLE in line]
    return found
