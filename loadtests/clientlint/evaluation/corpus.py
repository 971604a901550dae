"""The corpus: small modules in Markdown, with a comment at each line where something must be found."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clientlint.config import Config
from clientlint.linter import Linter
from clientlint.source import Source

CORPUS = Path(__file__).parents[1] / "corpus"
_CASE = re.compile(r"^## (?P<name>.+?)\n.*?^```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
_EXPECT = re.compile(r"#\s*expect:\s*(?P<codes>(?:CL\d+\s*)+)")

Place = tuple[int, str]  # a line and a code


@dataclass(frozen=True)
class Case:
    file: str
    name: str
    code: str

    @property
    def expected(self) -> set[Place]:
        lines = enumerate(self.code.split("\n"), start=1)
        return {
            (number, code)
            for number, line in lines
            if (found := _EXPECT.search(line))
            for code in found["codes"].split()
        }

    @property
    def found(self) -> set[Place]:
        linter = Linter(Config(Path()))
        return {(one.line, one.code) for one in linter.findings(Source(Path(self.file), self.code))}


def cases(folder: Path = CORPUS) -> Iterator[Case]:
    for path in sorted(folder.glob("*.md")):
        for found in _CASE.finditer(path.read_text(encoding="utf-8")):
            yield Case(path.name, found["name"], found["code"])
