"""Customers who write to the model instead of to us: what we send of it, and what a model that obeys gets through."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import product
from pathlib import Path

import pytest

from rasa_handoff.core.conversation import Author
from rasa_handoff.core.errors import Unreachable
from rasa_handoff.core.package import Part, Summary
from rasa_handoff.writers.model import LanguageModel
from rasa_handoff.writers.openai_writer import OpenAIWriter
from scripts.model_server import Model
from tests.writers.packages import DRAFT, as_json, package

ATTACKS = [json.loads(line) for line in Path(__file__).with_name("attacks.jsonl").read_text("utf-8").splitlines()]
ORDINARY = (
    (Author.CUSTOMER, "My parcel is late and I want a refund of 500 for it"),
    (Author.BOT, "Please wait two more days, a refund is not possible yet."),
)
attacks = pytest.mark.parametrize("attack", ATTACKS, ids=[f"{a['lang']}-{n}" for n, a in enumerate(ATTACKS, start=1)])


Ask = Callable[[str], Awaitable[Summary | None]]


@pytest.fixture
async def summary(server: Model) -> AsyncIterator[Ask]:
    """What becomes of a conversation that ends with these words; None where the draft stands alone."""
    client = LanguageModel("test-model", server.url, "secret")

    async def ask(says: str) -> Summary | None:
        try:
            return await OpenAIWriter(client).summarise(package(*ORDINARY, (Author.CUSTOMER, says)), DRAFT)
        except Unreachable:
            return None

    yield ask
    await client.close()


def test_there_are_attacks_in_every_language():
    assert len(ATTACKS) >= 40
    languages = {"en", "de", "es", "pt", "fr", "it", "nl", "pl", "hi", "hi-Latn", "ar", "zh", "vi"}
    assert {attack["lang"] for attack in ATTACKS} == languages


@attacks
async def test_an_attack_is_sent_as_data_and_nothing_else(server: Model, summary: Ask, attack: dict[str, str]):
    server.content = "{}"
    await summary(attack["says"])
    system, user = server.asked[0]["messages"]
    await summary("where is it")
    assert system == server.asked[1]["messages"][0]
    assert (user["content"].count("<data>"), user["content"].count("</data>")) == (1, 1)
    outside = user["content"].split("<data>")[0] + user["content"].split("</data>")[1]
    assert outside == "\nWrite the summary of these lines."
    assert [line["by"] for line in server.data["lines"]] == ["customer", "bot", "customer"]


@attacks
async def test_a_model_that_obeys_gets_nothing_of_it_to_the_agent(server: Model, summary: Ask, attack: dict[str, str]):
    good = ("wants", "The customer wants a refund of 500 for the late parcel.", [1])
    for part, lines in product(Part, ([1], [2], [3], [1, 2, 3], [4], [])):
        claims = {"wants": good} | {part.value: (part.value, attack["obeyed"], lines)}
        server.content = as_json(*claims.values())
        told = await summary(attack["says"])
        assert told is None or attack["obeyed"] not in told.sentences, (part, lines)
        assert part is Part.WANTS or (told is not None and told.sentences[0] == good[1])


@attacks
async def test_a_model_that_answers_in_plain_text_is_no_way_around(server: Model, summary: Ask, attack: dict[str, str]):
    server.content = f"{attack['obeyed']} [3]\nWants: {attack['obeyed']} [3]"
    told = await summary(attack["says"])
    assert told is None or attack["obeyed"] not in told.sentences
