"""Faults of the service's own processes."""

import os
import signal
import time
from functools import partial

import psutil
from showdown_stack.answers import NoAnswerError, ask
from showdown_stack.haproxy import Haproxy
from showdown_stack.privilege import service_user
from showdown_stack.tiers import Service

from showdown.faults.action_log import NoEffectError, confirm
from showdown.faults.actions.limits import limited_open_files, open_files_limit
from showdown.faults.bench import Bench

STOP_SECONDS = 30.0
# No descriptor is below it that is not in use.
NO_MORE_FILES = 3
# So long a new connection has to stay without an answer.
SILENCE_SECONDS = 1.0


def is_gone(process: psutil.Process) -> bool:
    """Whether it has ended; who starts processes may not have noticed yet."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def kill_worker(bench: Bench) -> None:
    """SIGKILL for the first worker. The service's master starts another; where there is none, we do."""
    service = bench.services[0]
    root = psutil.Process(service.process.pid)
    workers = root.children()
    worker = workers[0] if workers else root
    at = time.time()
    worker.kill()
    confirm(f"process {worker.pid} is gone", lambda: is_gone(worker))
    bench.log.did("kill -9 of a worker", worker.pid, "gone from the table of processes", at)
    if workers:
        confirm("the service has as many workers as before", lambda: len(_living(root, without=worker)) >= len(workers))
        new = sorted(set(_living(root, without=worker)) - {each.pid for each in workers})
        bench.log.did("its master starts another", root.pid, f"process {', '.join(map(str, new))}", time.time())
    else:
        confirm("the service has ended", lambda: not service.process.running)
        _start_again(bench, service)


def terminate_service(bench: Bench) -> None:
    """SIGTERM, as at each deployment, and a new start."""
    _terminate(bench, bench.services[0])
    _start_again(bench, bench.services[0])


def restart_instances(bench: Bench) -> None:
    """One after the other, each while haproxy sends it nothing."""
    haproxy, number = bench.haproxy, bench.services[0].place.number
    for instance, service in enumerate(bench.services, start=1):
        at = time.time()
        haproxy.set_state(number, instance, "drain")
        confirm(f"instance {instance} has no request", partial(_is_drained, haproxy, number, instance))
        bench.log.did(f"haproxy drains instance {instance}", haproxy.process.pid, "no request is under way in it", at)
        _terminate(bench, service)
        _start_again(bench, service)
        haproxy.set_state(number, instance, "ready")
        bench.log.did(f"haproxy asks instance {instance} again", haproxy.process.pid, "ready", time.time())


def _is_drained(haproxy: Haproxy, number: int, instance: int) -> bool:
    return haproxy.under_way(number, instance) == 0


def use_up_descriptors(bench: Bench) -> None:
    """No process of the service can open anything for a while; what is open stays open."""
    service = bench.services[0]
    root = psutil.Process(service.process.pid)
    processes = [root, *root.children(recursive=True)]
    at = time.time()
    with limited_open_files(processes, service_user(service.place.number), NO_MORE_FILES):
        pids = [each.pid for each in processes]
        if too_high := [pid for pid in pids if open_files_limit(pid) != NO_MORE_FILES]:
            raise NoEffectError(f"the limit of open files is not {NO_MORE_FILES} of processes {too_high}")
        if not _is_silent(service):
            raise NoEffectError(f"{service.process.name} answers on a new connection, though it can open no file")
        what = f"limit {NO_MORE_FILES}, and a new connection gets no answer"
        bench.log.did(f"prlimit of processes {', '.join(map(str, pids))}", service.process.pid, what, at)
        bench.stay(at)
    confirm("the service answers on a new connection", service.health.ready)
    bench.log.did("the limit is as before", service.process.pid, "a new connection gets an answer", time.time())


def _is_silent(service: Service) -> bool:
    try:
        ask(service.place.service_url, "GET", service.health.path, None, {}, SILENCE_SECONDS, 4096)
    except NoAnswerError:
        return True
    return False


def _living(root: psutil.Process, *, without: psutil.Process) -> list[int]:
    return [each.pid for each in root.children() if each.pid != without.pid and not is_gone(each)]


def _terminate(bench: Bench, service: Service) -> None:
    at, pid = time.time(), service.process.pid
    os.kill(pid, signal.SIGTERM)
    confirm(f"{service.process.name} has ended", lambda: not service.process.running, STOP_SECONDS)
    bench.log.did("SIGTERM", pid, f"ended with {service.process.result} after {time.time() - at:.1f} s", at)


def _start_again(bench: Bench, service: Service) -> None:
    at = time.time()
    service.process.start_again()
    service.wait_until_ready()
    bench.log.did("started again", service.process.pid, f"it answers after {time.time() - at:.1f} s", at)
