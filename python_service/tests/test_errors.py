"""Error bodies are the contract's, byte for byte."""

import pytest
from python_service.errors import ErrorKind
from showdown_contract.files import golden_body

GOLDEN = {
    ErrorKind.BAD_ID: "bad_parameter.id",
    ErrorKind.BAD_LIMIT: "bad_parameter.limit",
    ErrorKind.BAD_AFTER: "bad_parameter.after",
    ErrorKind.BAD_BODY: "bad_body",
    ErrorKind.BAD_REQUEST: "bad_request",
    ErrorKind.UNAUTHORIZED: "unauthorized",
    ErrorKind.NOT_FOUND: "not_found",
    ErrorKind.METHOD_NOT_ALLOWED: "method_not_allowed",
    ErrorKind.REQUEST_TIMEOUT: "request_timeout",
    ErrorKind.BODY_TOO_LARGE: "body_too_large",
    ErrorKind.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    ErrorKind.HEAD_TOO_LARGE: "head_too_large",
    ErrorKind.INTERNAL: "internal",
    ErrorKind.BAD_UPSTREAM: "bad_gateway.upstream",
    ErrorKind.UNAVAILABLE: "unavailable",
    ErrorKind.BUSY: "unavailable.busy",
    ErrorKind.UPSTREAM_TIMEOUT: "gateway_timeout.upstream",
}


@pytest.mark.parametrize("kind", ErrorKind)
def test_the_body_is_the_golden_one(kind: ErrorKind) -> None:
    assert kind.body == golden_body(GOLDEN[kind])


def test_an_answer_without_a_framework_ends_its_connection() -> None:
    head, _, body = ErrorKind.BAD_REQUEST.closing_answer().partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"HTTP/1.1 400 Bad Request",
        b"content-type: application/json",
        b"content-length: %d" % len(body),
        b"connection: close",
    ]
    assert body == golden_body("bad_request")


def test_an_answer_to_a_head_ends_with_its_head() -> None:
    assert ErrorKind.BAD_REQUEST.closing_answer(with_body=False).split(b"\r\n") == [
        b"HTTP/1.1 400 Bad Request",
        b"content-type: application/json",
        b"connection: close",
        b"",
        b"",
    ]


def test_only_unavailable_has_a_header_of_its_own() -> None:
    assert {kind: dict(kind.headers) for kind in ErrorKind if kind.headers} == {
        ErrorKind.UNAVAILABLE: {"Retry-After": "1"},
        ErrorKind.BUSY: {"Retry-After": "1"},
    }
