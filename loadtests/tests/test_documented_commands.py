"""The commands in the documents exist, with these options and these names.

What they do is tested elsewhere, for most of them take minutes; those that do not are run.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest
import typer
from clientlint import cli as clientlint
from documents import blocks, commands, commands_of, lines, mentioned
from showdown.cli import app
from showdown.contenders.variants import load_contenders
from showdown.contract.contract import load_contract
from showdown.faults.fault_file import fault_file, load_fault_file
from showdown_contract.files import CHECKOUT, CONTRACT
from showdown_stack import link
from showdown_stack.admin import Admin
from showdown_stack.ports import free_ports
from showdown_stack.process import Process
from showdown_stack.upstream import BUILD, Upstream

UPSTREAM, LINK = CHECKOUT / "infra/upstream/README.md", CHECKOUT / "infra/link/README.md"
VARIABLE = re.compile(r'^variable "(\w+)"', re.MULTILINE)
# Where the reader's copy of a file of contenders comes from. Others are the reader's own.
COPIES = {"~/my-contender/variants.toml": CHECKOUT / "docs/contender-in-go/variants.toml"}


def test_every_documented_program_is_tested_here() -> None:
    assert {command[0] for command in commands()} == {
        "make", "showdown", "locust", "terraform", "clientlint", "pip", "cargo", "curl", "cp", "echo",
        ".venv/bin/python", ".venv/bin/pytest", "infra/upstream/target/release/upstream",
        "infra/link/target/release/link",
    }  # fmt: skip


@pytest.mark.parametrize("arguments", [*commands_of("make"), *mentioned("make")], ids=shlex.join)
def test_make(arguments: list[str]) -> None:
    # Commands in pyext's documents first leave its folder.
    folder = CHECKOUT / "pyext" if "-C" in arguments else CHECKOUT
    subprocess.run(["make", "--dry-run", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize(
    "arguments", [*commands_of("showdown"), *(said for said in mentioned("showdown") if len(said) > 1)], ids=shlex.join
)
def test_showdown(arguments: list[str]) -> None:
    command = typer.main.get_command(app)
    with command.make_context("showdown", list(arguments)) as context:
        name, subcommand, rest = command.resolve_command(context, list(arguments))  # type: ignore[attr-defined]
        values = subcommand.make_context(name, rest, parent=context).params
    contract = load_contract(CHECKOUT / values.get("contract_folder", CONTRACT))
    workloads = contract.scenarios
    names = {*workloads.scenarios, *workloads.profiles, *contract.chains}
    names |= load_fault_file(contract).faults.keys() if fault_file(contract).exists() else set()
    options = ["scenarios", "profile", "chain", "names"]
    file = values.get("variants_file")
    if file is None or str(file) in COPIES:
        names |= load_contenders(COPIES[str(file)] if file else None, contract.variants).all.keys()
        options += ["variant", "variants"]
    named = [values[option] for option in options if values.get(option)]
    assert {name for each in named for name in each.split(",")} <= names


def test_every_subcommand_that_is_mentioned_exists() -> None:
    command = typer.main.get_command(app)
    options = {name for parameter in command.params for name in parameter.opts}
    known = command.commands.keys() | options  # type: ignore[attr-defined]
    assert {said[0] for said in mentioned("showdown")} <= known


@pytest.mark.parametrize("arguments", commands_of("locust"), ids=shlex.join)
def test_locust(arguments: list[str]) -> None:
    command = [str(Path(sys.executable).with_name("locust")), *arguments, "--list"]
    result = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "Api" in result.stdout


@pytest.mark.parametrize("arguments", commands_of("terraform"), ids=shlex.join)
def test_terraform(arguments: list[str]) -> None:
    # infra/tests tests what they do, against a fake of the provider's API.
    folder, command, *options = arguments
    assert folder == "-chdir=infra"
    assert command in {"init", "apply", "destroy"}
    variables = {value.partition("=")[0] for option, value in pairwise(options) if option == "-var"}
    assert variables <= set(VARIABLE.findall((CHECKOUT / "infra" / "variables.tf").read_text()))


@pytest.mark.parametrize("arguments", [*commands_of("clientlint"), *mentioned("clientlint")], ids=shlex.join)
def test_clientlint(arguments: list[str]) -> None:
    assert isinstance(clientlint._parser().parse_args(arguments), argparse.Namespace)


def test_what_pip_installs_is_the_linter() -> None:
    project = tomllib.loads((CHECKOUT / "loadtests/clientlint/pyproject.toml").read_text())["project"]
    assert commands_of("pip") == [["install", project["name"]]]


@pytest.mark.parametrize(
    "arguments",
    [*commands_of(".venv/bin/python"), *mentioned(".venv/bin/python"), *mentioned("python")],
    ids=shlex.join,
)
def test_python(arguments: list[str]) -> None:
    program, *rest = arguments
    assert find_spec(rest[0]) if program == "-m" else (CHECKOUT / program).is_file()


@pytest.mark.parametrize(
    "arguments", [*commands_of(".venv/bin/pytest"), *mentioned(".venv/bin/pytest")], ids=shlex.join
)
def test_pytest(arguments: list[str]) -> None:
    assert all((CHECKOUT / file).is_file() for file in arguments)


def test_cargo_builds_link_and_upstream_as_a_run_does() -> None:
    assert commands_of("cargo") == [list(build[1:]) for build in (link.BUILD, BUILD)]


@pytest.fixture
def said_by_curl(real_upstream: Upstream) -> Iterator[list[str]]:
    """What each line with curl prints, with the ports, the CA and the token of the upstream that runs."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    token = f"-H 'Authorization: Bearer {real_upstream.admin.token}'"
    there = {
        "https://localhost:8443": real_upstream.url,
        "http://127.0.0.1:8444": f"{token} {real_upstream.admin.url}",
        "ca.pem": str(real_upstream.ca_file),
    }
    said = []
    for line in (line for line in lines(UPSTREAM) if line.startswith("curl ")):
        asked = re.sub("|".join(map(re.escape, there)), lambda found: there[found[0]], line)
        command = ["bash", "-c", f"{asked} --silent --fail"]
        said.append(subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout)
    yield said
    real_upstream.set({})


