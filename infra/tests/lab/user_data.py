"""Renders the user data that Terraform gives a host."""

import json
import os
import subprocess

from showdown_contract.files import CHECKOUT

from lab import tools

MODULE = CHECKOUT / "infra/modules/user_data"


def render(role: str, **variables: str) -> str:
    """The module's text for a role. Raises ValueError if Terraform refuses the variables."""
    programs = tools.terraforms()
    if not programs:
        raise FileNotFoundError("neither terraform nor tofu is installed")
    arguments = [f"-var={name}={value}" for name, value in {"role": role, **variables}.items()]
    result = subprocess.run(
        [programs[0], f"-chdir={MODULE}", "console", *arguments],
        input="jsonencode(local.text)\n",
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise ValueError(result.stderr)
    # The console prints the JSON text as a string of HCL.
    text: str = json.loads(json.loads(result.stdout))
    return text
