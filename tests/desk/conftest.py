from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from .desk_world import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def browser(world: World) -> Iterator[TestClient]:
    with TestClient(world.app()) as client:
        yield client
