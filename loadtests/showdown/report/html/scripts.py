"""The JavaScript of the page: Vega, which draws the charts, and page.js. All of it stands in the page."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

import altair as alt
import vl_convert

from showdown.report import html


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
    """Vega, Vega-Lite and Vega-Embed, in the versions that altair writes for; this takes two seconds."""
    version = ".".join(alt.SCHEMA_VERSION.split(".")[:2])
    return Script(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", version))


@cache
def own(name: str) -> Script:
    """A file of this folder."""
    return Script(text(name))


def text(name: str) -> str:
    """What a file of this folder holds."""
    return resources.files(html).joinpath(name).read_text()
