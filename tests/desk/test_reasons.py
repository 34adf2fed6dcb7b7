"""The agent sees why: each reason in words, with the evidence as the detector found it."""

from html import unescape

import pytest
from fastapi.testclient import TestClient

from rasa_handoff.core.conversation import Conversation, Turn
from rasa_handoff.core.decision import Evidence, HandOff, Offer, Reason, Stay
from rasa_handoff.core.detector import decide
from rasa_handoff.core.signals import read
from rasa_handoff.core.thresholds import Detection
from rasa_handoff.words import REASONS

from .desk_world import World, now, sign_in

DETECTION = Detection(complex_intents=("merge_accounts",))


def said(*texts: str, intent: str = "other", confidence: float = 0.9) -> Conversation:
    turns = [Turn(str(at), text, now(), intent, confidence) for at, text in enumerate(texts)]
    return Conversation("c", "rest", tuple(turns))


CASES = {
    Reason.CUSTOMER_REQUESTED: (said("I want to talk to a human"), "I want to talk to a human"),
    Reason.POLICY_REQUIRED: (said("you will hear from my lawyer"), "you will hear from my lawyer"),
    Reason.SENSITIVE_TOPIC: (said("I want to kill myself"), "I want to kill myself"),
    Reason.HIGH_FRUSTRATION: (said("THIS IS A FUCKING USELESS JOKE, YOU IDIOTS!!"), "Frustration score: "),
    Reason.LOW_CONFIDENCE: (said("blue frog", "green frog", confidence=0.1), "Messages in a row not understood: 2"),
    Reason.MAX_TURNS_EXCEEDED: (said(*"abcdefg"), "Turn count: 7"),
    Reason.COMPLEX_ISSUE: (said("merge the two accounts", intent="merge_accounts"), "merge_accounts"),
}


def evidence_of(conversation: Conversation) -> tuple[Reason, tuple[Evidence, ...]]:
    decision = decide(read(conversation, DETECTION, lambda text: 0.0), DETECTION)
    match decision:
        case HandOff(reason, evidence) | Offer(reason, evidence):
            return reason, evidence
        case Stay():
            pytest.fail("the detector stays")


@pytest.mark.parametrize("reason", list(Reason))
def test_the_desk_shows_the_reason_and_each_piece_of_its_evidence(
    world: World, browser: TestClient, reason: Reason
) -> None:
    conversation, told = CASES[reason]
    found, evidence = evidence_of(conversation)
    assert found is reason
    world.agent("mia")
    sign_in(browser)
    handoff = world.handoff(offered_to="mia", reason=reason, evidence=evidence)
    page = unescape(browser.get(f"/desk/{handoff.id}").text)
    assert REASONS[reason] in page
    assert told in page
    assert all(one.words in page for one in evidence)
