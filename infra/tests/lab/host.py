"""A test host: Debian with its own init, which systemd-nspawn starts from the image and cloud-init sets up."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from lab.errors import LabError

POLL_SECONDS = 0.2
# It takes half a minute to three minutes, and longer on a busy machine.
SET_UP_SECONDS = 1500.0
LOG_LINES_SHOWN = 40
OUTPUT = "var/log/cloud-init-output.log"
SEED = "var/lib/cloud/seed/nocloud"


@dataclass(frozen=True)
class Basis:
    """What all hosts of a lab have in common."""

    image: Path
    environment: Mapping[str, str]
    """The environment of every process on a host."""
    files: Mapping[Path, Path]
    """Files that are copied: from the path on a host to the file of this machine."""
    binds: Mapping[Path, Path]
    """Folders that are shared: from the path on a host to the folder of this machine."""
    read_only_binds: Mapping[Path, Path]
    packages: Path
    """The folder with Debian packages that earlier hosts have downloaded."""


class Host:
    """A running test host."""

    def __init__(
        self,
        name: str,
        *,
        private: str,
        public: str,
        folder: Path,
        namespace: Path,
        groups: list[Path],
        basis: Basis,
        user_data: str,
        vendor_data: str,
        ssh_key: str,
    ) -> None:
        """Start it. It is still being set up when this returns."""
        self.name = name
        self.private = private
        self.public = public
        self.console = folder / "console.log"
        self._upper = folder / "upper"
        self._basis = basis
        self._write_seed(user_data, vendor_data, ssh_key)
        self._carry_over()
        self._popen = self._boot(folder, namespace, groups)

    def run(self, command: str, *, check: bool = True, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a shell command as root, with `text` on its stdin. Raises LabError if it fails and `check` is set."""
        entry = ["nsenter", f"--target={self._init()}", "--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd"]
        environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            **self._basis.environment,
        }
        result = subprocess.run(
            [*entry, "/bin/sh", "-c", command], env=environment, input=text, capture_output=True, text=True, check=False
        )
        if check and result.returncode != 0:
            raise LabError(
                f"{self.name}: {command!r} exited with code {result.returncode}: {result.stdout}{result.stderr}"
            )
        return result

    def wait_for_cloud_init(self, *, check: bool = True) -> dict[str, object]:
        """Wait for cloud-init to end, and return its status. Raises LabError if it failed and `check` is set."""
        self._wait_until(self._cloud_init_has_ended)
        answer = self.run("cloud-init status --wait --format=json", check=False).stdout
        try:
            status: dict[str, object] = json.loads(answer[answer.index("{") :])
        except ValueError:
            raise LabError(f"{self.name}: cloud-init does not say its status: {answer!r}") from None
        self._keep_packages()
        if check and (status["status"] != "done" or status["errors"]):
            raise LabError(f"{self.name}: cloud-init: {status['errors']}\n{self.cloud_init_output()}")
        return status

    def cloud_init_output(self) -> str:
        """The end of cloud-init's log."""
        log = self._upper / OUTPUT
        text = log.read_text(errors="replace") if log.exists() else self.console.read_text(errors="replace")
        return "\n".join(text.splitlines()[-LOG_LINES_SHOWN:])

    def stop(self) -> None:
        """Kill it, as if its plug was pulled."""
        self._popen.kill()
        self._popen.wait()

    def _write_seed(self, user_data: str, vendor_data: str, ssh_key: str) -> None:
        seed = self._upper / SEED
        seed.mkdir(parents=True)
        (seed / "user-data").write_text(user_data)
        (seed / "vendor-data").write_text(vendor_data)
        meta_data = {"instance-id": self.name, "local-hostname": self.name, "public-keys": [ssh_key]}
        (seed / "meta-data").write_text(json.dumps(meta_data))

    def _carry_over(self) -> None:
        for path, source in self._basis.files.items():
            target = self._upper / path.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
        pairs = [f"{name}={value}" for name, value in sorted(self._basis.environment.items())]
        # For logins, by way of PAM; and for what systemd starts.
        (self._upper / "etc/environment").write_text("".join(f"{pair}\n" for pair in pairs))
        settings = self._upper / "etc/systemd/system.conf.d/lab.conf"
        settings.parent.mkdir(parents=True)
        quoted = " ".join(f'"{pair}"' for pair in pairs)
        settings.write_text(f"[Manager]\nDefaultEnvironment={quoted}\n")
        archives = self._upper / "var/cache/apt/archives"
        archives.mkdir(parents=True)
        for package in self._basis.packages.glob("*.deb"):
            os.link(package, archives / package.name)

    def _boot(self, folder: Path, namespace: Path, groups: list[Path]) -> subprocess.Popen[bytes]:
        root, work = folder / "root", folder / "work"
        for path in (root, work):
            path.mkdir()
        overlay = f"lowerdir={self._basis.image},upperdir={self._upper},workdir={work}"
        nspawn = [
            "systemd-nspawn",
            "--boot",
            "--register=no",
            "--keep-unit",
            "--console=pipe",
            "--quiet",
            f"--directory={root}",
            f"--machine={self.name}",
            f"--network-namespace-path={namespace}",
            "--resolv-conf=replace-host",
            # It may configure its network.
            "--capability=CAP_NET_ADMIN",
            *(f"--bind={source}:{path}" for path, source in self._basis.binds.items()),
            *(f"--bind-ro={source}:{path}" for path, source in self._basis.read_only_binds.items()),
        ]
        # This process has a mount and a pid namespace of its own. However it ends, nothing stays mounted and nothing
        # goes on running.
        script = """
            for group in $1; do echo $$ >"$group/cgroup.procs"; done
            mount -t overlay overlay -o "$2" "$3"
            shift 3
            "$@"
        """
        unshare = ["unshare", "--pid", "--kill-child", "--mount-proc", "sh", "-euc", script, "sh"]
        with self.console.open("wb") as output:
            return subprocess.Popen(
                ["setpriv", "--pdeathsig=KILL", *unshare, " ".join(map(str, groups)), overlay, root, *nspawn],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={
                    **os.environ,
                    "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1",
                    "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network",
                },
                # Ctrl-C in the terminal must reach only us: we stop the hosts.
                start_new_session=True,
            )

    def _init(self) -> int:
        """The process id, on this machine, of the host's init."""
        if init := self._find_init():
            return init
        raise LabError(self._not_running())

    def _find_init(self) -> int | None:
        if self._popen.poll() is None:
            for process in psutil.Process(self._popen.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    if (parent := process.parent()) and parent.name() == "systemd-nspawn":
                        return process.pid
        return None

    def _not_running(self) -> str:
        return f"{self.name} is not running:\n{self.console.read_text(errors='replace')[-2000:]}"

    def _cloud_init_has_ended(self) -> bool:
        init = self._find_init()
        return init is not None and Path(f"/proc/{init}/root/run/cloud-init/result.json").exists()

    def _wait_until(self, ready: Callable[[], bool]) -> None:
        end = time.monotonic() + SET_UP_SECONDS
        while not ready():
            if self._popen.poll() is not None:
                raise LabError(self._not_running())
            if time.monotonic() > end:
                raise LabError(f"{self.name} is not set up after {SET_UP_SECONDS:.0f} s:\n{self.cloud_init_output()}")
            time.sleep(POLL_SECONDS)

    def _keep_packages(self) -> None:
        """Keep the packages that it has downloaded for later hosts, of this and other labs."""
        for package in (self._upper / "var/cache/apt/archives").glob("*.deb"):
            kept = self._basis.packages / package.name
            if not kept.exists():
                os.link(package, kept)
