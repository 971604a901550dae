"""Requests as data: what is sent, and which answer is right."""

from pathlib import Path
from random import Random

import pytest
from showdown.contract.asked import AskedKind, load_cases
from showdown.requests.kind import MOST_PATHS, Kind, Seeded
from showdown_contract.errors import ShowdownError

RANDOM = Random(1)  # noqa: S311 - load, not secrets
SEEDED = Seeded(0)


def kind(folder: Path, **fields: object) -> Kind:
    return AskedKind.model_validate(fields).kind("asked", folder)


def test_a_body_of_a_file_is_right_to_the_last_byte(tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(b'{"a":1}')
    request = kind(tmp_path, path="/a", expect="body").of_any_user(RANDOM, SEEDED)
    assert request[0] == "/a"
    assert request.right(b'{"a":1}')
    assert not request.right(b'{"a": 1}')


def test_placeholders_of_a_file_stand_for_any(tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(b'{"id":<id>}')
    request = kind(tmp_path, path="/a", expect="body", placeholders=True).of_any_user(RANDOM, SEEDED)
    assert request.right(b'{"id":17}')
    assert not request.right(b'{"id":0}')


def test_of_a_part_of_json_the_rest_may_be_anything(tmp_path: Path) -> None:
    request = kind(tmp_path, path="/a", expect_json={"a": 1}).of_any_user(RANDOM, SEEDED)
    assert request.right(b'{"b": 2, "a": 1}')
    assert not request.right(b'{"a": 2}')


def test_an_answer_to_head_has_no_body(tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(b'{"a":1}')
    for expected in ({"expect": "body"}, {"expect_json": {"a": 1}}):
        request = kind(tmp_path, method="HEAD", path="/a", **expected).of_any_user(RANDOM, SEEDED)
        assert request.right(b"")
        assert not request.right(b'{"a":1}')


def test_a_body_is_sent_as_json_unless_its_headers_say_otherwise(tmp_path: Path) -> None:
    fields = {"method": "POST", "path": "/a", "body": "½", "status": 201, "expect_json": {}}
    request = kind(tmp_path, **fields).of_any_user(RANDOM, SEEDED)
    assert (request.method, request.body, request.status) == ("POST", "½".encode(), 201)
    assert request.headers == {"Content-Type": "application/json"}
    as_text = kind(tmp_path, **fields, headers={"Content-Type": "text/plain"}).of_any_user(RANDOM, SEEDED)
    assert as_text.headers == {"Content-Type": "text/plain"}


def test_a_number_is_drawn_for_the_path_and_must_come_back(tmp_path: Path) -> None:
    asked = kind(tmp_path, path="/a/<n>", numbers=[1, 3], expect_json={"id": "<n>", "of": [{"a": "<n>"}]})
    requests = [asked.of_any_user(RANDOM, SEEDED) for _ in range(50)]
    assert {request.path for request in requests} == {"/a/1", "/a/2", "/a/3"}
    for request in requests:
        number = request.path[-1].encode()
        assert request.right(b'{"id":%b,"of":[{"a":%b}]}' % (number, number))
        assert not request.right(b'{"id":4,"of":[{"a":%b}]}' % number)
    assert [request.path for request in asked.of_one_user(SEEDED)] == ["/a/1", "/a/2", "/a/3"]


def test_one_user_asks_for_no_more_than_so_many_paths(tmp_path: Path) -> None:
    asked = kind(tmp_path, path="/a/<n>", numbers=[0, 10**9], expect_json={})
    assert len(asked.of_one_user(SEEDED)) <= MOST_PATHS


def test_a_ceiling_is_a_script_of_pgbenchs(tmp_path: Path) -> None:
    (tmp_path / "list.pgbench").write_text("SELECT 1;\n")
    ceiling = kind(tmp_path, path="/a", expect_json={}, ceiling="list.pgbench").ceiling
    assert ceiling is not None
    assert ceiling.script(0) == "SELECT 1;\n"
    assert kind(tmp_path, path="/a", expect_json={}).ceiling is None


def test_a_wrong_case_is_named_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "cases.toml"
    file.write_text('[[case]]\nname = "a"\npath = "/"\nexpects = "x"\n')
    with pytest.raises(ShowdownError, match=r"cases\.toml is not as it should be:(.|\n)*case\.0\.expects: "):
        load_cases(file, tmp_path)


@pytest.mark.parametrize(
    "fields",
    [
        {"path": "/a.b?c=1", "expect": "body"},
        {"path": "/a", "expect": "made", "placeholders": True, "method": "POST", "status": 201},
        {"path": "/a/<n>", "numbers": [1, 30], "expect_json": {"id": "<n>", "of": [{"a": "<n>"}], "b": None}},
        {"path": "/a/<n>/b/<n>", "numbers": [7, 9], "expect_json": {"id": "<id>", "at": "<timestamp>"}},
    ],
)
def test_a_right_answer_is_known_without_a_service(tmp_path: Path, fields: dict[str, object]) -> None:
    (tmp_path / "body").write_bytes(b"as it is: <id>")
    (tmp_path / "made").write_bytes(b'{"id":<id>,"at":"<timestamp>"}')
    asked = kind(tmp_path, **fields)
    assert asked.answer is not None
    for request in [*asked.of_one_user(SEEDED), *(asked.of_any_user(RANDOM, SEEDED) for _ in range(20))]:
        answer = asked.answer(request, SEEDED)
        assert answer is not None
        assert answer.status == request.status
        assert request.right(answer.body)
        assert asked.answer(request._replace(path=f"{request.path}x"), SEEDED) is None
        assert asked.answer(request._replace(method="PUT"), SEEDED) is None
