"""Tables whose source lines up, and a part of a document that is written anew."""

import pytest
from showdown_contract.errors import ShowdownError
from showdown_contract.markdown import spliced, table

BEGIN, END = "<!-- begin -->", "<!-- end -->"


def test_names_stand_to_the_left_and_figures_to_the_right() -> None:
    assert table(["", "req/s"], [["starlette", "1,234"], ["axum", "98,765"]]) == (
        "|           |  req/s |\n"
        "|-----------|-------:|\n"
        "| starlette |  1,234 |\n"
        "| axum      | 98,765 |"
    )  # fmt: skip


def test_only_what_is_between_the_markers_is_replaced() -> None:
    document = f"# Title\n{BEGIN}\nold\nlines\n{END}\nThe end\n"
    assert spliced(document, BEGIN, END, "new", "README.md") == f"# Title\n{BEGIN}\nnew\n{END}\nThe end\n"


@pytest.mark.parametrize("document", ["", BEGIN, END, f"{END}{BEGIN}"])
def test_without_both_markers_in_order_it_says_what_to_add(document: str) -> None:
    message = "README.md has no lines <!-- begin --> and <!-- end -->: add them where the tables belong"
    with pytest.raises(ShowdownError, match=message):
        spliced(document, BEGIN, END, "new", "README.md")
