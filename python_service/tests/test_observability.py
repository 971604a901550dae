"""What METRICS and TRACES need is imported only with them."""

import subprocess
import sys

import pytest

from tests.served import CHECKOUT, environment

MODULES = {"starlette": "python_service.starlette_app.app", "django": "python_service.django_app.wsgi"}
URL = "postgresql://ada@127.0.0.1:5432/showdown"
PROGRAM = """
import importlib, sys
importlib.import_module(sys.argv[1])
print(sorted({name.partition(".")[0] for name in sys.modules} & {"opentelemetry", "prometheus_client", "psutil"}))
"""


@pytest.mark.parametrize("app", MODULES)
def test_nothing_is_imported_without_them(app: str) -> None:
    variables = environment(DATABASE_URL=URL, WORKERS=1, POOL_SIZE=1)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, MODULES[app]],
        cwd=CHECKOUT / "python_service",
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
