from pathlib import Path

import pytest
from clientlint.config import Config
from clientlint.linter import Linter
from clientlint.source import Source

CODE = """\
import requests


async def page(url: str) -> str:
    return requests.get({first}
        url,
        timeout=5,
    ).text{last}
"""


def found(first: str = "", last: str = "") -> list[str]:
    source = Source(Path("a.py"), CODE.format(first=first, last=last))
    return [one.code for one in Linter(Config(Path())).findings(source)]


@pytest.mark.parametrize(
    "comment",
    ["# noqa", "# noqa: CL004", "#noqa:CL004", "# NOQA: cl004", "# noqa: E501, CL004", "# noqa: CL004 - a cache"],
)
def test_a_comment_at_the_first_or_the_last_line_silences_a_finding(comment: str) -> None:
    assert found() == ["CL004"]
    assert found(first=f"  {comment}") == []
    assert found(last=f"  {comment}") == []


@pytest.mark.parametrize("comment", ["# noqa: CL001", "# noqa: E501", "# noqable", "# no qa"])
def test_other_comments_do_not(comment: str) -> None:
    assert found(first=f"  {comment}") == ["CL004"]
