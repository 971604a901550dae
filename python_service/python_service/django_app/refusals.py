"""What gunicorn, and the sockets below it, find wrong with a request, in the contract's words."""

from gunicorn.http import errors

from python_service.errors import ErrorKind


class HeadTooLargeError(errors.ParseException):  # type: ignore[misc]  # gunicorn has no types
    """The head has passed its bound and has no end."""


class TooLateError(errors.ParseException):  # type: ignore[misc]
    """Part of a request came, and the rest not in time."""


def kind(error: BaseException) -> ErrorKind:
    """How an exception of reading a request is answered; any other is INTERNAL."""
    match error:
        case errors.InvalidResponseHeader() | errors.InvalidResponseHeaderName():
            # The service wrote those.
            return ErrorKind.INTERNAL
        case TooLateError():
            return ErrorKind.REQUEST_TIMEOUT
        case HeadTooLargeError() | errors.LimitRequestLine() | errors.LimitRequestHeaders():
            return ErrorKind.HEAD_TOO_LARGE
        case errors.ParseException() | errors.NoMoreData():
            return ErrorKind.BAD_REQUEST
    return ErrorKind.INTERNAL
