"""What is measured, and in which Python environment."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Library:
    """An HTTP client in one version."""

    module: str
    """What is imported, which is also the distribution's name."""
    environment: str | None = None
    """A file of environments/; None: the checkout's own environment, with what the services use."""

    @property
    def python(self) -> Path:
        return Path(sys.executable) if self.environment is None else _folder(self.environment) / "bin/python"


# In the order of the tables.
LIBRARIES = {
    "httpx-0.21.1": Library("httpx", "httpx-0.21.1"),
    "httpx-0.21.2": Library("httpx", "httpx-0.21.2"),
    "httpx-0.23": Library("httpx", "httpx-0.23"),
    "httpx": Library("httpx"),
    "httpx2-2.2": Library("httpx2", "httpx2-2.2"),
    "httpx2-2.15": Library("httpx2", "httpx2-2.15"),
    "httpx2": Library("httpx2"),
    "aiohttp": Library("aiohttp"),
    "niquests": Library("niquests", "niquests"),
    "pyreqwest": Library("pyreqwest"),
    "requests": Library("requests"),
}


def prepare(library: Library) -> None:
    """Make its environment. Raises ShowdownError with what the tool says where that fails."""
    if library.environment is None:
        return
    command = [str(HERE / "environment.sh"), library.environment]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ShowdownError(f"the environment {library.environment} cannot be made ({command[0]}):\n{done.stderr}")


def version(library: Library) -> str:
    """The version that its environment has."""
    code = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
    command = [str(library.python), "-c", code, library.module]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _folder(environment: str) -> Path:
    return CHECKOUT / f".venv-outbound-{environment}"
