"""service.md names only what exists, and all queries. (Tests in loadtests compare the variables with the code.)"""

import re

from showdown_contract.files import CONTRACT, QUERIES

TEXT = (CONTRACT / "service.md").read_text()


def test_each_query_is_named_and_each_that_is_named_is_there() -> None:
    assert set(re.findall(r"`(\w+\.sql)`", TEXT)) == {path.name for path in QUERIES.glob("*.sql")}


def test_each_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", TEXT)
    assert links
    assert [link for link in links if not (CONTRACT / link).exists()] == []
