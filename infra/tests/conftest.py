"""A small cloud that the suites share: applied and set up once a session."""

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

# As it is when this is imported: during a test session the state folder is another.
LAB = state_folder() / "lab"


@pytest.fixture(scope="session")
def booting(session_folder: Path) -> Iterator["Future[Cloud] | list[str]"]:
    """A cloud that is on its way while other tests run; or what this machine lacks for it."""
    if lacks := requirements.missing() + tools.missing() + ([] if programs.find("pgbouncer") else ["pgbouncer"]):
        yield lacks
        return
    folder = session_folder / "cloud"
    folder.mkdir()
    with ExitStack() as resources, ThreadPoolExecutor(1) as pool:
        # However the tests end, it is whole before it is taken down.
        yield pool.submit(resources.enter_context, running_cloud(LAB, folder))
        pool.shutdown()
        resources.close()
        assert left_over() == []


@pytest.fixture(scope="session")
def cloud(booting: "Future[Cloud] | list[str]") -> Cloud:
    """Its hosts are set up. What this machine lacks for that is the reason to skip."""
    if isinstance(booting, list):
        pytest.skip(f"test hosts need {', '.join(booting)} (infra/tests/set_up.sh)")
    return booting.result()


def left_over() -> list[str]:
    """What a lab has left of its network."""
    found = []
    for command in (["ip", "-brief", "link"], ["ip", "netns", "list"], ["ip", "route"], ["nft", "list", "tables"]):
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        found += [line for line in lines if network.PREFIX in line or network.TABLE in line]
    return found
