"""A TOML file is read into a model, or an error describes the fault in terms of the file."""

import os
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict
from showdown.toml_files import read_toml
from showdown_contract.errors import ShowdownError


class Fruit(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    seeds: int = 0


class Basket(BaseModel):
    model_config = ConfigDict(extra="forbid")

    fruits: list[Fruit]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "basket.toml"


def test_a_right_file_is_a_model(path: Path) -> None:
    path.write_text('[[fruits]]\nname = "apple"\nseeds = 5\n')
    assert read_toml(path, Basket) == Basket(fruits=[Fruit(name="apple", seeds=5)])


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ('[[fruits]]\nname = "apple"\ncolour = "red"\n', "fruits.0.colour: Extra inputs are not permitted"),
        (
            '[[fruits]]\nname = "apple"\nseed = 5\n',
            "fruits.0.seed: Extra inputs are not permitted: did you mean seeds?",
        ),
        ("fruit = []\n", "fruit: Extra inputs are not permitted: did you mean fruits?"),
        ('[[fruits]]\nname = "apple"\nseeds = "five"\n', "fruits.0.seeds: Input should be a valid integer"),
        ("[[fruits]]\nseeds = 5\n", "fruits.0.name: Field required"),
        ("", "fruits: Field required"),
    ],
)
def test_what_does_not_belong_is_named_with_its_place(path: Path, content: str, place: str) -> None:
    path.write_text(content)
    with pytest.raises(ShowdownError) as raised:
        read_toml(path, Basket)
    message = str(raised.value)
    assert message.startswith(f"{path} is not as it should be:\n")
    assert f"\n  {place}" in message


def test_every_fault_is_told_at_once(path: Path) -> None:
    path.write_text('[[fruits]]\ncolour = "red"\nseeds = "five"\n')
    with pytest.raises(ShowdownError, match=r"name: Field required\n.*seeds: .*\n.*colour: "):
        read_toml(path, Basket)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"[[fruits]\n", r"line 1, column \d+"), (b'name = "caf\xe9"', "can't decode byte 0xe9")],
)
def test_broken_toml_is_told_with_its_line(path: Path, content: bytes, reason: str) -> None:
    path.write_bytes(content)
    with pytest.raises(ShowdownError, match=rf"basket\.toml is not valid TOML: .*{reason}"):
        read_toml(path, Basket)


def test_a_file_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(ShowdownError, match=r"basket\.toml: No such file or directory"):
        read_toml(path, Basket)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"x = {'[' * 5000}{']' * 5000}", "is nested too deeply"),
        (f"x = {'{a=' * 5000}1{'}' * 5000}", "is nested too deeply"),
        (f"x = {'9' * 5000}", "is not valid TOML"),
        ("#" * (2**20 + 1), "is larger than 1 MiB"),
    ],
)
def test_what_would_take_stack_or_memory_is_refused(path: Path, content: str, message: str) -> None:
    path.write_text(content)
    with pytest.raises(ShowdownError, match=rf"basket\.toml {message}"):
        read_toml(path, Basket)


def test_only_so_many_faults_are_told(path: Path) -> None:
    path.write_text('[[fruits]]\nname = "apple"\nseeds = "five"\n' * 50)
    with pytest.raises(ShowdownError) as raised:
        read_toml(path, Basket)
    first, *faults, last = str(raised.value).splitlines()
    assert first == f"{path} is not as it should be:"
    assert (len(faults), last) == (20, "  and 30 more")


def test_what_is_no_file_is_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(ShowdownError, match=r"basket\.toml is not a regular file"):
        read_toml(path, Basket)
