from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clientlint.config import find_config, read_config
from clientlint.errors import ClientlintError

OWN_CLIENT = """\
from acme import Client, rpc


@rpc
async def answer(url: str) -> str:
    async with Client() as client:
        return (await client.get(url)).text
"""


def configure(folder: Path, text: str) -> Path:
    path = folder / "pyproject.toml"
    path.write_text(f"[tool.clientlint]\n{text}\n")
    return path


def test_the_nearest_pyproject_with_a_table_counts(folder: Path) -> None:
    configure(folder, 'ignore = ["CL002"]')
    package = folder / "package"
    package.mkdir()
    (package / "pyproject.toml").write_text("[project]\nname = 'package'\n")

    config = find_config(package)

    assert config.root == folder
    assert config.ignore == {"CL002"}


def test_without_a_table_all_rules_count(folder: Path) -> None:
    assert find_config(folder).codes == {"CL001", "CL002", "CL003", "CL004", "CL005"}


@pytest.mark.usefixtures("bad_file")
def test_files_may_ignore_rules(clientlint: Callable[..., Any], folder: Path) -> None:
    configure(folder, '[tool.clientlint.per-file-ignores]\n"b*.py" = ["CL001"]')

    assert "CL001" not in clientlint("check").out


@pytest.mark.parametrize("name", ["tests/test_app.py", "test_app.py", "app_test.py", "src/conftest.py"])
def test_tests_are_excluded(clientlint: Callable[..., Any], folder: Path, bad_file: Path, name: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    bad_file.rename(path)

    assert clientlint("check").code == 0
    assert clientlint("check", name).code == 0  # as pre-commit names them

    configure(folder, "exclude = []")

    assert clientlint("check").code == 1


@pytest.mark.parametrize("pattern", ["old", "old/*", "old/bad.py", "./old/"[2:]])
def test_folders_are_excluded(clientlint: Callable[..., Any], folder: Path, bad_file: Path, pattern: str) -> None:
    (folder / "old").mkdir()
    bad_file.rename(folder / "old" / "bad.py")
    configure(folder, f'extend-exclude = ["{pattern}"]')

    assert clientlint("check").code == 0


def test_constructors_and_decorators_of_ones_own(clientlint: Callable[..., Any], folder: Path) -> None:
    (folder / "own.py").write_text(OWN_CLIENT)
    assert clientlint("check").code == 0

    configure(folder, 'handler-decorators = ["rpc"]\nclients = { "acme.Client" = "httpx.AsyncClient" }')

    assert (
        "own.py:6:16: CL001 acme.Client is constructed for each request: `answer` is decorated with @rpc."
        in clientlint("check").out
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("slect = []", "tool.clientlint has no key slect. Do you mean select?"),
        (
            'select = ["CL1"]',
            "tool.clientlint.select names CL1, which is not a rule: CL001, CL002, CL003, CL004, CL005 are",
        ),
        ('exclude = "old"', "tool.clientlint.exclude must be a list of strings"),
        ("clients = []", "tool.clientlint.clients must be a table"),
        (
            'clients = { "acme.Client" = "httpx.AsyncClint" }',
            "httpx.AsyncClint, which is not a known client. Do you mean httpx.AsyncClient?",
        ),
        ("select = [", "is not TOML"),
    ],
)
def test_wrong_configuration_is_refused_with_the_reason(folder: Path, text: str, message: str) -> None:
    path = configure(folder, text)

    with pytest.raises(ClientlintError, match=r"pyproject\.toml") as caught:
        read_config(path)

    assert message in str(caught.value)


def test_a_configuration_file_that_is_missing(folder: Path) -> None:
    with pytest.raises(ClientlintError, match="No such file"):
        read_config(folder / "none.toml")
