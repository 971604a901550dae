"""Which error of the contract answers what gunicorn, or the socket below it, finds wrong with a request."""

from gunicorn.http import errors

from python_service.errors import ErrorKind


class HeadTooLargeError(errors.ParseException):  # type: ignore[misc]  # gunicorn has no types
    """The head is larger than allowed and has not ended."""


class TooLateError(errors.ParseException):  # type: ignore[misc]
    """Part of a request came, but the rest did not come in time."""


def kind(error: BaseException) -> ErrorKind:
    """How an exception from reading a request is answered; any other is INTERNAL."""
    match error:
        case errors.InvalidResponseHeader() | errors.InvalidResponseHeaderName():
            # The service wrote these headers, not the client.
            return ErrorKind.INTERNAL
        case TooLateError():
            return ErrorKind.REQUEST_TIMEOUT
        case HeadTooLargeError() | errors.LimitRequestLine() | errors.LimitRequestHeaders():
            return ErrorKind.HEAD_TOO_LARGE
        case errors.ParseException() | errors.NoMoreData():
            return ErrorKind.BAD_REQUEST
    return ErrorKind.INTERNAL
