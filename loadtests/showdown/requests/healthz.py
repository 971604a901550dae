"""Health: what a service and its framework cost without a database."""

from showdown.requests.kind import Kind, Request

REQUEST = Request("/healthz", b'{"status":"ok"}'.__eq__)

KIND = Kind("healthz", of_any_user=lambda _random, _seeded: REQUEST, of_one_user=lambda _seeded: [REQUEST])
