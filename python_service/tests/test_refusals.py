"""Each exception from reading a request has its error in the contract."""

import pytest
from gunicorn.http import errors
from python_service.django_app.refusals import HeadTooLargeError, TooLateError, kind
from python_service.errors import ErrorKind


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.InvalidRequestLine("x"), ErrorKind.BAD_REQUEST),
        (errors.InvalidChunkSize(b"zz"), ErrorKind.BAD_REQUEST),
        (errors.InvalidHeaderName("HOST"), ErrorKind.BAD_REQUEST),
        (errors.UnsupportedTransferCoding("x"), ErrorKind.BAD_REQUEST),
        (errors.NoMoreData(), ErrorKind.BAD_REQUEST),
        (errors.LimitRequestLine(9000, 8190), ErrorKind.HEAD_TOO_LARGE),
        (errors.LimitRequestHeaders("many"), ErrorKind.HEAD_TOO_LARGE),
        (HeadTooLargeError(), ErrorKind.HEAD_TOO_LARGE),
        (TooLateError(), ErrorKind.REQUEST_TIMEOUT),
        (errors.InvalidResponseHeader("x"), ErrorKind.INTERNAL),
        (ZeroDivisionError(), ErrorKind.INTERNAL),
    ],
)
def test_the_kind_of_an_error(error: Exception, expected: ErrorKind) -> None:
    assert kind(error) is expected
