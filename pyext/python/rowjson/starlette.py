"""A Starlette response whose content dumps encodes."""

from typing import Any

from starlette.responses import JSONResponse

from rowjson import dumps


class RowJSONResponse(JSONResponse):
    """As Starlette's JSONResponse, for anything that dumps takes: records, shapes with their rows, and the rest.

    A subclass that overrides `render` can pass dumps's options.
    """

    def render(self, content: Any) -> bytes:
        return dumps(content)
