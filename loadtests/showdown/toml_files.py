"""Reads a TOML file into a model, and says what is wrong with it in terms of the file."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from showdown_contract.errors import ShowdownError
from showdown_stack.text import printable

from showdown.files import read_bounded
from showdown.selection import nearest

MOST_BYTES = 2**20
MOST_FAULTS = 20

Model = TypeVar("Model", bound=BaseModel)


def read_toml(path: Path, model: type[Model], context: object = None) -> Model:
    """The file as a `model`; `context` is for its validators. Raises ShowdownError that names the place in the file."""
    try:
        return model.model_validate(tomllib.loads(read_bounded(path, MOST_BYTES).decode()), context=context)
    except OSError as error:
        raise ShowdownError(f"{path}: {error.strerror}") from None
    except RecursionError:
        raise ShowdownError(f"{path} is nested too deeply") from None
    except ValidationError as error:
        raise ShowdownError("\n".join([f"{path} is not as it should be:", *faults(error, model)])) from None
    except ValueError as error:
        # Raised for bad TOML, bad UTF-8, and numbers with thousands of digits.
        raise ShowdownError(f"{path} is not valid TOML: {error}") from None


def faults(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """What is wrong and where, a line each, and no more of them than a person reads."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [
        f"  {printable('.'.join(map(str, fault['loc'])), keep='')}: {fault['msg']}{_hint(fault, model)}"
        for fault in found[:MOST_FAULTS]
    ]
    return [*lines, f"  and {len(found) - MOST_FAULTS} more"] if len(found) > MOST_FAULTS else lines


def _hint(fault: ErrorDetails, model: type[BaseModel]) -> str:
    """The known name that is nearest to an unknown one."""
    if fault["type"] != "extra_forbidden":
        return ""
    *place, name = fault["loc"]
    owners: list[type[BaseModel]] = [model]
    for key in place:
        # A key of a dict or list is not a field: look into the models of its values.
        inner = [owner.model_fields[str(key)].annotation for owner in owners if str(key) in owner.model_fields]
        owners = list(_models(inner)) or owners
    known = [field for owner in owners for field in owner.model_fields]
    close = nearest(str(name), known)
    return f": did you mean {close}?" if close else ""


def _models(annotations: Iterable[Any]) -> Iterable[type[BaseModel]]:
    """All models within types such as dict[str, Model] or list[Model] | None."""
    for annotation in annotations:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield annotation
        else:
            yield from _models(get_args(annotation))
