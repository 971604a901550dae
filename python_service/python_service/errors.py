"""Everything that can go wrong with a request, as the client sees it."""

from collections.abc import Mapping
from enum import Enum
from http import HTTPStatus
from types import MappingProxyType

import orjson

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_RETRY: Mapping[str, str] = MappingProxyType({"Retry-After": "1"})


class ErrorKind(Enum):
    """Status, code and message of each kind; `body` is the whole response body."""

    BAD_ID = (400, "bad_parameter", "id must be a whole number from 1 to 9223372036854775807.")
    BAD_LIMIT = (400, "bad_parameter", "limit must be a whole number from 1 to 500.")
    BAD_AFTER = (400, "bad_parameter", "after must be a whole number from 0 to 9223372036854775807.")
    BAD_BODY = (
        400,
        "bad_body",
        'The body must be a JSON object with one member, "text": a string of 1 to 2000 characters without U+0000.',
    )
    BAD_REQUEST = (400, "bad_request", "The request is not well-formed HTTP.")
    UNAUTHORIZED = (401, "unauthorized", "A valid sessionid cookie is required.")
    NOT_FOUND = (404, "not_found", "There is nothing here that you may see.")
    # The response also needs an Allow header, which only the route knows.
    METHOD_NOT_ALLOWED = (405, "method_not_allowed", "This resource does not support that method.")
    REQUEST_TIMEOUT = (408, "request_timeout", "The request did not arrive whole in time.")
    BODY_TOO_LARGE = (413, "body_too_large", "The body must not be larger than 16384 bytes.")
    UNSUPPORTED_MEDIA_TYPE = (415, "unsupported_media_type", "The body must be application/json.")
    HEAD_TOO_LARGE = (431, "head_too_large", "The request line and the header fields are too large.")
    INTERNAL = (500, "internal", "Something went wrong on our side.")
    BAD_UPSTREAM = (502, "bad_gateway", "A service behind this one gave no valid answer.")
    UNAVAILABLE = (503, "unavailable", "The database is not available. Try again soon.", _RETRY)
    BUSY = (503, "unavailable", "The service is busy or away. Try again soon.", _RETRY)
    UPSTREAM_TIMEOUT = (504, "gateway_timeout", "A service behind this one did not answer in time.")

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] = _NO_HEADERS) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
        self.body = orjson.dumps({"error": {"code": code, "message": message}})

    def closing_answer(self, *, with_body: bool = True) -> bytes:
        """The whole answer as HTTP/1.1, for where no framework writes it. It ends the connection.

        Without its body it is the answer to a HEAD. It announces no length then, so it is right for any other method,
        too.
        """
        head = f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\ncontent-type: application/json\r\n"
        length, content = (f"content-length: {len(self.body)}\r\n", self.body) if with_body else ("", b"")
        return f"{head}{length}connection: close\r\n\r\n".encode() + content


class ApiError(Exception):
    """Raised anywhere below a route. `__cause__`, where there is one, is logged and never sent."""

    def __init__(self, kind: ErrorKind) -> None:
        super().__init__(kind.code)
        self.kind = kind
