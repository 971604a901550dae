import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clientlint.config import read_config
from clientlint.rules import RULES

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_example_shows_what_the_command_prints(clientlint: Callable[..., Any], folder: Path) -> None:
    bad = re.search(r"## Bad\n\n```python\n(.*?)```", RULES["CL001"].explanation, re.DOTALL)
    shown = re.search(r"\$ clientlint check src\n(.*?)```", README, re.DOTALL)
    assert bad is not None
    assert shown is not None
    (folder / "src").mkdir()
    (folder / "src" / "weather.py").write_text(bad[1])

    assert clientlint("check", "src").out == shown[1]


def test_the_example_of_a_configuration_is_read(folder: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert example is not None
    path = folder / "pyproject.toml"
    path.write_text(example[1])

    config = read_config(path)

    assert config.codes == {"CL001", "CL003"}
    assert config.clients == {"acme.http.Client": "httpx.AsyncClient"}


def test_the_table_has_every_rule() -> None:
    assert re.findall(r"^\| (CL\d+) \|", README, re.MULTILINE) == list(RULES)
