"""A sample is of the layer of its innermost frame that a rule knows."""

from pathlib import Path

import pytest
from showdown.sampling.layers import (
    FILE,
    OTHER,
    WAITING,
    CpuTime,
    Layers,
    Rule,
    by_layer,
    in_order,
    load_layers,
    weighed,
)
from showdown.sampling.perf_script import read_perf_script
from showdown_contract.errors import ShowdownError

RECORDED = Path(__file__).parent / "recorded"
SMALL = """
layers = ["kernel", "HTTP", "JSON"]

[[rules]]
layer = "waiting"
frames = ['^poll ']

[[rules]]
layer = "kernel"
frames = ['^send ']

[[rules]]
layer = "JSON"
frames = ['\\(json/']

[[rules]]
layer = "HTTP"
frames = ['\\(http/', '\\(json/http']
"""
REQUEST = ("main (a.py:1)", "handle (http/server.py:2)")


def layers(tmp_path: Path, text: str) -> Layers:
    path = tmp_path / "layers.toml"
    path.write_text(text)
    return load_layers(path)


@pytest.fixture
def small(tmp_path: Path) -> Layers:
    return layers(tmp_path, SMALL)


def recorded() -> list[tuple[str, tuple[str, ...]]]:
    """Real stacks of services, each with the layer that it belongs to."""
    lines = [line for path in sorted(RECORDED.glob("*.py-spy.txt")) for line in path.read_text().splitlines()]
    return [
        (layer, tuple(stack.rpartition(" ")[0].split(";"))) for layer, stack in (line.split("\t") for line in lines)
    ]


@pytest.mark.parametrize(
    ("layer", "stack"), recorded(), ids=lambda value: value if isinstance(value, str) else value[-1]
)
def test_what_py_spy_saw_of_services_in_python_has_its_layer(layer: str, stack: tuple[str, ...]) -> None:
    assert load_layers().of(stack) == layer


def test_what_perf_saw_of_axum_has_its_layer() -> None:
    samples = read_perf_script((RECORDED / "axum.perf-script.txt").read_text().splitlines(keepends=True))
    found = by_layer(weighed(samples, load_layers(), CpuTime(100.0)), load_layers())
    assert set(found) == {
        "kernel", "event loop", "HTTP", "framework", "pool", "driver", "rows to documents", "JSON", "logs",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("frame", "layer"),
    [
        ("RowModels.recipe (python_service/serializers.py:65)", "rows to documents"),
        ("with_pydantic (python_service/serializers.py:90)", "rows to documents"),
        ("BaseModel.model_validate (pydantic/main.py:700)", "rows to documents"),
        ("BaseModel.model_dump_json (pydantic/main.py:800)", "JSON"),
        ("BaseModel.dict (pydantic/v1/main.py:449)", "JSON"),
        ("Shapes.recipe (python_service/serializers.py:77)", "rows to JSON"),
        ("[unknown] (rowjson/rowjson.abi3.so)", "rows to JSON"),
        ("rowjson_core::document::packed::write (rust_service)", "rows to JSON"),
        ("JSONEncoder.encode (json/encoder.py:200)", "JSON"),
        ("dumps (json/__init__.py:231)", "JSON"),
        ("Pool.acquire (asyncpg/pool.py:830)", "pool"),
        ("Connection.fetch (asyncpg/connection.py:690)", "driver"),
        ("__pyx_f_7asyncpg_8protocol_8protocol_array_decode (protocol.cpython-311-x86_64-linux-gnu.so)", "driver"),
        ("ConnectionPool.getconn (psycopg_pool/pool.py:190)", "pool"),
        ("QuerySet._fetch_all (django/db/models/query.py:1949)", "ORM"),
        ("CursorWrapper.execute (django/db/backends/utils.py:79)", "driver"),
        ("BaseHandler.get_response (django/core/handlers/base.py:140)", "framework"),
        ("get_request_handler.<locals>.app (fastapi/routing.py:301)", "framework"),
        ("uv__io_poll (loop.cpython-311-x86_64-linux-gnu.so)", "event loop"),
        ("BaseEventLoop._run_once (asyncio/base_events.py:1922)", "event loop"),
        ("_PyEval_EvalFrameDefault (libpython3.11.so.1.0)", "interpreter"),
        ("tcp_sendmsg ([kernel.kallsyms])", "kernel"),
        ("__GI___writev (libc.so.6)", "kernel"),
        ("epoll_pwait (libc.so.6)", WAITING),
        ("hyper::proto::h1::role::Server::encode (rust_service)", "HTTP"),
        ("<axum::routing::route::RouteFuture<E> as core::future::future::Future>::poll (rust_service)", "framework"),
        ("postgres_protocol::message::backend::Message::parse (rust_service)", "driver"),
        ("sqlx_core::pool::inner::PoolInner<DB>::acquire (rust_service)", "pool"),
        ("<serde_json::ser::Compound<W,F> as serde_core::ser::SerializeStruct>::serialize_field (x)", "JSON"),
        ("malloc (libc.so.6)", OTHER),
        ("core::str::converts::from_utf8 (rust_service)", OTHER),
    ],
)
def test_what_a_frame_alone_is_of(frame: str, layer: str) -> None:
    assert load_layers().of((frame,)) == layer


