"""From an HTTP library's exception to a CallError."""

import ssl
from collections.abc import Iterator

from python_service.upstream.calls import CallError, LostError


def failed(error: BaseException, *, lost: bool) -> CallError:
    """What to raise for a library's exception. `lost`: whether the library counts it as a fault of the connection."""
    text = f"{type(error).__name__}: {error}"
    # A certificate that is refused stays refused. Libraries count that as a fault of the connection.
    if lost and not any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
        return LostError(text)
    return CallError(text)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        if isinstance(cause, BaseExceptionGroup):
            for each in cause.exceptions:
                yield from _causes(each)
        # Some libraries keep the cause as an argument only.
        for argument in cause.args:
            if isinstance(argument, BaseException):
                yield from _causes(argument)
        cause = cause.__cause__ or cause.__context__
