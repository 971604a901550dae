"""Reads a TOML file into a model, and says what is wrong with it in terms of the file."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from showdown.errors import ShowdownError

Model = TypeVar("Model", bound=BaseModel)


def read_toml(path: Path, model: type[Model]) -> Model:
    """The file as a `model`. Raises ShowdownError that names the place in the file."""
    try:
        return model.model_validate(tomllib.loads(path.read_text()))
    except OSError as error:
        raise ShowdownError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ShowdownError(f"{path} is not valid TOML: {error}") from None
    except ValidationError as error:
        faults = (f"  {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise ShowdownError("\n".join([f"{path} is not as it should be:", *faults])) from None
