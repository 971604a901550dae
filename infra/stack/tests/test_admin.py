"""The second port of a tier is asked with a token, and what goes wrong there is told."""

import json

import pytest
from servers import Handler, running_server
from showdown_contract.errors import ShowdownError
from showdown_stack.admin import Admin
from showdown_stack.ports import free_port


class Tier(Handler):
    """Answers its counters to whoever says the token, and refuses all settings."""

    def respond(self) -> None:
        if self.headers["Authorization"] != "Bearer secret":
            self.answer(b'{"error": "who is there?"}', status=401)
        elif self.path == "/counters":
            self.answer(json.dumps({"round_trips": 3}).encode())
        elif self.path == "/broken":
            self.answer(b"not JSON")
        else:
            self.answer(b'{"error": "latency_ms: -1 is not from 0 to 1000"}', status=400)

    do_PUT = Handler.do_GET  # noqa: N815 - http.server's name


def test_counters_are_read_and_refusals_told() -> None:
    with running_server(Tier) as url:
        port = int(url.rpartition(":")[2])
        admin = Admin("link", port, "secret")
        assert admin.answers()
        assert admin.get("/counters") == {"round_trips": 3}
        with pytest.raises(
            ShowdownError, match=r"^the link refuses PUT /settings: latency_ms: -1 is not from 0 to 1000$"
        ):
            admin.put_settings({"latency_ms": -1})
        with pytest.raises(ShowdownError, match=r"^the link does not answer GET /broken: "):
            admin.get("/broken")
        with pytest.raises(ShowdownError, match="who is there"):
            Admin("link", port, "guess").get("/counters")


def test_one_that_is_not_up_does_not_answer() -> None:
    admin = Admin("link", free_port(), "secret")
    assert not admin.answers()
    with pytest.raises(ShowdownError, match=r"the link does not answer GET /counters: .*refused"):
        admin.get("/counters")


def test_its_token_is_not_shown() -> None:
    admin = Admin("link", 1, "secret")
    assert "secret" not in repr(admin)
    assert (admin.url, admin.headers) == ("http://127.0.0.1:1", {"Authorization": "Bearer secret"})
