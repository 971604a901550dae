"""SIGTERM under load: every request on an accepted connection is answered."""

import http.client
import signal
import threading
from collections import Counter

import pytest

from tests.served import ADA, APPS, RECIPE, Service, serve

CLIENTS = 30


class Load:
    """Clients that each send one request after the other, until they cannot connect any more."""

    def __init__(self, service: Service, *, keep_alive: bool) -> None:
        self.outcomes: Counter[str] = Counter()
        self._port = service.port
        self._headers = ADA if keep_alive else ADA | {"connection": "close"}
        self._threads = [threading.Thread(target=self._client) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def wait(self) -> None:
        for thread in self._threads:
            thread.join()

    def _client(self) -> None:
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
            try:
                connection.connect()
            except ConnectionRefusedError:
                return
            try:
                while connection.sock is not None:
                    connection.request("GET", RECIPE, headers=self._headers)
                    response = connection.getresponse()
                    response.read()
                    self.outcomes[str(response.status)] += 1
            except (OSError, http.client.HTTPException) as error:
                self.outcomes[repr(error)] += 1
            finally:
                connection.close()


@pytest.mark.parametrize("keep_alive", [True, False], ids=["kept", "closed"])
@pytest.mark.parametrize("app", APPS)
def test_no_request_is_cut_off(app: str, database_url: str, *, keep_alive: bool) -> None:
    with serve(app, database_url, WORKERS=2, POOL_SIZE=2) as service:
        load = Load(service, keep_alive=keep_alive)
        while load.outcomes["200"] < 5 * CLIENTS:
            pass
        assert service.stop(signal.SIGTERM) == 0
        load.wait()
        assert load.outcomes.keys() == {"200"}
