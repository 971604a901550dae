"""What surrounds each page: its style, its scripts, and what a browser may do."""

from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from showdown.report.html import scripts
from showdown.report.html.scripts import Script

_TEMPLATES = Environment(
    loader=PackageLoader("showdown.report.html", ""),
    # Names, descriptions and commands may be from somebody else's results.
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Frame:
    """For base.html.jinja."""

    style: str
    scripts: Sequence[str]
    policy: str
    version: str | None


def rendered(template: str, *, charts: bool, version: str | None = None, **values: object) -> str:
    """A template in its frame. `version`: of what a server shows, which tells of newer ones."""
    needed = [*([scripts.vega(), scripts.own("page.js")] if charts else [])]
    if version is not None:
        needed.append(scripts.own("live.js"))
    frame = Frame(
        style=scripts.text("page.css"),
        scripts=[script.source for script in needed],
        policy=_policy(needed, live=version is not None),
        version=version,
    )
    return _TEMPLATES.get_template(template).render(frame=frame, **values)


def _policy(needed: Sequence[Script], *, live: bool) -> str:
    """Nothing leaves the page, and only its own scripts run, whatever a name contains."""
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(script.allowed for script in needed) or "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        **({"connect-src": "'self'"} if live else {}),
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
