"""A handoff that is passed on is shown to the other department as well, until its people have it."""

from typing import Any

import pytest

from rasa_handoff.core.handoff import Accepted, Transferred
from rasa_handoff.stores import open_store
from tests.channels.slack.world import CHANNEL, SlackWorld
from tests.channels.stage import make_stage
from tests.channels.vendor import ANNA, BEN

SALES = "C0SALES001"


class World(SlackWorld):
    def settings(self) -> dict[str, Any]:
        return {**super().settings(), "channels": {"sales": SALES}}


@pytest.fixture
def world() -> Any:
    world = World()
    world.channels[SALES] = {"name": "sales", "is_member": True, "is_archived": False}
    world.messages[SALES] = []
    yield world
    world.close()


async def test_each_department_has_its_card_until_it_is_passed_on(world: World) -> None:
    stage = make_stage(world, open_store("memory://"))
    async with stage:
        handoff = await stage.held()
        stage.service.receive(handoff.id, Transferred(ANNA.id, "sales", BEN.id, BEN.name))
        await stage.until(lambda: len(stage.now(handoff).places) == 2)
        there = {one.department: one.key for one in stage.now(handoff).places}
        assert {name: key.partition(":")[0] for name, key in there.items()} == {"support": CHANNEL, "sales": SALES}
        await stage.settled()
        assert not world.is_released(there["support"])
        stage.service.receive(handoff.id, Accepted(BEN.id, BEN.name))
        await stage.until(lambda: world.is_released(there["support"]))
        assert "Passed on to sales" in world.context(there["support"])
        await stage.until(lambda: BEN.name in world.context(there["sales"]))
