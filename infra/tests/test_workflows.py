"""The workflows and the action are right, as far as can be said without GitHub."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from lab.tools import HINT, find
from showdown_contract.files import CHECKOUT

GITHUB = CHECKOUT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTION = GITHUB / "actions" / "compare"
USES = re.compile(r"^\s*(?:- )?uses: (\S+)(.*)$", re.MULTILINE)
PINNED = re.compile(r"[\w-]+/[\w/.-]+@[0-9a-f]{40}")
VERSION = re.compile(r" # v\d+\.\d+\.\d+")


def example() -> str:
    """The workflow of the action's README, with the action of this checkout."""
    block: str
    (block,) = re.findall(r"```yaml\n(.*?)```", (ACTION / "README.md").read_text(), re.DOTALL)
    return block.replace("OWNER/showdown/.github/actions/compare@COMMIT", "./.github/actions/compare")


def actionlint(*arguments: str | Path, said: str | None = None) -> None:
    program = find("actionlint")
    if program is None:
        pytest.skip(f"missing here: actionlint ({HINT})")
    found = subprocess.run(
        [program, "-no-color", *arguments], cwd=CHECKOUT, input=said, text=True, capture_output=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actionlint_finds_nothing(workflow: Path) -> None:
    actionlint(workflow)


def test_the_example_of_the_action_is_right_and_names_its_inputs() -> None:
    actionlint("-stdin-filename", ".github/workflows/example.yml", "-", said=example())


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION / "README.md"], ids=lambda path: path.name)
def test_every_action_is_pinned_by_its_commit_and_says_its_version(path: Path) -> None:
    used = USES.findall(path.read_text())
    assert used
    for action, rest in used:
        if not action.startswith("OWNER/"):
            assert PINNED.fullmatch(action), action
            assert VERSION.fullmatch(rest), action


def test_an_action_has_the_same_version_everywhere() -> None:
    texts = [path.read_text() for path in [*WORKFLOWS, ACTION / "README.md"]]
    pins = {action for text in texts for action, _ in USES.findall(text) if not action.startswith("OWNER/")}
    assert len({action.partition("@")[0] for action in pins}) == len(pins)


def test_wheels_are_built_by_the_maturin_that_the_package_names() -> None:
    with (CHECKOUT / "pyext" / "pyproject.toml").open("rb") as file:
        settings = tomllib.load(file)
    workflow = (GITHUB / "workflows" / "rowjson.yml").read_text()
    assert settings["build-system"]["requires"] == [f"maturin=={re.findall(r'MATURIN: v(.*)', workflow)[0]}"]


def test_wheels_are_built_for_the_versions_of_python_that_the_package_names() -> None:
    with (CHECKOUT / "pyext" / "pyproject.toml").open("rb") as file:
        classifiers = tomllib.load(file)["project"]["classifiers"]
    versions = re.findall(r"Python :: (3\.\d+)", " ".join(classifiers))
    workflow = (GITHUB / "workflows" / "rowjson.yml").read_text()
    assert re.findall(r"PYTHONS: (.*)", workflow) == [" ".join(f"python{version}" for version in versions)]
    assert "[" + ", ".join(f'"{version}"' for version in versions) + "]" in workflow
