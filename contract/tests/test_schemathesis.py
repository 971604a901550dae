"""Requests that nobody thought of: each service answers them as openapi.yaml says."""

import subprocess
import sys
from pathlib import Path

import pytest
from showdown_contract.files import CONTRACT

EXAMPLES = 40
PROGRAMS = Path(sys.executable).parent
# In a shell, for the service's URL is known only there.
SCHEMATHESIS = (
    f"{PROGRAMS}/schemathesis --config-file {CONTRACT}/schemathesis.toml run {CONTRACT}/openapi.yaml "
    f'--url "$SHOWDOWN_URL" --checks all --max-examples {EXAMPLES} --seed 1 --no-color'
)


@pytest.mark.parametrize("variant", ["django", "starlette", "axum"])
def test_service_obeys_openapi(variant: str, tmp_path: Path) -> None:
    command = [str(PROGRAMS / "showdown"), "up", "--variant", variant, "--", "sh", "-c", SCHEMATHESIS]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "No issues found" in result.stdout
