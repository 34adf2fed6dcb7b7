"""What may get in a handoff's way is told with what to do about it."""

from pathlib import Path

import pytest

from tests.adding.bots import DOMAIN, Made


@pytest.mark.parametrize(
    ("changes", "what", "mend"),
    [
        (
            {"config.yml": "policies: [{name: RulePolicy}, {name: a.B, priority: 8}]\n"},
            "a.B has priority 8",
            "less than 7",
        ),
        (
            {"endpoints.yml": "action_endpoint: {url: x, enable_selective_domain: true}\n"},
            "enable_selective_domain",
            "rasa-sdk 3.6.2",
        ),
        ({"domain.yml": DOMAIN + "actions: [action_validate_slot_mappings]\n"}, "after the gate", "validate_handoff"),
        (
            {"domain.yml": DOMAIN + "forms: {f: {ignored_intents: [greet], required_slots: []}}\n"},
            "ignored_intents of f",
            "not_intent",
        ),
        (
            {"domain.yml": DOMAIN + "slots: {n: {type: text, mappings: [{type: from_text}]}}\n"},
            "slots n are filled with whatever",
            "EXTERNAL_handoff_answered",
        ),
        ({"config.yml": "language: de\npolicies: [{name: RulePolicy}]\n"}, "speaks de", "translate"),
        ({"config.yml": "language: tr\npolicies: [{name: RulePolicy}]\n"}, "in tr it does not hear", "request_intents"),
        ({"credentials.yml": "socketio:\n"}, "no `rest:`", "add it"),
        ({"domain/extra.yml": "intents: [a]\n"}, "a domain.yml and a folder", "--domain domain"),
        (
            {"config.yml": "policies: [{name: RulePolicy}]\nimporters: [{name: MultiProjectImporter}]\n"},
            "importers",
            "",
        ),
        (
            {"domain.yml": DOMAIN.replace("- greet", "- handoff_yes: {use_entities: [a]}")},
            "its own intents handoff_yes",
            "rename yours",
        ),
        ({}, "assistant_id", "a-name-of-yours"),
    ],
)
def test_it_is_told(changes: dict[str, str | None], what: str, mend: str, tmp_path: Path) -> None:
    advice = Made(tmp_path, changes).advice()
    assert [one for one in advice if what in one.what and mend in one.mend]


def test_nothing_is_told_of_a_bot_in_which_nothing_is_in_the_way(tmp_path: Path) -> None:
    config = "language: en-US\nassistant_id: mine\npipeline: []\npolicies: [{name: RulePolicy, priority: 6}]\n"
    assert Made(tmp_path, {"config.yml": config}).advice() == []


def test_words_that_the_bot_has_already_stay_what_customers_read(tmp_path: Path) -> None:
    domain = DOMAIN + "  utter_handoff_accepted:\n  - text: Da ist {agent_name}.\n"
    bot = Made(tmp_path, {"domain.yml": domain})
    assert "its own utter_handoff_accepted" in bot.told()
    bot.add()
    assert bot.tree("domain.yml")["responses"]["utter_handoff_accepted"] == [{"text": "Da ist {agent_name}."}]
    assert bot.text("domain.yml").count("utter_handoff_accepted:") == 1


def test_examples_for_an_intent_that_the_bot_has_itself_are_left_to_it(tmp_path: Path) -> None:
    bot = Made(tmp_path, {"domain.yml": DOMAIN.replace("- greet", "- handoff_no")})
    bot.add()
    intents = [one["intent"] for one in bot.tree("data/handoff/nlu.yml")["nlu"]]
    assert "handoff_no" not in intents
    assert "handoff_yes" in intents
