"""Reads a TOML file into a model, and says what is wrong with it in terms of the file."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from showdown_contract.errors import ShowdownError
from showdown_stack.text import printable

from showdown.files import read_bounded

MOST_BYTES = 2**20
MOST_FAULTS = 20

Model = TypeVar("Model", bound=BaseModel)


def read_toml(path: Path, model: type[Model], context: object = None) -> Model:
    """The file as a `model`, whose validators see the context. Raises ShowdownError that names the place in it."""
    try:
        return model.model_validate(tomllib.loads(read_bounded(path, MOST_BYTES).decode()), context=context)
    except OSError as error:
        raise ShowdownError(f"{path}: {error.strerror}") from None
    except RecursionError:
        raise ShowdownError(f"{path} is nested too deeply") from None
    except ValidationError as error:
        raise ShowdownError("\n".join([f"{path} is not as it should be:", *faults(error)])) from None
    except ValueError as error:
        # Of TOML and of UTF-8; and Python's own for a number of thousands of digits.
        raise ShowdownError(f"{path} is not valid TOML: {error}") from None


def faults(error: ValidationError) -> list[str]:
    """What is wrong and where, a line each, and no more of them than a person reads."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [
        f"  {printable('.'.join(map(str, fault['loc'])), keep='')}: {fault['msg']}" for fault in found[:MOST_FAULTS]
    ]
    return [*lines, f"  and {len(found) - MOST_FAULTS} more"] if len(found) > MOST_FAULTS else lines