def test_the_upstream_answers_what_curl_asks(said_by_curl: list[str]) -> None:
    facts, counters, _ = said_by_curl
    assert json.loads(facts)["id"] == 1
    assert json.loads(counters)["requests"] >= 1


@pytest.mark.skipif(link.program() is None, reason=link.NOT_BUILT)
def test_the_link_is_started_and_asked_as_its_page_says(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    ports = dict(zip(("5432", "5433", "5434"), map(str, free_ports(3)), strict=True))

    def with_free_ports(line: str) -> str:
        return re.sub("|".join(ports), lambda found: ports[found[0]], line)

    _, echo, start, *asked = map(with_free_ports, lines(LINK))
    subprocess.run(["bash", "-c", echo], cwd=tmp_path, check=True)
    program, *arguments = start.split()
    admin = Admin("link", int(ports["5434"]), "")
    with Process(
        "link", [str(CHECKOUT / program), str(tmp_path / arguments[0])], tmp_path / "log", as_ourselves=True
    ) as process:
        process.wait_until(admin.answers, 10)
        for line in asked:
            subprocess.run(["bash", "-c", f"{line} --silent --fail"], check=True, capture_output=True, timeout=30)
        assert admin.get("/counters")["round_trips"] == 0


def test_the_settings_of_a_cloud_are_written(tmp_path: Path, stand_in: Callable[[str, str], None]) -> None:
    """With a stand-in for the service that tells one's own address."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    (block,) = blocks(CHECKOUT / "infra/README.md", "sh")
    (tmp_path / ".ssh").mkdir()
    (tmp_path / "infra").mkdir()
    stand_in("curl", "echo 203.0.113.7")
    subprocess.run(
        ["bash", "-euc", textwrap.dedent(block)],
        cwd=tmp_path, env={**os.environ, "HOME": str(tmp_path)}, check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    written = tomllib.loads((tmp_path / "infra/terraform.tfvars").read_text())
    assert written["ssh_public_key"].startswith("ssh-ed25519 ")
    assert written["allowed_addresses"] == ["203.0.113.7/32"]
