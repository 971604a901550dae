import re

import pytest
from clientlint.rules import RULES, Rule
from evaluation.corpus import Case

BLOCK = re.compile(r"^## (?P<kind>Bad|Good)\n\n```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_an_explanation_shows_bad_code_that_is_found_and_good_code_that_is_not(rule: Rule) -> None:
    examples = {
        match["kind"]: Case(rule.code, match["kind"], match["code"]) for match in BLOCK.finditer(rule.explanation)
    }

    assert rule.code in {code for _, code in examples["Bad"].found}
    assert rule.code not in {code for _, code in examples["Good"].found}
    for example in examples.values():
        assert example.found == example.expected


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_an_explanation_begins_with_the_code_the_name_and_the_summary(rule: Rule) -> None:
    assert rule.explanation.startswith(f"# {rule.code}: {rule.name}\n\n{rule.summary}\n")
