"""The JavaScript of the page: Vega, which draws the charts, and page.js. All of it stands in the page."""

import base64
import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.metadata import version

import altair as alt
import vl_convert
from showdown_contract.errors import ShowdownError
from showdown_stack.state import require_ours, state_folder

from showdown.files import read_bounded, replace_file
from showdown.report import html

# More than twice of what Vega is.
MOST_BYTES = 2 * 2**20


@dataclass(frozen=True)
class Script:
    """A script, and its hash, without which a browser does not run it."""

    source: str

    @property
    def allowed(self) -> str:
        """As a content security policy names it."""
        return f"'sha256-{base64.b64encode(hashlib.sha256(self.source.encode()).digest()).decode()}'"


@cache
def vega() -> Script:
    """Vega, Vega-Lite and Vega-Embed, in the versions that altair writes for; to bundle them takes two seconds."""
    wanted = ".".join(alt.SCHEMA_VERSION.split(".")[:2])
    name = f"vega-{wanted}-{version('vl-convert-python')}.js"
    return Script(_kept(name, lambda: vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", wanted)))


@cache
def own(name: str) -> Script:
    """A file of this folder."""
    return Script(text(name))


def text(name: str) -> str:
    """What a file of this folder holds."""
    return resources.files(html).joinpath(name).read_text()


def _kept(name: str, made: Callable[[], str]) -> str:
    """What a file of the state folder holds, or what is made, and then kept there if that can be."""
    file = state_folder().resolve() / name
    with suppress(OSError, ShowdownError):
        # Nobody else may put a script into the page.
        require_ours(file.parent)
        if file.exists():
            return read_bounded(file, MOST_BYTES).decode()
    source = made()
    with suppress(OSError, ShowdownError):
        require_ours(file.parent)
        replace_file(file, source)
    return source
