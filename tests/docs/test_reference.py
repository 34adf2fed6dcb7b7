"""The documentation says what the code does: every setting, every response, every action and intent is there."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from rasa_handoff.core.decision import Reason
from rasa_handoff.core.effects import Notice
from scripts import reference

ROOT = Path(__file__).resolve().parents[2]
RESPONSES = ROOT / "docs/reference/responses.md"


@pytest.fixture(scope="module")
def domain() -> Any:
    return YAML(typ="safe").load(ROOT / "domain.yml")


def test_the_generated_pages_are_what_the_code_says() -> None:
    for page, text in reference.pages().items():
        assert page.read_text(encoding="utf-8") == text, f"{page.name} is stale; run: python -m scripts.reference"


def _actions() -> str:
    return "".join(path.read_text(encoding="utf-8") for path in (ROOT / "rasa_handoff/actions").glob("*.py"))


def test_every_handoff_response_of_the_bot_is_documented_and_no_other(domain: Any) -> None:
    said = {name for name in domain["responses"] if name.startswith("utter_handoff_")}
    documented = set(re.findall(r"^\| `(utter_handoff_\w+)`", RESPONSES.read_text(encoding="utf-8"), re.MULTILINE))
    assert documented == said


def test_every_response_the_actions_use_is_in_the_bots_domain(domain: Any) -> None:
    used = set(re.findall(r'"(utter_\w+)"', _actions()))
    assert used
    assert used <= set(domain["responses"])


def test_every_reason_has_an_announcement_of_its_own(domain: Any) -> None:
    assert {f"utter_handoff_announce_{reason.value}" for reason in Reason} <= set(domain["responses"])


def test_placeholders_in_the_bots_responses_are_documented_ones(domain: Any) -> None:
    rows = dict(re.findall(r"^\| `(utter_handoff_\w+)` \|[^|]*\|([^|]*)\|", RESPONSES.read_text("utf-8"), re.MULTILINE))
    for name, variations in domain["responses"].items():
        if name.startswith("utter_handoff_"):
            used = set(re.findall(r"\{(\w+)\}", " ".join(one.get("text", "") for one in variations)))
            assert used <= set(re.findall(r"`\{(\w+)\}`", rows[name])), name


def test_the_bots_domain_knows_our_intents_actions_and_slots(domain: Any) -> None:
    intents = {next(iter(one)) if isinstance(one, dict) else one for one in domain["intents"]}
    assert {notice.value for notice in Notice} <= intents
    actions = _actions()
    assert set(re.findall(r'return "(action_\w+)"', actions)) <= set(domain["actions"])
    for slot in ("handoff", "handoff_status"):
        assert domain["slots"][slot]["mappings"] == [{"type": "custom", "action": "action_handoff_gate"}]
