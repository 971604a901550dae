"""What is typed after an option is read, or refused with an example of what would do."""

import pytest
import typer
from showdown.commands.percentages import share


@pytest.mark.parametrize(("text", "number"), [("3%", 0.03), ("2.5%", 0.025), ("0.1%", 0.001), ("50%", 0.5)])
def test_a_percentage_is_a_share(text: str, number: float) -> None:
    assert share(text) == pytest.approx(number)


@pytest.mark.parametrize("text", ["", "3", "%", "-3%", "0%", "0.05%", "51%", "1e1%", "nan%", "3 %", "3%%", "٣%"])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"is not a percentage from 0\.1% to 50%, such as 3%"):
        share(text)
