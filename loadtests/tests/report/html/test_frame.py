"""What surrounds a page allows it no more than it needs."""

from html import unescape

from showdown.report.html import scripts
from showdown.report.html.frame import rendered


def test_a_page_without_charts_has_no_script_and_may_run_none() -> None:
    made = unescape(rendered("waiting.html.jinja", charts=False, reason="none"))
    assert "<script" not in made
    assert "default-src 'none'; script-src 'none';" in made


def test_a_page_that_is_served_may_ask_its_server_and_no_other() -> None:
    made = unescape(rendered("waiting.html.jinja", charts=False, version="1", reason="none"))
    assert "connect-src 'self'" in made
    assert f"script-src {scripts.own('live.js').allowed};" in made
    assert 'data-version="1"' in made
