"""What happens because nothing happened: an offer runs out, a waiting customer is told how it stands."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from scripts.clients import AgentClient, ChatCustomer, wait_until
from scripts.stack import ACTIONS, ROOT, Stack
from tests.journeys.changes import changed


@pytest.fixture
def timed(stack: Stack, tmp_path: Path) -> Iterator[Callable[[str, int], object]]:
    """Gives one of handoff.yml's times another value; a handoff keeps those it started with."""
    with ExitStack() as held:

        def change(setting: str, seconds: int) -> None:
            changed_file = tmp_path / "handoff.yml"
            text, found = re.subn(rf"{setting}: \d+", f"{setting}: {seconds}", (ROOT / "handoff.yml").read_text())
            assert found == 1
            changed_file.write_text(text)
            held.enter_context(changed(stack, ACTIONS, HANDOFF_CONFIG=str(changed_file)))

        yield change


def test_an_offer_that_runs_out_goes_to_the_next_agent(
    timed: Callable[[str, int], object], customer: ChatCustomer, ana: AgentClient, ben: AgentClient
) -> None:
    timed("offer_timeout_seconds", 1)
    customer.say("human please")
    queued = ana.wait_for(customer.conversation_id, "offered")
    ben.available()

    def offered() -> list[str]:
        log = ana.handoff(queued["id"])["log"]
        return [entry["data"]["agent_id"] for entry in log if entry["kind"] == "offered"]

    wait_until(lambda: len(offered()) > 1, "the next agent is offered it")
    assert offered()[:2] == ["ana", "ben"]
    assert ana.handoff(queued["id"])["handoff"]["queued_at"] == queued["queued_at"]
    # Offered still or run out again: nobody else is asked, so it is there to be taken.
    assert ben.accept(queued["id"])["agent_id"] == "ben"


def test_a_waiting_customer_is_told_how_it_stands_until_somebody_takes_over(
    timed: Callable[[str, int], object], customer: ChatCustomer, ben: AgentClient
) -> None:
    timed("update_every_seconds", 1)
    customer.say("human please")
    for _ in range(3):  # in the turn itself, then at each update
        customer.hears("system", "Nobody on our team is online")
    ben.available()
    handoff = ben.wait_for(customer.conversation_id, "offered")
    ben.accept(handoff["id"])
    customer.hears("system", "Ben Okafor")
    told = customer.texts("system")
    time.sleep(2.5)  # more than two updates
    assert customer.texts("system") == told
