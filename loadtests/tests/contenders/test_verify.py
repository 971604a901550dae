"""Golden cases are replayed, and differences are reported case by case."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hostile import BEHAVIOURS, endless, serving
from servers import Handler, running_server
from showdown.contenders import verify
from showdown.contenders.verify import differences
from showdown_contract.golden import Case, load_cases
from showdown_contract.lookup import cases
from showdown_stack.ports import LOOPBACK, free_port
from showdown_stack.tiers import Tiers

GETS = [case for case in load_cases() if case.name in {"healthz", "404: no route /", "recipe: an everyday document"}]
BY_PATH = {case.path: case for case in GETS}


class Service(Handler):
    """Answers these cases correctly, by their path."""

    def respond(self) -> None:
        case = BY_PATH[self.path]
        self.answer(case.expected_body, case.status, {"Content-Type": "application/json"})


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_server(Service) as url:
        yield url


def test_a_right_service_has_no_differences(url: str) -> None:
    assert len(GETS) == 3
    assert differences(url, GETS) == []


def test_a_real_service_answers_every_case(starlette: Tiers) -> None:
    assert starlette.upstream is None
    assert differences(starlette.service_url, [case for case in load_cases() if not case.upstream]) == []


def test_a_service_that_answers_by_id_is_none_that_answers_any_recipe(starlette: Tiers) -> None:
    one_recipe = [case for case, by_id in zip(cases("random"), cases("by-id"), strict=True) if case != by_id]
    found = {case.name for case in one_recipe if case.name.startswith("recipe: ")}
    faults = differences(starlette.service_url, [case for case in one_recipe if case.name not in found])
    # A by-id service answers with the requested recipe, which is one of the user's, or with a 404.
    assert faults
    assert all("status 404, expected 200" in fault for fault in faults)
    usual = [case for case in one_recipe if case.path == "/api/v1/recipes/1"]
    assert usual
    assert differences(starlette.service_url, usual) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"status": 201}, "status 200, expected 201"),
        ({"expected_headers": {"allow": "GET"}}, "header allow: None, expected 'GET'"),
        ({"expected_body": b'{"status":"OK"}'}, "body differs from byte 11 (15 bytes, expected 15)"),
    ],
)
def test_one_case_that_differs_is_the_only_one_told(url: str, changes: dict[str, object], fault: str) -> None:
    changed = [replace(case, **changes) if case.name == "healthz" else case for case in GETS]  # type: ignore[arg-type]
    (difference,) = differences(url, changed)
    assert difference.startswith(f"healthz\n  GET /healthz\n  {fault}")


def test_no_answer_is_a_difference_too() -> None:
    healthz: Case = BY_PATH["/healthz"]
    (difference,) = differences(f"http://{LOOPBACK}:{free_port()}", [healthz])
    assert difference.startswith("healthz\n  GET /healthz\n  no answer: ConnectionRefusedError")


@pytest.mark.parametrize("behaviour", sorted(BEHAVIOURS.keys() - {"bad-encoding"}))
def test_whatever_is_answered_is_a_difference_of_that_case_in_time(
    monkeypatch: pytest.MonkeyPatch, behaviour: str
) -> None:
    monkeypatch.setattr(verify, "ANSWER_SECONDS", 0.5)
    with serving(BEHAVIOURS[behaviour]) as url:
        found = differences(url, GETS)
    assert [difference.split("\n")[0] for difference in found] == [case.name for case in GETS]
    assert all(line.isprintable() for difference in found for line in difference.splitlines())


def test_of_a_body_without_end_only_so_much_is_read() -> None:
    with serving(endless(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", b"x" * 65536)) as url:
        (difference,) = differences(url, [BY_PATH["/healthz"]])
    assert difference.endswith("\n  the body is longer: only its first 4111 bytes were read")


def test_all_cases_together_have_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(verify, "REPLAY_SECONDS", 0.5)
    with serving(BEHAVIOURS["silent"]) as url:
        first, *others = differences(url, GETS)
    assert "no answer: TimeoutError timed out" in first
    assert others
    assert all("not asked: the cases before it took" in difference for difference in others)
