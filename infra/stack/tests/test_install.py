"""Missing programs are installed with apt-get; if that is not possible, set-up goes on without them."""

import shutil
import subprocess
from pathlib import Path

from showdown_contract.files import CHECKOUT

SCRIPT = CHECKOUT / "infra/stack/install.sh"
# An apt-get that writes down its arguments, and a sudo without a password.
APT_GET = '#!/bin/sh\necho "$@" >> "{asked}"\nexit {code}\n'
SUDO = '#!/bin/sh\nshift\nexec "$@"\n'


def install(
    folder: Path, *pairs: str, there: tuple[str, ...] = (), apt_get: int | None = 0
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run the script with the programs `there` on PATH; return its result and the calls of apt-get.

    `apt_get`: the exit code of apt-get; None if the system has none.
    """
    programs, asked = folder / "programs", folder / "asked"
    programs.mkdir()
    for name in ("id", "env", "true"):
        found = shutil.which(name)
        assert found
        (programs / name).symlink_to(found)
    scripts = dict.fromkeys(there, "#!/bin/sh\n") | {"sudo": SUDO}
    if apt_get is not None:
        scripts["apt-get"] = APT_GET.format(asked=asked, code=apt_get)
    for name, script in scripts.items():
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    result = subprocess.run(
        ["/bin/sh", SCRIPT, *pairs], env={"PATH": str(programs)}, capture_output=True, text=True, check=False
    )
    return result, asked.read_text().splitlines() if asked.exists() else []


def test_what_is_missing_is_installed_and_nothing_else(tmp_path: Path) -> None:
    result, asked = install(tmp_path, "showdown-a=package-a", "showdown-b=package-b", there=("showdown-a",))
    assert (result.returncode, result.stdout) == (0, "showdown: installing package-b with apt-get\n")
    assert asked == ["update -qq", "install -qq -y --no-install-recommends package-b"]


def test_where_nothing_is_missing_apt_get_is_not_asked(tmp_path: Path) -> None:
    result, asked = install(tmp_path, "showdown-a=package-a", there=("showdown-a",))
    assert (result.returncode, result.stdout, result.stderr, asked) == (0, "", "", [])


def test_a_failure_is_told_and_set_up_goes_on(tmp_path: Path) -> None:
    result, _ = install(tmp_path, "showdown-a=package-a", apt_get=100)
    assert result.returncode == 0
    assert result.stderr == "showdown: apt-get failed; going on without package-a\n"


def test_another_system_is_left_to_its_owner(tmp_path: Path) -> None:
    result, _ = install(tmp_path, "showdown-a=package-a", apt_get=None)
    assert result.returncode == 0
    assert result.stderr == "showdown: going on without package-a: install with your system to include it\n"
