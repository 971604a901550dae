"""Each case of the corpus is a test: what its comments expect is found, and nothing else."""

import pytest
from evaluation.corpus import Case, cases

CASES = list(cases())


def test_the_corpus_has_good_and_bad_code_for_every_rule() -> None:
    by_file = {case.file for case in CASES}
    assert len(CASES) > 100
    for file in by_file:
        assert any(case.expected for case in CASES if case.file == file)
        assert any(not case.expected for case in CASES if case.file == file)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}-{case.name}")
def test_finds_what_a_case_expects(case: Case) -> None:
    assert case.found == case.expected
