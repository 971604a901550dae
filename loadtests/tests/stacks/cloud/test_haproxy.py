"""haproxy's host gets the configuration of the local stack's, with its own hosts and ports."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from showdown.contract.contract import load_contract
from showdown.stacks.cloud import haproxy
from showdown.stacks.cloud.haproxy import configure, haproxy_config
from showdown.stacks.cloud.outputs import Outputs
from showdown.stacks.cloud.ssh import RemoteHost
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CONTRACT


def test_each_place_leads_to_a_port_of_all_service_hosts(applied: dict[str, Any]) -> None:
    text = haproxy_config(Outputs.model_validate(applied).stack, load_contract(), processors=4)
    assert "$" not in text
    assert "nbthread 4\n" in text
    assert re.findall(r"bind (\S+)", text) == ["*:80", "*:81", "*:82"]
    assert re.findall(r"^    server (\S+ \S+)", text, re.MULTILINE) == [
        f"service{number} 10.10.0.{number + 2}:{port}"
        for port in (8000, 8001, 8002)
        for _ in range(2)
        for number in (1, 2)
    ]


def test_every_body_that_it_names_is_in_the_checkout(applied: dict[str, Any]) -> None:
    text = haproxy_config(Outputs.model_validate(applied).stack, load_contract(), processors=1)
    named = set(re.findall(r"file /opt/showdown/contract/golden/bodies/(\S+)", text))
    assert named
    assert [name for name in named if not (CONTRACT / "golden" / "bodies" / name).is_file()] == []


def test_it_is_written_and_haproxy_started_anew(
    host: Callable[..., RemoteHost], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(haproxy, "FILE", str(tmp_path / "etc" / "haproxy.cfg"))
    told = tmp_path / "told"
    configure(host("haproxy", systemctl=f'echo "$@" >> {told}'), "global\n")
    assert (tmp_path / "etc" / "haproxy.cfg").read_text() == "global\n"
    assert told.read_text() == "reset-failed showdown-haproxy.service\nrestart showdown-haproxy.service\n"


def test_one_that_does_not_start_is_shown_with_its_log(
    host: Callable[..., RemoteHost], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(haproxy, "FILE", str(tmp_path / "haproxy.cfg"))
    broken = host("haproxy", systemctl='test "$1" != restart', journalctl="echo cannot bind socket")
    with pytest.raises(ShowdownError, match=r"(?s)^haproxy does not start on haproxy:.*cannot bind socket$"):
        configure(broken, "global\n")
