"""One suite over all vendors."""

from collections.abc import Iterator

import pytest

from rasa_handoff.stores import open_store
from tests.channels.stage import Stage, make_stage
from tests.channels.vendor import FakeVendor
from tests.channels.worlds import NOT_YET, WORLDS


@pytest.fixture(params=[one for one in WORLDS if one not in NOT_YET], ids=lambda world: world.kind.name)
def vendor(request: pytest.FixtureRequest) -> Iterator[FakeVendor]:
    world: FakeVendor = request.param()
    yield world
    world.close()


@pytest.fixture
def stage(vendor: FakeVendor) -> Stage:
    return make_stage(vendor, open_store("memory://"))
