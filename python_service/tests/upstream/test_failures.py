"""What a library's exception means for a call."""

import ssl

import pytest
from python_service.upstream.calls import CallError, LostError
from python_service.upstream.failures import causes, failed


class LibraryError(Exception):
    """As libraries raise them."""


def raised(cause: BaseException | None) -> LibraryError:
    error = LibraryError("connect")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "cause", [None, ConnectionResetError(), ssl.SSLEOFError(), OSError("refused"), ExceptionGroup("", [OSError()])]
)
def test_a_lost_connection(cause: BaseException | None) -> None:
    error = failed(raised(cause), lost=True)
    assert isinstance(error, LostError)
    assert str(error) == "LibraryError: connect"


@pytest.mark.parametrize(
    "cause",
    [
        ssl.SSLCertVerificationError(),
        ssl.SSLError("wrong version number"),
        raised(ssl.SSLCertVerificationError()),
        ExceptionGroup("", [OSError(), ssl.SSLCertVerificationError()]),
        LibraryError(ssl.SSLCertVerificationError()),
    ],
    ids=repr,
)
def test_a_fault_of_tls_is_no_lost_connection(cause: BaseException) -> None:
    assert type(failed(raised(cause), lost=True)) is CallError


def test_what_the_library_does_not_count_as_one() -> None:
    assert type(failed(raised(ConnectionResetError()), lost=False)) is CallError


def test_causes_are_found_however_they_are_kept() -> None:
    inner = OSError("inner")
    error = raised(ExceptionGroup("many", [LibraryError(inner)]))
    assert [type(each) for each in causes(error)] == [LibraryError, ExceptionGroup, LibraryError, OSError]
