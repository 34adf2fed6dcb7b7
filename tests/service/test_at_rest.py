"""Cards, passwords and PINs are nowhere in the database, whoever wrote them: its bytes are searched."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rasa_handoff.core.decision import Evidence, HandOff, Reason
from rasa_handoff.core.handoff import Accepted, AgentMessaged, HandedBack, Outcome
from rasa_handoff.core.package import Shows
from rasa_handoff.core.policy import Policy
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.rasa.slots import details_of, pending_details
from rasa_handoff.rasa.tracker import conversation_of, history_of
from rasa_handoff.service import Service
from rasa_handoff.stores import open_store
from rasa_handoff.stores.migrations import upgrade

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRETS = ("4111", "5500005555555559", "3782-822463", "hunter2", "Sunshine", "9431", "7402", "8812", "0314")
SAID = (
    ("user", "my card is 4111 1111 1111 1111 12/27 7402"),
    ("bot", "Please enter your password."),
    ("user", "Sunshine"),
    ("bot", "And your PIN?"),
    ("user", "it's 9431"),
    ("user", "password: hunter2, human please"),
)


def tracker(*said: tuple[str, str]) -> dict[str, object]:
    events = [
        {
            "event": who,
            "text": text,
            "timestamp": START.timestamp() + at,
            "message_id": f"m{at}",
            "parse_data": {
                "intent": {"name": "inform", "confidence": 0.9},
                "entities": [{"entity": "number", "value": text.split()[-1]}, {"entity": "pin", "value": "0314"}],
            },
        }
        for at, (who, text) in enumerate(said)
    ]
    slots = {"pin": "0314", "note": "5500005555555559"}
    return {"sender_id": "c1", "latest_input_channel": "rest", "events": events, "slots": slots}


@pytest.fixture
def service(tmp_path: Path) -> Service:
    url = f"sqlite:///{tmp_path / 'handoff.sqlite'}"
    upgrade(url)
    ticks = iter(range(10_000))
    policy = Policy(shows=Shows(("pin", "note")))
    return Service(open_store(url), policy, lambda text: 0.0, clock=lambda: START + timedelta(minutes=next(ticks)))


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[], bytes]:
    """The files' bytes without our ids: among so many random digits four are found by chance."""
    return lambda: b"".join(re.sub(rb"[0-9a-f]{32}", b"", path.read_bytes()) for path in sorted(tmp_path.iterdir()))


def test_what_is_secret_never_reaches_the_store_nor_the_slots(service: Service, kept: Callable[[], bytes]) -> None:
    conversation, history = conversation_of(tracker(*SAID)), history_of(tracker(*SAID))
    words = "Customer said: password: hunter2, human please; earlier Sunshine and 9431"
    decision = HandOff(Reason.CUSTOMER_REQUESTED, (Evidence("explicit_request", "9431", None, 4, words),))
    service.store.add_agent(Agent("ana", "Ana", "support", presence=Presence.ONLINE))
    handoff = service.initiate(conversation, history, decision)
    slot = details_of(handoff, service.store.package(handoff.id))
    service.receive(handoff.id, Accepted("ana", "Ana"))
    service.receive(handoff.id, AgentMessaged("a1", "ana", "is it 5500005555555559? And which PIN?"))
    later = (*SAID, ("user", "8812"), ("user", "or card 3782-822463-10005"))
    service.consider(conversation_of(tracker(*later)))
    note = "card 5500005555555559, pin 8812"
    service.receive(handoff.id, HandedBack("ana", Outcome.RESOLVED, note, {"card": "5500005555555559"}))
    assert b"human please" in kept(), "this is where it would be"
    for secret in SECRETS:
        assert secret.encode() not in kept()
        assert secret not in str(slot)


def test_the_evidence_of_a_decision_keeps_no_secret(service: Service) -> None:
    said = (*SAID[:5], ("user", "my pin is 8812, let me talk to a human please"))
    decision = service.consider(conversation_of(tracker(*said))).decision
    assert isinstance(decision, HandOff)
    assert "8812" not in str(pending_details("requested", decision))
