"""Files that gunicorn's workers share, so that each can answer for all: prometheus_client's multiprocess mode.

prometheus_client looks at the variable when it is imported, so this module imports it later.
"""

import os
import shutil
import tempfile

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def share(parent: str | None) -> None:
    """Make a folder for the files, in gunicorn's master. After a reload the workers keep it."""
    if FOLDER not in os.environ:
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="python-service-metrics-", dir=parent)


def forget(pid: int) -> None:
    """A worker has ended: what it was doing is over. What it has counted remains."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415

    mark_process_dead(pid)  # type: ignore[no-untyped-call]


def remove() -> None:
    """Delete the folder, once no worker runs."""
    shutil.rmtree(os.environ[FOLDER], ignore_errors=True)
