import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi.testclient import TestClient

from .desk_world import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def browser(world: World) -> Iterator[TestClient]:
    with TestClient(world.app()) as client:
        yield client


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """A real server: a test client would wait for the end of a stream."""
    config = uvicorn.Config(world.app(), port=0, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)
    assert not thread.is_alive(), "open streams must not hold up the end"
