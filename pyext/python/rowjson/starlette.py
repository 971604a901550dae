"""A response for Starlette that is encoded by dumps."""

from typing import Any

from starlette.responses import JSONResponse

from rowjson import dumps


class RowJSONResponse(JSONResponse):
    """Starlette's JSONResponse for anything that dumps takes, such as records, or rows with their shape.

    To pass options to dumps, override `render` in a subclass.
    """

    def render(self, content: Any) -> bytes:
        return dumps(content)
