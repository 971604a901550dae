"""The package and its stub agree."""

import ast
import inspect
from pathlib import Path
from types import FunctionType

import pytest
import rowjson

FOLDER = Path(rowjson.__file__).parent
STUB = ast.parse((FOLDER / "_rowjson.pyi").read_text(encoding="utf-8"))
FUNCTIONS = {one.name: one for one in STUB.body if isinstance(one, ast.FunctionDef)}
CLASSES = {one.name for one in STUB.body if isinstance(one, ast.ClassDef) and not one.name.startswith("_")}


def test_the_stub_declares_what_rust_offers() -> None:
    offered = {name for name in rowjson.__all__ if not isinstance(getattr(rowjson, name), FunctionType)}
    assert {*FUNCTIONS, *CLASSES, "__version__"} == offered
    assert {name for name in CLASSES if inspect.isclass(getattr(rowjson, name))} == CLASSES


def test_type_checkers_are_told_to_read_it() -> None:
    assert (FOLDER / "py.typed").exists()


def test_signatures_are_those_of_the_stub() -> None:
    parameters = inspect.signature(rowjson.dumps).parameters
    declared = FUNCTIONS["dumps"].args
    assert list(parameters) == [argument.arg for argument in [*declared.posonlyargs, *declared.kwonlyargs]]
    assert parameters["value"].kind is inspect.Parameter.POSITIONAL_ONLY
    assert parameters["bytes"].default == "base64"


def test_classes_are_the_packages_and_final() -> None:
    for name in CLASSES:
        one = getattr(rowjson, name)
        assert one.__module__ == "rowjson"
        with pytest.raises(TypeError, match="not an acceptable base type"):
            type("Derived", (one,), {})
