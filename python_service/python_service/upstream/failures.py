"""From an HTTP library's exception to what the calls know."""

import ssl
from collections.abc import Iterator

from python_service.upstream.calls import CallError, LostError

# The connection ended. Every other fault of TLS, such as a certificate that is refused, comes again at each try.
_ENDED = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


def failed(error: BaseException, *, lost: bool) -> CallError:
    """What to raise for a library's exception.

    `lost`: whether the library counts it as a fault of the connection, and no answer had begun. Libraries count faults
    of TLS among those.
    """
    text = f"{type(error).__name__}: {error}"
    if lost and not any(isinstance(each, ssl.SSLError) and not isinstance(each, _ENDED) for each in causes(error)):
        return LostError(text)
    return CallError(text)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and all that has led to it."""
    if error is None:
        return
    yield error
    # Some libraries keep a cause as an argument only.
    inner = [each for each in error.args if isinstance(each, BaseException)]
    if isinstance(error, BaseExceptionGroup):
        inner += error.exceptions
    for each in inner:
        yield from causes(each)
    yield from causes(error.__cause__ or error.__context__)
