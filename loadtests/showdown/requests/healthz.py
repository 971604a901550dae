"""Health: what a service and its framework cost without a database."""

from showdown.requests.kind import Answer, Kind, Request, Seeded

BODY = b'{"status":"ok"}'
REQUEST = Request("/healthz", BODY.__eq__)


def answer(request: Request, _: Seeded) -> Answer | None:
    return Answer(200, BODY) if request.path == REQUEST.path else None


KIND = Kind(
    "healthz", of_any_user=lambda _random, _seeded: REQUEST, of_one_user=lambda _seeded: [REQUEST], answer=answer
)
