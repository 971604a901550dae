"""The test hosts' network: a bridge, one network namespace for each host, and a narrow way out to registries.

Reachable from this machine itself, which is a host's gateway. Every name starts with PREFIX, and all is deleted
at the end; what a killed run has left, the next one deletes.
"""

import ipaddress
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lab.errors import LabError

PREFIX = "sdlab-"
BRIDGE = f"{PREFIX}bridge"
TABLE = f"{PREFIX}nat".replace("-", "_")
FORWARDING = Path("/proc/sys/net/ipv4/conf")
# Keeps the uplink's former setting. A reboot deletes it, together with what we set.
BEFORE = Path("/run") / f"{PREFIX}forwarding"

# What set-up needs and no more: DNS and package registries.
RULES = """\
table ip {table} {{
    chain forward {{
        type filter hook forward priority filter
        iifname {bridge} oifname {bridge} accept
        iifname {bridge} udp dport 53 accept
        iifname {bridge} tcp dport {{ 53, 80, 443 }} accept
        iifname {bridge} drop
        oifname {bridge} ct state established,related accept
        oifname {bridge} drop
    }}
    chain postrouting {{
        type nat hook postrouting priority srcnat
        ip saddr {network} oifname != {bridge} masquerade
    }}
}}
"""


@contextmanager
def running_network(gateway: str) -> Iterator[None]:
    """Set up a bridge as the private network of `gateway`, this machine's address there, such as 10.200.0.1/24.

    Raises LabError.
    """
    network = ipaddress.ip_interface(gateway).network
    _clean_up()
    _refuse_known(network)
    uplink = _uplink()
    # If a killed lab has left its note of the former setting, that is the one to restore.
    if not BEFORE.exists():
        BEFORE.write_text((FORWARDING / uplink / "forwarding").read_text())
    try:
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("address", "add", gateway, "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        _run(["nft", "--file", "-"], RULES.format(table=TABLE, bridge=BRIDGE, network=network))
        # Only between these two interfaces: this machine does not become a router.
        for interface in (BRIDGE, uplink):
            (FORWARDING / interface / "forwarding").write_text("1")
        yield
    finally:
        (FORWARDING / uplink / "forwarding").write_text(BEFORE.read_text())
        BEFORE.unlink()
        _clean_up()


@contextmanager
def namespace(name: str, private: str, public: str, gateway: str) -> Iterator[Path]:
    """Make a network namespace with an address in the gateway's network and a public one; yields its path."""
    full_name = PREFIX + name
    home = ipaddress.ip_interface(gateway)
    outside = _interface(private)
    try:
        _ip("netns", "add", full_name)
        _ip("link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", full_name)
        _ip("link", "set", outside, "master", BRIDGE, "up")
        inside = ("-n", full_name)
        _ip(*inside, "address", "add", f"{private}/{home.network.prefixlen}", "dev", "eth0")
        _ip(*inside, "address", "add", f"{public}/32", "dev", "eth0")
        _ip(*inside, "link", "set", "lo", "up")
        _ip(*inside, "link", "set", "eth0", "up")
        _ip(*inside, "route", "add", "default", "via", str(home.ip), "src", private)
        # One route for each address: the rest of the public addresses' network is not touched.
        _ip("route", "add", public, "via", private)
        yield Path("/run/netns") / full_name
    finally:
        # Not all of it may exist. Interfaces would be deleted with the namespace, but only after a while.
        for command in (("route", "delete", public), ("link", "delete", outside), ("netns", "delete", full_name)):
            with suppress(LabError):
                _ip(*command)


@contextmanager
def cut_off(private: str) -> Iterator[None]:
    """Drop everything to and from the host with this private address."""
    _ip("link", "set", _interface(private), "down")
    try:
        yield
    finally:
        _ip("link", "set", _interface(private), "up")


def _interface(private: str) -> str:
    """The name of a host's interface on this machine. It has at most 15 characters, fewer than some hosts' names."""
    return f"{PREFIX}{int(ipaddress.ip_address(private)):x}"


def _clean_up() -> None:
    for entry in json.loads(_ip("-json", "netns", "list") or "[]"):
        if entry["name"].startswith(PREFIX):
            _ip("netns", "delete", entry["name"])
    if any(link["ifname"] == BRIDGE for link in json.loads(_ip("-json", "link") or "[]")):
        _ip("link", "delete", BRIDGE)
    _run(["nft", "--file", "-"], f"table ip {TABLE}\ndelete table ip {TABLE}\n")


def _refuse_known(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> None:
    for route in json.loads(_ip("-json", "route") or "[]"):
        if route["dst"] != "default" and network.overlaps(ipaddress.ip_network(route["dst"])):
            raise LabError(f"this machine already has a route to {route['dst']}: test hosts cannot have {network}")


def _uplink() -> str:
    for route in json.loads(_ip("-json", "route") or "[]"):
        if route["dst"] == "default":
            return str(route["dev"])
    raise LabError("this machine has no default route: test hosts could not reach package registries")


def _ip(*arguments: str) -> str:
    return _run(["ip", *arguments])


def _run(command: list[str], text: str | None = None) -> str:
    result = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise LabError(f"{' '.join(command)}: {result.stderr.strip()}")
    return result.stdout
