"""Renders the user data that Terraform gives a host."""

import json
import os
import subprocess
from typing import Any

from showdown_contract.files import CHECKOUT

from lab import tools

MODULE = CHECKOUT / "infra/modules/user_data"


def render(role: str) -> str:
    """The module's text for a role. Raises ValueError if Terraform refuses the role."""
    text: str = _value("local.text", role)
    return text


def config(role: str) -> dict[str, Any]:
    """What that text says. Raises ValueError as above."""
    said: dict[str, Any] = _value("local.config", role)
    return said


def _value(name: str, role: str) -> Any:
    programs = tools.terraforms()
    if not programs:
        raise FileNotFoundError("neither terraform nor tofu is installed")
    result = subprocess.run(
        [programs[0], f"-chdir={MODULE}", "console", f"-var=role={role}"],
        input=f"jsonencode({name})\n",
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise ValueError(result.stderr)
    # The console prints the JSON text as a string of HCL.
    return json.loads(json.loads(result.stdout))
