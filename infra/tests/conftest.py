"""A small cloud that the suites share: applied and set up once a session."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import network, requirements, tools
from lab.cloud import Cloud, running_cloud
from local_stack import programs
from local_stack.state import state_folder

# As it is when this is imported: during a test session the state folder is another.
LAB = state_folder() / "lab"


@pytest.fixture(scope="session")
def cloud(session_folder: Path) -> Iterator[Cloud]:
    """Its hosts are set up. What this machine lacks for that is the reason to skip."""
    lacks = requirements.missing() + tools.missing() + ([] if programs.find("pgbouncer") else ["pgbouncer"])
    if lacks:
        pytest.skip(f"test hosts need {', '.join(lacks)} (infra/tests/set_up.sh)")
    folder = session_folder / "cloud"
    folder.mkdir()
    with running_cloud(LAB, folder) as running:
        yield running
    assert left_over() == []


def left_over() -> list[str]:
    """What a lab has left of its network."""
    found = []
    for command in (["ip", "-brief", "link"], ["ip", "netns", "list"], ["ip", "route"], ["nft", "list", "tables"]):
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        found += [line for line in lines if network.PREFIX in line or network.TABLE in line]
    return found
