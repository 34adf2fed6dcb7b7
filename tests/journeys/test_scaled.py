"""Several of each: two Rasa servers, two action servers and two desks on one PostgreSQL and one Redis."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from ruamel.yaml import YAML

from scripts.clients import AgentClient, ChatCustomer, RestCustomer, wait_until
from scripts.stack import DESK, ROOT, Stack
from tests.journeys.services import PASSWORD, redis
from tests.journeys.sides import messages_to_agent


@pytest.fixture
def pair(new_stack: Callable[..., Stack], postgres_url: str, tmp_path: Path) -> Iterator[tuple[Stack, Stack]]:
    """Two stacks that share their databases and locks, by the endpoints of deploy/ without the broker."""
    endpoints = YAML(typ="safe").load(ROOT / "deploy/endpoints.yml")
    del endpoints["event_broker"]
    YAML().dump(endpoints, tmp_path / "endpoints.yml")
    with ExitStack() as running:
        shared = {
            "HANDOFF_SECRET": secrets.token_urlsafe(32),
            "RASA_DB_HOST": rasa_database(postgres_url),
            "RASA_REDIS_HOST": "127.0.0.1",
            "RASA_REDIS_PORT": str(running.enter_context(redis(tmp_path / "redis"))),
            "RASA_REDIS_PASSWORD": PASSWORD,
            **dict.fromkeys(("RASA_DB_PORT", "RASA_DB_NAME", "RASA_DB_USER", "RASA_DB_PASSWORD"), "5432"),
        }
        first, second = (
            running.enter_context(
                new_stack(
                    tmp_path / name,
                    database_url=postgres_url,
                    endpoints=tmp_path / "endpoints.yml",
                    environment=shared,
                )
            )
            for name in ("first", "second")
        )
        yield first, second


def rasa_database(url: str) -> str:
    """A database of Rasa's own beside ours; its URL stands for host, user and name together."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS rasa")
        connection.execute("CREATE DATABASE rasa")
    base, _, options = url.partition("?")
    return f"{base.rpartition('/')[0]}/rasa?{options}"


def test_a_conversation_goes_on_whichever_of_the_servers_it_meets(pair: tuple[Stack, Stack]) -> None:
    first, second = pair
    ana = first.agent("ana")
    elsewhere = AgentClient(second.desk_url, ana.id, ana.password)
    ana.available()
    rest = RestCustomer(first.rasa_url)
    rest.say("hello")
    there = RestCustomer(second.rasa_url, rest.conversation_id)
    assert there.say("I want to talk to a human")
    handoff = ana.wait_for(rest.conversation_id, "offered")
    elsewhere.accept(handoff["id"])
    said = [f"message {number}" for number in range(6)]
    for number, text in enumerate(said):
        assert (rest, there)[number % 2].say(text) == []
    wait_until(lambda: messages_to_agent(ana, handoff["id"]) == said, "the agent has all messages, in order")
    ana.close(handoff["id"], "resolved")
    wait_until(lambda: rest.slots()["handoff_status"] is None, "the bot has it back")
    assert there.say("what are the delivery options?")

    customer = ChatCustomer(second.desk_url)
    customer.say("human please")
    held = ana.wait_for(customer.conversation_id, "offered")
    ana.accept(held["id"])
    customer.hears("system", "Ana")
    first.kill(DESK)  # its courier may have been at work on it
    elsewhere.say(held["id"], "still here")
    customer.hears("agent", "still here", seconds=60)
    assert customer.texts("agent") == ["still here"]
