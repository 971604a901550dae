from pathlib import Path

import pytest
from clientlint.rules import RULES
from evaluation import __main__ as evaluation
from evaluation.corpus import cases
from evaluation.packages import Judged, Package, fetched, found, judged

PACKAGE = Package("acme", "1.0")
CODE = "import requests\n\nasync def page(url):\n    return requests.get(url).text\n"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache that has the package acme already, with CL004 at line 4."""
    folder = tmp_path / "acme-1.0" / "acme"
    folder.mkdir(parents=True)
    (folder / "api.py").write_text(CODE)
    return tmp_path


def judgement(*, right: bool, line: int = 4) -> Judged:
    return Judged(PACKAGE, "acme/api.py", line, "CL004", right, "read")


def test_the_corpus_is_read_with_what_is_expected_at_each_line(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"# A\n\n## one\n\nWhy.\n\n```python\n{CODE[:-1]}  # expect: CL004 CL001\n```\n")

    (case,) = cases(tmp_path)

    assert (case.name, case.expected, case.found) == ("one", {(4, "CL004"), (4, "CL001")}, {(4, "CL004")})


def test_the_corpus_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluation.corpus()
    assert "recall" in capsys.readouterr().out


def test_every_judgement_names_a_rule_and_a_reason() -> None:
    entries = judged()

    assert len({entry.package.name for entry in entries}) >= 10
    assert {entry.code for entry in entries} == RULES.keys()
    assert all(entry.why for entry in entries)
    assert len({(entry.package, *entry.place) for entry in entries}) == len(entries)


def test_a_package_in_the_cache_is_not_fetched_again(cache: Path) -> None:
    assert set(found(fetched(PACKAGE, cache))) == {("acme/api.py", 4, "CL004")}


@pytest.mark.parametrize(
    ("known", "passes", "says"),
    [
        (judgement(right=True), True, "acme 1.0: 1 of 1 findings are right"),
        (judgement(right=False), False, "acme 1.0: 0 of 1 findings are right"),
        (judgement(right=True, line=9), False, "acme 1.0: acme/api.py:4: CL004 has not been judged"),
        (judgement(right=True, line=9), False, "acme 1.0: acme/api.py:9: CL004 is no longer found"),
    ],
)
def test_findings_are_compared_with_judgements(
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    known: Judged,
    *,
    passes: bool,
    says: str,
) -> None:
    monkeypatch.setattr(evaluation, "judged", lambda: [known])

    assert evaluation.packages(cache) is passes
    assert says in capsys.readouterr().out
