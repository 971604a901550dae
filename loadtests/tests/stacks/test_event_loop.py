"""Event loops as a service tells of them, in Prometheus's text."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from showdown.stacks.event_loop import EventLoop, Late, LoopCounters, lag_ms


def exposition(looks: dict[str, int], tasks: int) -> str:
    buckets = "\n".join(f'event_loop_lag_seconds_bucket{{le="{le}"}} {count}' for le, count in looks.items())
    return (
        f"# TYPE event_loop_lag_seconds histogram\n{buckets}\nevent_loop_lag_seconds_sum 1.5\n"
        f"event_loop_lag_seconds_count {list(looks.values())[-1]}\n"
        f"# TYPE event_loop_tasks gauge\nevent_loop_tasks {tasks}\n"
    )


BEFORE = exposition({"0.001": 50, "0.01": 50, "+Inf": 50}, tasks=3)
AFTER = exposition({"0.001": 140, "0.01": 149, "+Inf": 150}, tasks=7)


def read(text: str) -> LoopCounters:
    found = LoopCounters.read(text)
    assert found is not None
    return found


def test_a_slice_has_what_was_added() -> None:
    assert EventLoop.between(read(BEFORE), read(AFTER)) == EventLoop(
        late=[Late(up_to_ms=1, looks=90), Late(up_to_ms=10, looks=9), Late(up_to_ms=None, looks=1)], tasks=7
    )


@pytest.mark.parametrize(("percentile", "milliseconds"), [(45, 0.5), (90, 1), (94.5, 5.5), (99, 10), (99.9, 10)])
def test_a_percentile_is_prometheus_s(percentile: float, milliseconds: float) -> None:
    """Linear within a bucket; beyond the last limit nothing is known but the limit."""
    assert lag_ms([EventLoop.between(read(BEFORE), read(AFTER))], percentile) == pytest.approx(milliseconds)


def test_slices_are_counted_together() -> None:
    quick = EventLoop(late=[Late(up_to_ms=1, looks=99), Late(up_to_ms=10, looks=0)], tasks=0)
    slow = EventLoop(late=[Late(up_to_ms=1, looks=0), Late(up_to_ms=10, looks=1)], tasks=0)
    assert lag_ms([quick, slow], 99) == pytest.approx(1)
    assert lag_ms([quick, slow], 100) == pytest.approx(10)


def test_without_a_look_there_is_no_percentile() -> None:
    assert lag_ms([], 99) is None
    assert lag_ms([EventLoop(late=[Late(up_to_ms=1, looks=0)], tasks=0)], 99) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http_requests_total 3\n",
        "<html>",
        'event_loop_lag_seconds_bucket{le="x"} 1\nevent_loop_tasks 1\n',
        'event_loop_lag_seconds_bucket{le="1"} NaN\nevent_loop_tasks 1\n',
    ],
)
def test_a_service_without_an_event_loop_tells_nothing(text: str) -> None:
    assert LoopCounters.read(text) is None


@contextmanager
def server(status: int, body: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    http = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_port}"
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def test_a_service_is_asked() -> None:
    with server(200, AFTER.encode()) as url:
        assert LoopCounters.ask(url) == read(AFTER)


def test_a_service_that_is_away_or_refuses_tells_nothing() -> None:
    with server(404, AFTER.encode()) as url:
        assert LoopCounters.ask(url) is None
    assert LoopCounters.ask(url) is None
