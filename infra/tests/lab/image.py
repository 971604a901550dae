"""The root file system that every test host starts from: Debian 13 with the packages of a provider's image."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

from lab.errors import LabError
from lab.machine import debian_mirror

SUITE = "trixie"
# The packages of DigitalOcean's image that user data relies on.
PACKAGES = (
    "systemd",
    "systemd-sysv",
    "dbus",
    "cloud-init",
    "openssh-server",
    "iproute2",
    "sudo",
    "ca-certificates",
)
# There is no provider to ask for metadata, and the network is configured already.
CLOUD_CONFIG = """\
datasource_list: [NoCloud]
network: {config: disabled}
"""


def image(folder: Path) -> Path:
    """The image's root folder, which is made the first time (about 30 s). Raises LabError."""
    mirror = debian_mirror()
    recipe = json.dumps([SUITE, PACKAGES, CLOUD_CONFIG, mirror])
    root = folder / f"image-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    if root.exists():
        return root
    half = folder / "image-being-made"
    shutil.rmtree(half, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, str(half)]
    if mirror:
        command.append(mirror)
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise LabError(f"mmdebstrap cannot make {half}:\n{result.stderr[-2000:]}")
    settings = CLOUD_CONFIG
    if mirror:
        settings += json.dumps({"apt": {"primary": [{"arches": ["default"], "uri": mirror}]}})[1:-1] + "\n"
    (half / "etc/cloud/cloud.cfg.d/99-lab.cfg").write_text(settings)
    # Empty, so that each host gets one of its own.
    (half / "etc/machine-id").write_text("")
    for old in folder.glob("image-*"):
        if old != half:
            shutil.rmtree(old)
    half.rename(root)
    return root
