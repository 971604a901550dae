"""Shows a run's page in a browser: the file, or live from this machine."""

import time
import webbrowser
from pathlib import Path

from showdown_contract.errors import ShowdownError

from showdown.console import err, out
from showdown.report.prices import Prices

POLL_SECONDS = 0.2


def follow(folder: Path, prices: Prices | None, *, opened: bool) -> None:
    """Serve the page of a folder until Ctrl-C, which raises KeyboardInterrupt. Raises ShowdownError."""
    from showdown.report.html.live import watching  # noqa: PLC0415 - altair takes as long to import as all else

    if not folder.is_dir():
        raise ShowdownError(f"{folder} is no folder: name the folder of a run")
    with watching(folder, prices) as url:
        out.print(f"{url} follows {folder}. Ctrl-C ends it.", highlight=False, markup=False, soft_wrap=True)
        if opened:
            open_page(url)
        while True:
            time.sleep(POLL_SECONDS)


def open_page(url: str) -> None:
    """In the browser that the system prefers."""
    if not webbrowser.open(url):
        err.print(f"showdown: no browser was found: open {url} yourself", style="yellow", highlight=False, markup=False)
