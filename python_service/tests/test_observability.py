"""What METRICS and TRACES need is imported only with them, and what another app needs never: it would cost memory."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.served import CHECKOUT, environment

# FastAPI itself needs the rest of opentelemetry.
OBSERVING = {"opentelemetry.sdk", "prometheus_client", "psutil"}
APPS = {
    "starlette_app.app": {"django", "fastapi", "psycopg", "psycopg_pool", "sqlalchemy"},
    "fastapi_app.app": {"django", "psycopg", "psycopg_pool"},
    "django_app.wsgi": {"asyncpg", "fastapi", "psycopg_pool", "sqlalchemy", "starlette"},
    "django_orm_app.wsgi": {"asyncpg", "fastapi", "psycopg_pool", "sqlalchemy", "starlette"},
}
URL = "postgresql://ada@127.0.0.1:5432/showdown"
PROGRAM = """
import importlib, sys
importlib.import_module(sys.argv[1])
print(*sorted(sys.modules.keys() & set(sys.argv[2:])))
"""


@pytest.mark.parametrize("app", APPS)
def test_nothing_is_imported_in_vain(app: str) -> None:
    assert imported(app, OBSERVING | APPS[app]) == set()


@pytest.mark.parametrize("app", APPS)
def test_what_is_scraped_needs_nothing_to_be_sent(app: str, tmp_path: Path) -> None:
    found = imported(app, OBSERVING, METRICS="true", PROMETHEUS_MULTIPROC_DIR=tmp_path)
    assert "prometheus_client" in found
    assert "opentelemetry.sdk" not in found


def imported(app: str, looked_for: set[str], **settings: object) -> set[str]:
    """What the app imports of these modules."""
    variables = environment(DATABASE_URL=URL, WORKERS=1, POOL_SIZE=1, **settings)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, f"python_service.{app}", *looked_for],
        cwd=CHECKOUT / "python_service",
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())
