"""How this machine reaches package registries, so that test hosts on it can reach them in the same way.

Carried over as found, and only into test hosts: nothing of this belongs into the repository.
"""

import os
import re
from pathlib import Path

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# Copied if they exist.
FILES = (CERTIFICATES, Path("/etc/pip.conf"), Path("/etc/uv/uv.toml"))
# root's, for cloud-init's commands run as root.
CARGO_CONFIG = Path("/root/.cargo/config.toml")

REGISTRY_VARIABLE = re.compile(
    r"(?i:https?_proxy|no_proxy|all_proxy)|(PIP|UV|CARGO)_\w+|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|GIT_SSL_\w+"
)
# These name this machine's own folders, and do not say how to reach a registry.
FOLDERS_OF_ITS_OWN = {"CARGO_HOME", "CARGO_TARGET_DIR", "PIP_CACHE_DIR", "UV_CACHE_DIR", "UV_PROJECT_ENVIRONMENT"}


def registry_environment() -> dict[str, str]:
    """The variables that tell package managers where registries are and which certificates to trust."""
    return {
        name: value
        for name, value in os.environ.items()
        if REGISTRY_VARIABLE.fullmatch(name) and name not in FOLDERS_OF_ITS_OWN
    }


def registry_files() -> dict[Path, Path]:
    """From the path on a test host to the file of this machine."""
    found = {path: path for path in FILES if path.exists()}
    if CARGO_CONFIG.exists():
        found[CARGO_CONFIG] = CARGO_CONFIG
    return found | {path: path for path in sorted(Path("/etc/apt/apt.conf.d").glob("*")) if _is_about_registries(path)}


def registry_folders() -> list[Path]:
    """Folders that the environment names, such as one with wheels: hosts see them at the same path."""
    folders = {Path(value) for value in registry_environment().values() if value.startswith("/")}
    return sorted(folder for folder in folders if folder.is_dir() and not folder.is_relative_to("/etc"))


def debian_mirror() -> str | None:
    """The mirror from which this machine has Debian's packages; None if it is not a Debian."""
    for path in [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]:
        if path.suffix in {".list", ".sources"} and path.exists():
            pattern = r"(?m)^(?:URIs:|deb(?: \[[^]]*\])?)\s+(\S+/debian)/?(?:\s|$)"
            if match := re.search(pattern, path.read_text()):
                return match[1]
    return None


def _is_about_registries(path: Path) -> bool:
    """Whether a file of apt's settings is about proxies or certificates."""
    pattern = r"(?im)^\s*Acquire::(https?|ftp)\b.*(proxy|ca-?info|verify)"
    return bool(re.search(pattern, path.read_text(errors="replace")))
