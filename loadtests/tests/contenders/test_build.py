"""A variant's program is brought up to date, or an error names the missing tool."""

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from showdown.contenders.build import build, build_link, build_upstream
from showdown.contenders.variants import Variant
from showdown.contract.contract import load_contract
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT
from showdown_stack import link, upstream


def variant(*command: str, build: list[str] | None = None) -> Variant:
    return Variant(description="", command=[*command], build=build, workers=1, pool=1)


def test_a_build_runs_in_the_checkout_once_for_all_who_share_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    shared = variant("x", build=["sh", "-c", f"pwd >> {log}"])
    build({"one": shared, "two": shared, "three": variant("x")})
    assert log.read_text() == f"{CHECKOUT}\n"


def test_a_build_has_the_variants_environment(tmp_path: Path) -> None:
    log = tmp_path / "log"
    knob = variant("x", build=["sh", "-c", f"echo $FLAVOUR >> {log}"])
    salt, sweet = (knob.model_copy(update={"environment": {"FLAVOUR": flavour}}) for flavour in ("salt", "sweet"))
    build({"one": salt, "two": sweet, "three": salt})
    assert log.read_text() == "salt\nsweet\n"


def test_cargo_builds_two_programs_side_by_side(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Each ends once it sees that the other has begun.
    program = tmp_path / "cargo"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/$1; until [ -e {tmp_path}/$2 ]; do sleep 0.01; done\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    build({"one": variant("x", build=["cargo", "a", "b"]), "two": variant("x", build=["cargo", "b", "a"])})


def test_where_one_fails_the_other_is_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "cargo"
    program.write_text('#!/bin/sh\nexec "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(ShowdownError, match=r"variant broken does not build \(cargo false\)"):
        build({
            "endless": variant("x", build=["cargo", "sleep", "600"]),
            "broken": variant("x", build=["cargo", "false"]),
        })  # fmt: skip


def test_a_build_of_a_file_of_ones_own_runs_beside_the_file(tmp_path: Path) -> None:
    script = tmp_path / "make"
    script.write_text("#!/bin/sh\npwd > built\n")
    script.chmod(0o755)
    (tmp_path / "mine.toml").write_text(
        'baseline = "mine"\n[variants.mine]\ndescription = ""\ncommand = ["./run"]\nbuild = ["./make"]\n'
        "workers = 1\npool = 1\n"
    )
    build(load_contract().contenders(tmp_path / "mine.toml").named(None))
    assert (tmp_path / "built").read_text() == f"{tmp_path}\n"


def test_a_build_that_fails_shows_what_it_said(tmp_path: Path) -> None:
    broken = variant("x", build=["sh", "-c", "echo error: no such crate >&2; exit 101"])
    with pytest.raises(ShowdownError, match=r"variant mine does not build \(sh -c .*\):\nerror: no such crate$"):
        build({"mine": broken})
    assert not list(tmp_path.iterdir())


def test_a_build_that_is_no_longer_wanted_is_stopped_with_all_that_it_has_started(
    tmp_path: Path, eventually: Callable[[Callable[[], object]], None]
) -> None:
    begun = tmp_path / "begun"
    endless = variant("x", build=["sh", "-c", f"sleep 600 & echo $! >{begun}.new; mv {begun}.new {begun}; wait"])
    with pytest.raises(ShowdownError, match=r"^the build of mine was stopped before its end$"):
        build({"mine": endless}, wanted=lambda: not begun.exists())
    # init takes a moment to reap it.
    eventually(lambda: not psutil.pid_exists(int(begun.read_text())))


def test_a_missing_build_tool_is_named_before_anything_is_built(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    mark = tmp_path / "built"
    variants = {
        "shell": variant("x", build=["sh", "-c", f"echo >{mark}"]),
        "one": variant("x", build=["zig", "build"]),
        "plain": variant("x"),
        "two": variant("x", build=["zig", "build", "--fast"]),
        "lacking": variant("x").model_copy(update={"distributions": ["no-such-package"]}),
    }
    message = (
        "^zig is missing, with which these are built: one, two. Install it, or leave them out: --variants shell,plain$"
    )
    with pytest.raises(ShowdownError, match=message):
        build(variants)
    assert not mark.exists()


def test_where_nothing_else_is_left_a_missing_build_tool_has_to_be_installed() -> None:
    with pytest.raises(
        ShowdownError, match=r"^no-such-tool is missing, with which these are built: mine\. Install it$"
    ):
        build({"mine": variant("x", build=["no-such-tool"])})


class TestTheUpstream:
    """It is built as a variant's program is, but done without where it can be."""

    def test_it_is_built_in_the_checkout(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        log = tmp_path / "log"
        monkeypatch.setattr(upstream, "BUILD", ("sh", "-c", f"pwd >>{log}"))
        build_upstream(needed=True)
        assert log.read_text() == f"{CHECKOUT}\n"

    def test_a_build_that_fails_shows_what_it_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(upstream, "BUILD", ("sh", "-c", "echo error: no such crate >&2; exit 101"))
        with pytest.raises(ShowdownError, match=r"the upstream does not build \(sh -c .*\):\nerror: no such crate$"):
            build_upstream(needed=False)

    def test_without_a_tool_for_it_it_is_used_as_it_is(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(upstream, "BUILD", ("no-such-tool",))
        monkeypatch.setattr(upstream, "PROGRAM", tmp_path / "upstream")
        build_upstream(needed=False)
        with pytest.raises(ShowdownError, match=r"^the upstream .* is not built: .*; no-such-tool is missing: install"):
            build_upstream(needed=True)
        (tmp_path / "upstream").touch()
        build_upstream(needed=True)


class TestLink:
    def test_it_is_built_in_the_checkout(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        log = tmp_path / "log"
        monkeypatch.setattr(link, "BUILD", ("sh", "-c", f"pwd >>{log}"))
        build_link()
        assert log.read_text() == f"{CHECKOUT}\n"

    def test_it_is_needed_where_it_is_asked_for(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(link, "BUILD", ("no-such-tool",))
        monkeypatch.setattr(link, "PROGRAM", tmp_path / "link")
        with pytest.raises(ShowdownError, match=r"^the link .* is not built: .*; no-such-tool is missing: install"):
            build_link()
        (tmp_path / "link").touch()
        build_link()
