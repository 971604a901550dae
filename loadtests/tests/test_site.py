"""The site of all documents is built, and a broken link is an error."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lay_out
import pytest
from documents import tracked
from showdown_contract.files import CHECKOUT

PAGES = {
    "README.md": "# Home\n\n[one](docs/one.md#part) ![chart](docs/chart.svg) [data](data/) [queries](queries)\n",
    "docs/one.md": "# One\n\n## Part\n\n[up](../README.md)\n",
    "docs/chart.svg": "<svg/>",
    "data/README.md": "# Data\n",
    "queries/a.sql": "SELECT 1",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    for name, text in PAGES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    """As `make docs` does, of pages that are laid out."""
    program = Path(sys.executable).with_name("zensical")
    return subprocess.run(
        [program, "build", "--strict", "--config-file", folder / "zensical.toml"],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_document_stands_where_it_did_with_what_it_links_to(checkout: Path, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    lay_out.lay_out(checkout, PAGES, pages)
    assert {str(path.relative_to(pages)) for path in pages.rglob("*") if path.is_file()} == {
        *PAGES,
        "queries/README.md",
    }
    assert (pages / "README.md").read_text().splitlines()[2] == (
        "[one](docs/one.md#part) ![chart](docs/chart.svg) [data](data/README.md) [queries](queries/README.md)"
    )
    assert (pages / "queries/README.md").read_text() == "# queries\n\n- [a.sql](a.sql)\n"


@pytest.mark.parametrize("link", ["docs/two.md", "docs/two.svg", "../elsewhere.md", "two"])
def test_a_link_that_leads_nowhere_is_told(checkout: Path, tmp_path: Path, link: str) -> None:
    (checkout / "docs/one.md").write_text(f"[a](../{link})")
    with pytest.raises(lay_out.BrokenLinkError, match=rf"docs/one\.md links to \.\./{re.escape(link)}, which is not"):
        lay_out.lay_out(checkout, PAGES, tmp_path / "pages")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of all documents of this checkout."""
    folder = tmp_path_factory.mktemp("site")
    lay_out.main(folder)
    built = build(folder)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def test_every_document_is_a_page(site: Path) -> None:
    # A site has no hidden folders.
    names = [re.sub(r"README\.md$", "index.md", name) for name in tracked("*.md", ":!.github/*")]
    assert [name for name in names if not (site / "site" / name).with_suffix(".html").is_file()] == []


def test_a_page_fetches_nothing_from_elsewhere(site: Path) -> None:
    fetched = re.compile(r'<(?:script|img|link)[^>]+(?:src|href)="?(https?://[^" >]+)')
    pages = [page.read_text() for page in (site / "site").rglob("*.html")]
    assert {url for page in pages for url in fetched.findall(page)} == set()


def test_no_page_has_what_the_theme_fetches_a_script_for(site: Path) -> None:
    """Its own script names some of other sites, such as mermaid's, and fetches each for elements of a class."""
    fetched_for = re.compile(r'class="?[^">]*\b(mermaid|glightbox|pyodide)\b')
    pages = [page.read_text() for page in (site / "site").rglob("*.html")]
    assert {name for page in pages for name in fetched_for.findall(page)} == set()


def test_a_broken_anchor_is_an_error(site: Path) -> None:
    page = site / "pages" / "docs" / "findings.md"
    whole = page.read_text()
    try:
        page.write_text(f"{whole}\n[there](methodology.md#no-such-part)\n")
        built = build(site)
    finally:
        page.write_text(whole)
    assert built.returncode != 0
    assert "anchor does not exist" in built.stdout + built.stderr


def test_every_document_in_docs_is_in_the_navigation() -> None:
    configuration = tomllib.loads((CHECKOUT / "docs/site/zensical.toml").read_text())
    named = set(_files(configuration["project"]["nav"]))
    assert {name for name in tracked("docs/*.md") if name.count("/") == 1} <= named
    assert [name for name in named if not (CHECKOUT / name).is_file()] == []


def _files(navigation: list[dict[str, Any]]) -> Iterator[str]:
    for entry in navigation:
        for of in entry.values():
            yield from _files(of) if isinstance(of, list) else [of]
