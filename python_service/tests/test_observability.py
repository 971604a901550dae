"""What METRICS and TRACES need is imported only with them, and what another app needs never: it would cost memory."""

import subprocess
import sys

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
    variables = environment(DATABASE_URL=URL, WORKERS=1, POOL_SIZE=1)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, f"python_service.{app}", *OBSERVING, *APPS[app]],
        cwd=CHECKOUT / "python_service",
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "\n"
