"""The language of a handoff: the bot's slot, else what the customer writes, else the bot's own."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rasa_handoff.core.policy import Policy
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.language import Languages
from rasa_handoff.service import Service
from rasa_handoff.stores.memory import MemoryStore

from .test_service import WISH, talk

SPOKEN = ("en", "de", "pt", "zh", "ar", "fr")


@pytest.fixture(scope="module")
def languages() -> Languages:
    known = Languages()
    known.load()
    return known


@pytest.fixture
def service(languages: Languages) -> Service:
    service = Service(MemoryStore(), Policy(language_slot="tongue"), lambda text: 0.0, language=languages)
    for tongue in SPOKEN[:4]:
        service.store.add_agent(Agent(tongue, tongue, "support", languages=frozenset({tongue})))
        service.store.set_presence(tongue, Presence.ONLINE, datetime.now(UTC))
    return service


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Onde está a minha encomenda? Quero falar com uma pessoa", "pt"),
        ("Ich möchte bitte mit einem Menschen sprechen", "de"),
        ("I would like to talk to somebody about my order", "en"),
        ("我想找人工客服处理我的订单", "zh"),
        ("أريد التحدث إلى موظف من فضلكم", "ar"),
    ],
)
def test_a_language_is_told_from_the_text(languages: Languages, text: str, language: str) -> None:
    assert languages([text], SPOKEN) == language


@pytest.mark.parametrize("text", ["", "ok", "10482", "ok merci", "👋👋👋👋👋👋👋👋👋👋👋👋👋👋"])
def test_a_text_that_says_too_little_tells_no_language(languages: Languages, text: str) -> None:
    assert languages([text], SPOKEN) is None


def test_nothing_is_known_before_the_model_is_loaded() -> None:
    assert Languages()(["Ich möchte bitte mit einem Menschen sprechen"], SPOKEN) is None


def test_a_handoff_goes_to_somebody_who_speaks_as_the_customer_writes(service: Service) -> None:
    begun = service.initiate(talk("Onde está a minha encomenda? Quero falar com uma pessoa"), (), WISH)
    service.assign()
    assert (begun.need.language, service.store.get(begun.id).agent_id) == ("pt", "pt")


def test_the_bots_slot_comes_before_the_text(service: Service) -> None:
    said = talk("Onde está a minha encomenda? Quero falar com uma pessoa")
    assert service.initiate(replace(said, slots={"tongue": "de"}), (), WISH).need.language == "de"


def test_a_language_that_nobody_speaks_is_not_waited_for(service: Service) -> None:
    said = talk("Je voudrais parler à quelqu'un au sujet de ma commande, s'il vous plaît")
    assert service.initiate(said, (), WISH).need.language == "en"
