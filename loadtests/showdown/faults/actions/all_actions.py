"""All actions, by the names that faults.toml uses."""

from collections.abc import Callable, Mapping

from showdown.faults.actions.database import fill_disk, kill_backend, kill_postmaster, lock_table
from showdown.faults.actions.freezing import freeze_postgres, freeze_upstream
from showdown.faults.actions.network import cut_connections, slow_down_link, slow_down_upstream
from showdown.faults.actions.processes import kill_worker, restart_instances, terminate_service, use_up_descriptors
from showdown.faults.actions.proxies import reload_haproxy, restart_haproxy, restart_pgbouncer
from showdown.faults.bench import Bench

ACTIONS: Mapping[str, Callable[[Bench], None]] = {
    "kill-worker": kill_worker,
    "terminate-service": terminate_service,
    "restart-instances": restart_instances,
    "use-up-descriptors": use_up_descriptors,
    "kill-backend": kill_backend,
    "kill-postmaster": kill_postmaster,
    "freeze-postgres": freeze_postgres,
    "lock-table": lock_table,
    "fill-disk": fill_disk,
    "restart-pgbouncer": restart_pgbouncer,
    "reload-haproxy": reload_haproxy,
    "restart-haproxy": restart_haproxy,
    "cut-connections": cut_connections,
    "slow-down-link": slow_down_link,
    "freeze-upstream": freeze_upstream,
    "slow-down-upstream": slow_down_upstream,
}
"""Each causes a fault, takes it away again whatever happens, and says in the log what it did and what shows it.

Raises ShowdownError, psutil.Error or psycopg.Error where that fails.
"""
