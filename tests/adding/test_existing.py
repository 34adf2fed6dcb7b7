"""What a bot has already is found by its name, and by what its stories do."""

from pathlib import Path

import pytest

from rasa_handoff.adding.bot import Bot
from rasa_handoff.adding.existing import asks_for_a_person, existing
from rasa_handoff.settings import load_settings
from tests.adding.bots import Made

REQUESTS = """
human_handoff request_human talk_to_human TalkToHuman speak-with-agent live_agent connect_to_operator human agent
escalate_to_human transfer_to_representative i_want_a_human need_operator chat/real_person mit_mitarbeiter_sprechen
mensch Kundenberater hablar_con_agente hablar_con_una_persona humano parler_a_un_conseiller parlare_con_operatore
falar_com_atendente medewerker speak_to_support talk_to_customer_service user.wants.human 转人工 人工客服 оператор
"""
OTHERS = """
check_human are_you_human bot_challenge is_human insurance_agent find_agent_office number_of_people human_resources
cancel_human_handoff no_human deny_agent greet support handoff contact_us person_name contact_support customer_service
persona_info faq/agent_fees
"""


@pytest.mark.parametrize("intent", REQUESTS.split())
def test_an_intent_for_a_person_is_known_by_its_name(intent: str) -> None:
    assert asks_for_a_person(intent)


@pytest.mark.parametrize("intent", OTHERS.split())
def test_other_intents_are_not_taken_for_one(intent: str) -> None:
    assert not asks_for_a_person(intent)


def test_a_bots_own_handover_is_found_by_its_actions_and_the_intents_before_them(tmp_path: Path) -> None:
    domain = "intents: [greet, handoff, trigger_handoff, human_handoff]\nactions: [action_handoff, action_find_agent]\n"
    stories = """stories:
- story: a handover
  steps:
  - intent: human_handoff
  - action: utter_ask
  - or:
    - intent: trigger_handoff
    - intent: affirm
  - action: action_handoff
rules:
- rule: from another bot
  steps:
  - intent: handoff
  - action: utter_greet
"""
    bot = Made(tmp_path, {"domain.yml": domain, "data/stories.yml": stories})
    found = existing(Bot(bot.layout))
    assert (found.intents, found.doubtful) == (("trigger_handoff", "human_handoff"), ("handoff",))
    assert {name: [story.name for story in told] for name, told in found.actions.items()} == {
        "action_handoff": ["a handover"]
    }
    told = bot.told()
    assert "requests for a person already: trigger_handoff, human_handoff" in told
    assert "its own handover, action_handoff; it runs in data/stories.yml" in told


def test_found_requests_are_wired_to_the_detector_and_none_is_added(tmp_path: Path) -> None:
    bot = Made(tmp_path, {"domain.yml": "intents: [greet, talk_to_human, 人工]\n"})
    bot.add()
    assert load_settings(tmp_path / "handoff.yml").detector.request_intents == ("talk_to_human", "人工")
    assert "request_human" not in bot.text("domain.yml")


def test_our_own_names_are_not_taken_for_the_bots(tmp_path: Path) -> None:
    bot = Made(tmp_path)
    bot.add()
    found = existing(Bot(bot.layout))
    assert (found.intents, found.doubtful, found.actions) == ((), (), {})