def test_the_innermost_known_frame_decides_and_the_first_rule_that_knows_it(small: Layers) -> None:
    assert small.of((*REQUEST, "dumps (json/encoder.py:3)", "malloc (libc.so.6)")) == "JSON"
    assert small.of((*REQUEST, "dumps (json/http.py:3)")) == "JSON"
    assert small.of(REQUEST) == "HTTP"
    assert small.of(("main (a.py:1)",)) == OTHER


def test_the_parts_make_the_whole(small: Layers) -> None:
    samples = {REQUEST: 3, (*REQUEST, "poll (libc)"): 1, (*REQUEST, "send (libc)"): 3, ("main (a.py:1)",): 1}
    found = by_layer(weighed(samples, small, CpuTime(80.0)), small)
    assert found == {"kernel": 40.0, "HTTP": 30.0, OTHER: 10.0}
    assert list(found) == ["kernel", "HTTP", OTHER]


def test_to_who_cannot_see_the_kernel_its_own_account_tells_the_share_and_what_waits_has_none(small: Layers) -> None:
    samples = {REQUEST: 3, (*REQUEST, "poll (libc)"): 100, (*REQUEST, "send (libc)"): 400, ("main (a.py:1)",): 1}
    found = by_layer(weighed(samples, small, CpuTime(100.0, kernel_share=0.2)), small)
    assert found == {"kernel": 20.0, "HTTP": 60.0, OTHER: 20.0}


@pytest.mark.parametrize(
    ("stack", "rest"), [(REQUEST, {"HTTP": 80.0}), ((*REQUEST, "send (libc)"), {OTHER: 80.0})], ids=["user", "kernel"]
)
def test_both_have_their_share_even_where_one_was_not_seen(
    small: Layers, stack: tuple[str, ...], rest: dict[str, float]
) -> None:
    rules = [*small.rules, Rule.model_validate({"layer": "kernel", "frames": [r"\(\[kernel"]})]
    layers = small.model_copy(update={"rules": rules})
    assert by_layer(weighed({stack: 3}, layers, CpuTime(100.0, kernel_share=0.2)), layers) == {"kernel": 20.0, **rest}


def test_layers_that_the_file_no_longer_has_come_behind_those_that_it_has(small: Layers) -> None:
    assert in_order([OTHER, "old", "JSON", "kernel"], small) == ["kernel", "JSON", "old", OTHER]


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ('"HTTP", "JSON"]', '"HTTP", "JSON", "other"]', "other is no layer's name"),
        ('"HTTP", "JSON"]', '"HTTP", "JSON", "HTTP"]', "the layer HTTP is there twice"),
        ('"HTTP", "JSON"]', '"HTTP", "JSON", "pool"]', "the layer pool has no rule"),
        ('layer = "JSON"', 'layer = "JSNO"', "there is no layer 'JSNO': did you mean JSON?"),
        ('["kernel", "HTTP"', '["HTTP"', "there is no layer kernel"),
        ("'^send '", "'^send ('", "rules.1.frames.0: Input should be a valid regular expression"),
        ("['^send ']", "[]", "rules.1.frames: List should have at least 1 item"),
        ("frames = ['^send ']", "frame = ['^send ']", "did you mean frames?"),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_refused(tmp_path: Path, before: str, after: str, reason: str) -> None:
    assert before in SMALL
    with pytest.raises(ShowdownError) as caught:
        layers(tmp_path, SMALL.replace(before, after, 1))
    assert reason in str(caught.value)


def test_the_own_file_is_where_documents_say() -> None:
    assert FILE.relative_to(FILE.parents[1]) == Path("loadtests/layers.toml")
