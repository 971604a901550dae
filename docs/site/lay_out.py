"""Lays out all documents as the source of a site, which zensical builds.

    python docs/site/lay_out.py FOLDER

A document stands where it does in the checkout, so its links hold. A file that it links to is put there as it is. A
link to a folder leads to its README, or to a list of its files. A link that leads nowhere ends this with code 1.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

CHECKOUT = Path(__file__).resolve().parents[2]
CONFIGURATION = Path(__file__).with_name("zensical.toml")
README = "README.md"
# A link to a file: neither a URL nor an anchor in the document.
LINK = re.compile(r"(?<=\]\()(?!https?:|#)([^)#\s]+)")


class BrokenLinkError(Exception):
    """A link leads nowhere; the text names the document and the link."""


def lay_out(checkout: Path, names: Iterable[str], pages: Path) -> None:
    """Put all documents among these files into the folder, with what they link to. Raises BrokenLinkError."""
    known = {PurePosixPath(name) for name in names}
    for document in sorted(name for name in known if name.suffix == ".md"):
        text = LINK.sub(_relinked(checkout, known, document, pages), (checkout / document).read_text())
        _write(pages / document, text)


def _relinked(
    checkout: Path, known: set[PurePosixPath], document: PurePosixPath, pages: Path
) -> Callable[[re.Match[str]], str]:
    """What stands in the place of each link."""

    def link(found: re.Match[str]) -> str:
        target = PurePosixPath(_normal(document.parent / found[0]))
        if target in known:
            if target.suffix != ".md":
                _copy(checkout / target, pages / target)
            return found[0]
        inside = sorted(name for name in known if target in name.parents)
        if not inside:
            raise BrokenLinkError(f"{document} links to {found[0]}, which is not in the repository")
        if target / README not in known:
            _list(checkout, target, inside, pages)
        return f"{found[0].rstrip('/')}/{README}"

    return link


def _list(checkout: Path, folder: PurePosixPath, inside: Iterable[PurePosixPath], pages: Path) -> None:
    """A page with a link to each file of a folder that has no README."""
    lines = [f"# {folder}", ""]
    for name in inside:
        if name.suffix != ".md":
            _copy(checkout / name, pages / name)
        lines.append(f"- [{name.relative_to(folder)}]({name.relative_to(folder)})")
    _write(pages / folder / README, "\n".join(lines) + "\n")


def _normal(path: PurePosixPath) -> str:
    """Without `..`: links are between files of the repository, of which none is a symbolic link."""
    parts: list[str] = []
    for part in path.parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def _copy(file: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, to)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def main(folder: Path) -> None:
    """Lay out the checkout's documents anew, with the site's configuration."""
    pages = folder / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    known = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(known, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout.splitlines()
    try:
        lay_out(CHECKOUT, [name for name in listed if (CHECKOUT / name).is_file()], pages)
    except BrokenLinkError as error:
        sys.exit(str(error))
    _copy(CONFIGURATION, folder / CONFIGURATION.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
