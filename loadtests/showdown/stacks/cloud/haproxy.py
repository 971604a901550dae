"""The configuration of haproxy on its host, from the same templates as the local stack's."""

from showdown_contract.errors import ShowdownError
from showdown_stack import config

from showdown.contract.contract import Contract
from showdown.stacks.agent.watch import STATS_SOCKET
from showdown.stacks.cloud.outputs import Applied
from showdown.stacks.cloud.ssh import RemoteHost

FILE, UNIT = "/etc/showdown/haproxy.cfg", "showdown-haproxy.service"
# The bodies of haproxy's own answers, which every commit has.
BODIES = "/opt/showdown/contract/golden/bodies"
LOG_LINES_SHOWN = 12


def haproxy_config(applied: Applied, contract: Contract, processors: int) -> str:
    """In each place one variant's service can be: at a port of its own on the service hosts, and on haproxy's."""
    services = [
        config.render(
            "haproxy-service.cfg",
            number=number,
            listen_address="*",
            port=haproxy_port,
            bodies=BODIES,
            health=contract.health,
            routes=" ".join(contract.routes),
            servers="\n".join(
                f"    server {host.name} {host.private_address}:{service_port}" for host in applied.of("service")
            ),
        )
        for number, (haproxy_port, service_port) in enumerate(
            zip(applied.haproxy.ports, applied.service_ports, strict=True), start=1
        )
    ]
    # haproxy has the host for itself.
    return config.render(
        "haproxy.cfg", threads=processors, stats_socket=STATS_SOCKET, bodies=BODIES, services="\n".join(services)
    )


def configure(host: RemoteHost, text: str) -> None:
    """Have haproxy start anew with this configuration. Raises ShowdownError with its log if it does not."""
    # It may have failed before, or not at all.
    told = f"cat > {FILE} && {{ systemctl reset-failed {UNIT} || true; }} && systemctl restart {UNIT}"
    log = f"journalctl --unit {UNIT} --lines {LOG_LINES_SHOWN} --output cat --quiet >&2"
    done = host.run(f"umask 022 && mkdir -p {FILE.rpartition('/')[0]} && {{ {told} || {{ {log}; exit 1; }}; }}", text)
    if done.returncode != 0:
        raise ShowdownError(f"haproxy does not start on {host.name}:\n{done.stderr.strip()}")
