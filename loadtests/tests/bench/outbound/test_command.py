"""The commands."""

import pytest
from outbound.__main__ import app
from showdown_contract.errors import ShowdownError
from typer.testing import CliRunner


@pytest.mark.parametrize("command", ["construct", "loads", "flames"])
def test_a_name_that_is_not_known_is_refused(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--only", "none"])
    assert isinstance(result.exception, ShowdownError)
    assert str(result.exception).startswith("there is no none: choose from ")
