"""Asks Terraform, or OpenTofu, what it has made or would make."""

import json
import shutil
import subprocess
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT

INFRA = CHECKOUT / "infra"
# Its state holds passwords, so it and all else that Terraform writes is for its user alone.
UMASK = 0o077
STATE = "terraform.tfstate"
TERRAFORM, TOFU = "terraform", "tofu"

Model = TypeVar("Model", bound=BaseModel)


class Resource(BaseModel):
    """Something that was made, or read."""

    address: str
    type: str
    mode: str
    values: dict[str, Any]


class _Module(BaseModel):
    resources: list[Resource] = []
    child_modules: list["_Module"] = []


class _Values(BaseModel):
    root_module: _Module = _Module()


class _Shown(BaseModel):
    """Without `values` if there is no state."""

    values: _Values = _Values()


def program() -> str:
    """The program that `init` was run with, else Terraform, else OpenTofu. Raises ShowdownError if none is there."""
    lock = INFRA / ".terraform.lock.hcl"
    # Each of them may refuse the state that the other has written.
    first = TOFU if lock.exists() and "registry.opentofu.org" in lock.read_text() else TERRAFORM
    found = next((name for name in (first, TERRAFORM, TOFU) if shutil.which(name)), None)
    if found is None:
        raise ShowdownError("neither terraform nor tofu is installed: see infra/README.md")
    return found


def command(*arguments: str) -> list[str]:
    """A command of Terraform's in infra/."""
    return [program(), f"-chdir={INFRA}", *arguments]


def resources() -> list[Resource]:
    """What the state holds. Raises ShowdownError."""
    try:
        shown = _Shown.model_validate_json(run("show", "-json").stdout)
    except ValidationError as error:
        raise ShowdownError(f"{program()} show -json is not understood: {error.errors()[0]['msg']}") from None
    found: list[Resource] = []
    modules = [shown.values.root_module]
    while modules:
        module = modules.pop()
        found += module.resources
        modules += module.child_modules
    return [resource for resource in found if resource.mode == "managed"]


def value(what: str, expression: str, *options: str) -> str:
    """A string that depends only on variables; `what`: its name for a message. Raises ShowdownError."""
    said = run("console", *options, stdin=f"{expression}\n")
    try:
        # On the last line, below any warnings; in quotes.
        return str(json.loads(said.stdout.splitlines()[-1]))
    except (IndexError, ValueError, RecursionError):
        raise ShowdownError(f"Terraform does not know {what}:\n{(said.stderr or said.stdout).strip()}") from None


def require_private_state() -> None:
    """Raise ShowdownError if other users of this machine can read the state on it."""
    state = INFRA / STATE
    if state.exists() and state.stat().st_mode & UMASK:
        raise ShowdownError(f"{state} holds passwords, and other users can read it: type 'chmod 600 {state}'")


def run(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run Terraform in infra/. Raises ShowdownError with its message if it fails."""
    words = command(*arguments, "-no-color")
    name = words[0]
    try:
        result = subprocess.run(
            words, input=stdin, capture_output=True, text=True, errors="replace", check=False, umask=UMASK
        )
    except (OSError, ValueError) as error:
        # ValueError: an argument holds a NUL.
        reason = error.strerror if isinstance(error, OSError) else error
        raise ShowdownError(f"cannot run {name} {arguments[0]}: {reason}") from None
    if result.returncode != 0:
        # A size without a price crashes `console`; after !!!! it asks the user to report that.
        said = (result.stderr or result.stdout).partition("!!!!")[0].strip()
        raise ShowdownError(f"{name} {arguments[0]} failed in {INFRA}:\n{said}")
    return result


def outputs(model: type[Model]) -> Model:
    """The outputs of the applied stack. Raises ShowdownError if nothing is applied, or something else."""
    try:
        said = json.loads(run("output", "-json").stdout)
        values: dict[str, Any] = {name: output["value"] for name, output in said.items()}
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        raise ShowdownError(f"{program()} output -json gives no outputs in {INFRA}: apply there first") from None
    if not values:
        raise ShowdownError(f"nothing is applied in {INFRA}: `{program()} apply` there first, see infra/README.md")
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ShowdownError(f"the outputs of {INFRA} are not this version's ({place}: {first['msg']})") from None
