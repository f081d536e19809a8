from collections.abc import Iterator
from threading import Thread

import pytest

from rates import Source


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    with Source() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("RATES_URL", f"http://127.0.0.1:{server.server_port}/latest")
        yield server
        server.shutdown()
