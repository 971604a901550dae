"""The page in a real browser: it asks nothing of the network, draws, sorts, and can be used by everybody."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from made_up_chains import made_up_chain_run
from made_up_runs import SCENARIO, made_up_sampled
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from showdown.judge.differences import differences
from showdown.measure.results import Run, write_run
from showdown.report.html.before_after import before_after
from showdown.report.html.live import watching
from showdown.report.html.page import page
from showdown.report.summary import summarize

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: type 'apt install chromium'")

HOSTILE = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
ALL_DRAWN = "document.querySelectorAll('.chart').length == document.querySelectorAll('.chart[data-drawn] svg').length"
# A machine may be busy with other things.
TIMEOUT_MS = 120_000
# The names of rows, in the order in which they stand.
NAMES = "[...document.querySelector('.sortable').tBodies[0].rows].map(row => row.cells[0].innerText)"


@dataclass
class Shown:
    """A page that is shown, and what was heard of it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.said.append(message.text)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not work for root.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a chain, whose texts are hostile."""
    run = made_up_chain_run({"a": 1000.0, "same": 1001.0, "fast": 3000.0})
    assert run.chain
    run.chain.description = run.variants["fast"].description = run.command = run.chain.steps[0].name = HOSTILE
    run.sampled = [
        made_up_sampled(name, {"HTTP parsing": 300.0 / number, "driver": 200.0, "kernel": 100.0 * number})
        for number, name in enumerate(run.variants, start=1)
    ]
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page(summarize(run)))
    return path


@pytest.fixture
def show(browser: Browser, file: Path) -> Iterator[Callable[..., Shown]]:
    """Opens the page, as wide as this, and waits until all charts are drawn."""
    contexts = []

    def call(*, width: int = 1000, dark: bool = False, url: str = file.as_uri()) -> Shown:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light", reduced_motion="reduce"
        )
        context.set_default_timeout(TIMEOUT_MS)
        contexts.append(context)
        shown = Shown(context.new_page())
        shown.page.on("request", lambda request: shown.requests.append(request.url))
        shown.page.on("console", shown.hear)
        shown.page.on("pageerror", lambda error: shown.said.append(str(error)))
        shown.page.goto(url)
        shown.page.wait_for_function(ALL_DRAWN)
        return shown

    yield call
    for context in contexts:
        context.close()


def test_it_draws_all_charts_asks_nothing_of_the_network_and_complains_of_nothing(
    show: Callable[..., Shown], file: Path
) -> None:
    shown = show()
    marks = shown.page.evaluate("[...document.querySelectorAll('.chart')].map(c => c.querySelectorAll('path').length)")
    assert len(marks) > 4
    assert min(marks) > 1
    assert shown.requests == [file.as_uri()]
    assert shown.said == []
    assert shown.page.evaluate("window.hacked") is None


def test_two_runs_are_drawn_too(show: Callable[..., Shown], run: Run, tmp_path: Path) -> None:
    path = tmp_path / "comparison.html"
    flames = [(f"a-variant-with-a-long-name, {SCENARIO}", f"after/profiles/{SCENARIO}/a-since-before.svg")]
    path.write_text(before_after(run, run, differences(run, run), [], flames))
    shown = show(url=path.as_uri(), width=360)
    assert shown.said == []
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 360
    found = Axe().run(shown.page)
    assert found.violations_count == 0, found.generate_report()


def test_a_table_is_sorted_by_the_keyboard(show: Callable[..., Shown]) -> None:
    shown = show().page
    assert shown.evaluate(NAMES) == ["fast", "same", "a"] or shown.evaluate(NAMES) == ["fast", "a", "same"]
    heading = shown.locator(".sortable th", has_text="req/s").first
    heading.locator("button").focus()
    shown.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    assert shown.evaluate(NAMES)[-1] == "fast"
    shown.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    assert shown.evaluate(NAMES)[0] == "fast"
    assert shown.locator(".sortable").first.locator("[aria-sort]").count() == 1


def test_the_numbers_of_a_chart_open_by_its_link(show: Callable[..., Shown]) -> None:
    shown = show().page
    numbers = shown.locator("figure details").first
    assert not numbers.locator("table").is_visible()
    shown.locator(".to-numbers").first.focus()
    shown.keyboard.press("Enter")
    assert numbers.locator("table").is_visible()


@pytest.mark.parametrize(("width", "dark"), [(360, False), (1000, False), (1000, True)])
def test_it_is_readable_by_everybody_and_fits(show: Callable[..., Shown], width: int, dark: bool) -> None:
    shown = show(width=width, dark=dark).page
    shown.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert shown.evaluate("Math.max(...[...document.querySelectorAll('.chart svg')].map(c => c.clientWidth))") <= width
    found = Axe().run(shown)
    assert found.violations_count == 0, found.generate_report()


def test_on_paper_it_is_light_and_the_numbers_are_there(show: Callable[..., Shown]) -> None:
    shown = show(dark=True).page
    shown.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    shown.emulate_media(media="print")
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert shown.locator("figure details table").first.is_visible()


@contextmanager
def watched(run: Run, folder: Path) -> Iterator[str]:
    write_run(run, folder)
    with watching(folder, None) as url:
        yield url


def test_a_page_that_is_served_follows_the_run(show: Callable[..., Shown], run: Run, tmp_path: Path) -> None:
    run.finished_at = None
    with watched(run, tmp_path) as url:
        shown = show(url=url)
        assert shown.page.get_by_text("Following the run.").is_visible()
        shown.page.locator("figure summary").first.click()
        run.finished_at, run.notes = "2026-01-02T03:09:05+00:00", ["more is known"]
        write_run(run, tmp_path)
        shown.page.get_by_text("more is known").wait_for()
        assert shown.page.get_by_text("The run is finished.").is_visible()
        assert shown.page.locator("figure details table").first.is_visible()
    assert shown.said == []
    assert {request.removeprefix(url) for request in shown.requests} <= {"", "version"}
