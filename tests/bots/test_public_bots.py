"""Public bots, unchanged: the plugin is added, the bot is no worse for it, a handoff goes there and back, and nothing
of the plugin is left.

Not a part of `make test`: `make test-bots HANDOFF_BOTS=FOLDER` runs it, some minutes for each bot.
"""

import os
import shutil
from pathlib import Path

import pytest

from scripts.clients import AgentClient, RestCustomer, wait_until
from scripts.stack import BOT
from tests.bots.public import BOTS, PublicBot, fetched
from tests.bots.running import Running, bots_python_path, files_of, served
from tests.journeys.sides import messages_to_agent

pytestmark = [pytest.mark.bots, pytest.mark.timeout(1800)]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not os.environ.get("HANDOFF_BOTS"):
        pytest.skip("HANDOFF_BOTS names no folder for public bots: make test-bots")
    if not (BOT / "rasa").exists():
        pytest.skip("Rasa's environment is missing: `make .venv-bot/.synced` makes it")
    return bots_python_path(tmp_path_factory.mktemp("wheel"))


@pytest.mark.parametrize("bot", BOTS, ids=[bot.name for bot in BOTS])
def test_a_public_bot_hands_over_and_is_itself_again(bot: PublicBot, site: Path, tmp_path: Path) -> None:
    source = fetched(bot)
    folder = tmp_path / "bot"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns(".git", "models"))
    running = Running(bot, folder, tmp_path / "aside", site)
    before, problems_before = files_of(folder), running.problems()

    told = running.add()
    assert all(intent in told for intent in bot.wired)
    assert "Everything is there already." in running.add()
    problems = running.problems()
    assert problems[0] <= problems_before[0]
    assert problems[1] <= problems_before[1]

    with served(running, running.train()) as stack:
        hands_over_and_back(bot, RestCustomer(stack.rasa_url), stack.agent("ana"))

    running.add("--remove")
    assert files_of(folder) == before


def hands_over_and_back(bot: PublicBot, customer: RestCustomer, ana: AgentClient) -> None:
    ana.available()
    customer.say("hello")
    announced = customer.say(bot.asks)
    assert any("team" in text for text in announced), announced
    handoff = ana.wait_for(customer.conversation_id, "offered")
    assert handoff["reason"] == "customer_requested"
    ana.accept(handoff["id"])
    customer.wait_for_bot("Ana")
    ana.say(handoff["id"], "Hello, this is Ana.")
    customer.wait_for_bot("Hello, this is Ana.")
    assert customer.say("hello again") == []
    wait_until(lambda: "hello again" in messages_to_agent(ana, handoff["id"]), "the agent reads the customer")
    ana.close(handoff["id"], "resolved", "All done.")
    customer.wait_for_bot("All done.")
    slots = customer.slots()
    assert (slots["handoff_status"], slots["handoff"]["outcome"]) == (None, "resolved")
    events = len(customer.tracker()["events"])
    customer.say("hello")
    after = [event for event in customer.tracker()["events"][events:] if event["event"] == "action"]
    assert any(event["name"] not in ("action_listen", "action_handoff_initiate") for event in after)
