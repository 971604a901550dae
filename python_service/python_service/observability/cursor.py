"""psycopg's cursor, with a span for each statement.

OpenTelemetry's instrumentation of psycopg traces cursors that a connection makes, which here it does not.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from opentelemetry.instrumentation.dbapi import CursorTracer, DatabaseApiIntegration

from python_service.observability.traces import operation


class _Tracer(CursorTracer[Any]):
    def get_operation_name(self, cursor: Any, args: Sequence[Any]) -> str:  # noqa: ARG002  # as in its base
        return operation(args[0].decode())


_tracer = _Tracer(DatabaseApiIntegration(__name__, "postgresql"))


class TracedCursor(psycopg.RawCursor[Any]):
    """A cursor for statements in bytes."""

    def execute(self, *arguments: Any, **more: Any) -> Any:
        return _tracer.traced_execution(self, super().execute, *arguments, **more)
