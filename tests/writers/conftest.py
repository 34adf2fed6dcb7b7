from collections.abc import Iterator

import pytest

from scripts.model_server import Model, serving


@pytest.fixture
def server() -> Iterator[Model]:
    with serving() as model:
        yield model
