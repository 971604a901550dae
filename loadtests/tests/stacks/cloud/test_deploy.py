"""Hosts get this checkout's commit as a git bundle, which is made once, and only if they lack it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from showdown.stacks.cloud import deploy
from showdown.stacks.cloud.deploy import Checkout, commit_on
from showdown.stacks.cloud.ssh import RemoteHost
from showdown_contract.errors import ShowdownError

NewHost = Callable[..., RemoteHost]
# Python's, pip's and uv's work is left out, as is compiling bytecode.
PYTHON = 'test "$2" = venv && mkdir -p "$3/bin" && for name in python uv; do ln -sf /bin/true "$3/bin/$name"; done'


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A repository of one commit, whose hosts have their files in a folder of the test's."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[x]\ny = [\n    "uv==0.9.1",\n]\n')
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "c"]):
        subprocess.run(["git", "-C", folder, *words], check=True)
    script = deploy.SCRIPT.read_text()
    for path in ("/opt/", "/var/lib/showdown", "/run/showdown"):
        there = tmp_path / path.strip("/").replace("/", "-")
        there.mkdir()
        script = script.replace(path, f"{there}/" if path.endswith("/") else str(there))
    (tmp_path / "deploy.sh").write_text(script)
    monkeypatch.setattr(deploy, "SCRIPT", tmp_path / "deploy.sh")
    monkeypatch.setattr(deploy, "FOLDER", str(tmp_path / "var-lib-showdown"))
    monkeypatch.setattr(deploy, "DEPLOYED", str(tmp_path / "var-lib-showdown" / "deployed"))
    return Checkout(tmp_path, folder)


def test_a_host_gets_the_commit_and_only_once(checkout: Checkout, host: NewHost, tmp_path: Path) -> None:
    generator = host("generator1", python3=PYTHON, xargs="cat >/dev/null")
    assert commit_on(generator) is None
    checkout.put_on([generator])
    assert commit_on(generator) == checkout.commit
    (file,) = (tmp_path / "opt" / "showdown").glob("*.toml")
    assert file.read_text() == (tmp_path / "checkout" / "pyproject.toml").read_text()
    # The bundle has done its work.
    assert [path.name for path in (tmp_path / "var-lib-showdown").iterdir()] == ["deployed"]
    made = (tmp_path / "showdown.bundle").stat().st_mtime_ns
    (tmp_path / "deploy.sh").write_text("exit 1")
    checkout.put_on([generator])
    assert (tmp_path / "showdown.bundle").stat().st_mtime_ns == made


def test_a_new_commit_replaces_the_one_before(checkout: Checkout, host: NewHost, tmp_path: Path) -> None:
    generator = host("generator1", python3=PYTHON, xargs="cat >/dev/null")
    checkout.put_on([generator])
    folder = tmp_path / "checkout"
    (folder / "new").write_text("new\n")
    for words in (["add", "."], ["-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "d"]):
        subprocess.run(["git", "-C", folder, *words], check=True)
    (tmp_path / "second").mkdir()
    second = Checkout(tmp_path / "second", folder)
    second.put_on([generator])
    assert commit_on(generator) == second.commit != checkout.commit
    assert (tmp_path / "opt" / "showdown" / "new").read_text() == "new\n"


def test_a_step_that_fails_is_shown_and_the_host_has_no_commit(checkout: Checkout, host: NewHost) -> None:
    broken = host("generator1", python3="echo no venv >&2; exit 3")
    with pytest.raises(ShowdownError) as raised:
        checkout.put_on([broken])
    lines = str(raised.value).splitlines()
    assert lines[0] == "generator1 does not come to have the checkout (exit code 3):"
    assert "  no venv" in lines
    assert lines[-1] == '  showdown: step "uv" failed with exit code 3'
    assert commit_on(broken) is None


def test_a_host_without_room_is_named(checkout: Checkout, host: NewHost) -> None:
    full = host("generator1", mkdir="echo No space left on device >&2; exit 1")
    with pytest.raises(ShowdownError, match=r"^generator1: the commit could not be copied: No space left on device$"):
        checkout.put_on([full])


@pytest.mark.usefixtures("checkout")
def test_a_shallow_clone_is_refused(host: NewHost, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    source = tmp_path / "checkout"
    subprocess.run(["git", "-C", source, "-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "d",
                    "--allow-empty"], check=True)  # fmt: skip
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{source}", shallow], check=True)
    with pytest.raises(ShowdownError, match=r"is a shallow clone, .*git fetch --unshallow"):
        Checkout(tmp_path, shallow).put_on([host("generator1")])


def test_a_folder_that_is_no_repository_is_refused(
    host: NewHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(ShowdownError, match=r"has no commit to put on hosts: fatal: not a git repository"):
        Checkout(tmp_path, tmp_path).put_on([host("generator1")])
