"""Test hosts on one machine: each with its own init, network and addresses, set up by its user data.

    with Lab(folder) as lab:
        host = lab.start("service1", "10.200.0.2", "198.51.100.2", user_data, ssh_key)
        host.wait_for_cloud_init()
        host.run("systemctl is-system-running")

This machine, whose address is 10.200.0.1 to them, reaches hosts on both their addresses, by SSH too. Hosts reach each
other, and package registries. What they are given is this checkout's work tree, with uncommitted changes.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from showdown_stack.lock import LockedError, locked

from lab.cgroups import control_groups
from lab.errors import LabError
from lab.host import Basis, Host
from lab.image import image
from lab.machine import registry_environment, registry_files, registry_folders
from lab.network import namespace, running_network
from lab.repository import Repository, work_tree_as_repository

# This machine's address in the VPC, which a provider keeps for itself.
GATEWAY = "10.200.0.1/24"
# The network is the machine's, whichever folder a lab keeps its files in.
LOCK = Path("/run/showdown-lab.lock")
# From the path on a host to the name in the cache folder. Package managers lock their caches.
SHARED_CACHES = {
    Path("/var/cache/lab/uv"): "uv",
    Path("/var/cache/lab/cargo-build"): "cargo-build",
    Path("/root/.cargo/registry"): "cargo-registry",
    Path("/var/cache/lab/pip"): "pip",
}
CACHE_ENVIRONMENT = {
    "UV_CACHE_DIR": "/var/cache/lab/uv",
    "UV_LINK_MODE": "copy",
    "PIP_CACHE_DIR": "/var/cache/lab/pip",
    "CARGO_BUILD_BUILD_DIR": "/var/cache/lab/cargo-build",
}
# No test asks how fast a program on a host is, so cargo need not optimise it: that takes minutes.
BUILD_ENVIRONMENT = {
    "CARGO_PROFILE_RELEASE_OPT_LEVEL": "0",
    "CARGO_PROFILE_RELEASE_LTO": "off",
    "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16",
}


class Lab:
    """Use as a context manager: it removes all hosts and their network, however it is left."""

    repository: Repository

    def __init__(self, folder: Path) -> None:
        """`folder`: holds the image and the caches between labs. Only one lab at a time can run on a machine."""
        self._cache = folder
        self._disks = folder / "hosts"
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as resources:
            self._cache.mkdir(parents=True, exist_ok=True)
            try:
                resources.enter_context(locked(LOCK, str(os.getpid())))
            except LockedError as error:
                raise LabError(f"another lab (process {error.holder}) is running, and holds {LOCK}: wait") from None
            # Left by a lab that was killed.
            shutil.rmtree(self._disks, ignore_errors=True)
            self._disks.mkdir()
            resources.callback(shutil.rmtree, self._disks)
            self.repository = work_tree_as_repository(self._disks / "repository.git")
            self._basis = self._make_basis()
            resources.enter_context(running_network(GATEWAY))
            self._resources = resources.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._resources.__exit__(kind, error, traceback)

    def start(  # noqa: PLR0917 - as the host's own parts
        self, name: str, private: str, public: str, user_data: str, ssh_key: str, vendor_data: str = ""
    ) -> Host:
        """Boot a host with a private address of 10.200.0.0/24 and any public one, until the lab ends.

        `vendor_data`: what the provider adds to the user data. Returns at once: `wait_for_cloud_init` says when it is
        set up. Raises LabError.
        """
        return self._resources.enter_context(self.temporary(name, private, public, user_data, ssh_key, vendor_data))

    @contextmanager
    def temporary(  # noqa: PLR0917 - as above
        self, name: str, private: str, public: str, user_data: str, ssh_key: str, vendor_data: str = ""
    ) -> Iterator[Host]:
        """Boot a host until the context is left. Raises LabError."""
        folder = self._disks / name
        folder.mkdir()
        with namespace(name, private, public, GATEWAY) as path, control_groups(name) as groups:
            host = Host(
                name,
                private=private,
                public=public,
                folder=folder,
                namespace=path,
                groups=groups,
                basis=self._basis,
                user_data=user_data,
                vendor_data=vendor_data,
                ssh_key=ssh_key,
            )
            try:
                yield host
            finally:
                host.stop()

    def _make_basis(self) -> Basis:
        for name in (*SHARED_CACHES.values(), "packages"):
            (self._cache / name).mkdir(exist_ok=True)
        folders = {path: path for path in registry_folders()}
        return Basis(
            image=image(self._cache),
            environment=registry_environment() | CACHE_ENVIRONMENT | BUILD_ENVIRONMENT,
            files=registry_files(),
            binds={path: self._cache / name for path, name in SHARED_CACHES.items()},
            read_only_binds=folders,
            packages=self._cache / "packages",
        )
