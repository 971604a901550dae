"""psycopg's cursors, and those of Django's ORM, with a span for each statement.

OpenTelemetry's instrumentation of psycopg traces only cursors that a connection makes, and plans in Django have others.
Its instrumentation of any database can be used for all of them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from opentelemetry.instrumentation.dbapi import CursorTracer, DatabaseApiIntegration

from python_service.observability.traces import operation


class _Tracer(CursorTracer[Any]):
    def get_operation_name(self, cursor: Any, args: Sequence[Any]) -> str:
        return operation(self.get_statement(cursor, args))


_tracer = _Tracer(DatabaseApiIntegration(__name__, "postgresql"))


class TracedCursor(psycopg.RawCursor[Any]):
    """A cursor for statements in bytes."""

    def execute(self, *arguments: Any, **more: Any) -> Any:
        return _tracer.traced_execution(self, super().execute, *arguments, **more)


class TracedAsyncCursor(psycopg.AsyncRawCursor[Any]):
    """The same for an event loop."""

    async def execute(self, *arguments: Any, **more: Any) -> Any:
        return await _tracer.traced_execution_async(self, super().execute, *arguments, **more)


def traced(execute: Callable[..., Any], *asked: Any) -> Any:
    """A wrapper for Django: https://docs.djangoproject.com/en/5.2/topics/db/instrumentation/."""
    *_, context = asked
    return _tracer.traced_execution(context["cursor"], execute, *asked)
