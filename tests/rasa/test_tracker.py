"""Trackers as Rasa 3.6 serialises them (tests/payloads, recorded from its event classes), read into our words."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.core.conversation import Attachment, Author, Entity
from rasa_handoff.rasa.tracker import conversation_of, history_of, is_customer_turn

PAYLOADS = Path(__file__).parents[1] / "payloads"

json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KNOWN_KEYS = (
    "intent", "intent_ranking", "entities", "name", "confidence", "buttons", "elements", "image", "attachment",
    "custom", "attachments", "payload", "title", "url", "handoff", "author", "message", "ts",
)  # fmt: skip
parts = st.recursive(
    json_values, lambda inner: st.dictionaries(st.sampled_from(KNOWN_KEYS), inner) | st.lists(inner, max_size=3)
)
odd_events = st.fixed_dictionaries(
    {
        "event": st.sampled_from(
            [
                "user",
                "bot",
                "action",
                "slot",
                "active_loop",
                "action_execution_rejected",
                "agent",
                "restart",
                "from_the_future",
            ]
        )
    },
    optional=dict.fromkeys(
        ["text", "parse_data", "metadata", "timestamp", "data", "name", "value", "message_id"], parts
    ),
)


def tracker(name: str) -> dict[str, Any]:
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def user(text: str, **more: Any) -> dict[str, Any]:
    return {
        "event": "user",
        "text": text,
        "timestamp": 1.0,
        "message_id": text,
        "parse_data": {},
        "metadata": {},
    } | more


def of(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"sender_id": "c1", "slots": {}, "events": list(events)} | more


def test_the_turns_carry_what_the_bot_understood_and_did():
    conversation = conversation_of(tracker("action_call"))
    hello, button, order, miss, newest = conversation.messages
    assert (conversation.id, conversation.channel, conversation.episode) == ("shop-1", "socketio", 0)
    assert (hello.intent, hello.confidence, hello.runner_up) == ("greet", 0.99, 0.005)
    assert (button.text, button.replies, button.actions) == (
        "/track_order",
        ("What is your order number?",),
        ("utter_ask_order_id",),
    )
    assert order.entities == (Entity("order_id", "A-10234"),)
    assert (newest.text, newest.actions) == ("I want to talk to a person", ())
    assert (miss.intent, miss.confidence, miss.runner_up) == ("nlu_fallback", 0.31, 0.22)


def test_a_message_that_rasa_took_back_still_counts_with_its_fallback():
    miss = conversation_of(tracker("action_call")).messages[3]
    assert miss.actions == ("action_default_fallback",)
    assert miss.replies == ("Sorry, could you say that differently?",)


def test_our_own_slots_are_left_out():
    assert conversation_of(tracker("action_call")).slots == {"order_id": "A-10234"}


def test_an_episode_starts_after_the_hand_back():
    conversation = conversation_of(tracker("after_hand_back"))
    assert [turn.text for turn in conversation.turns] == ["one more thing"]
    assert len(conversation.messages) == 3


def test_an_episode_starts_after_a_restart_and_after_a_new_session():
    assert [turn.text for turn in conversation_of(tracker("restart_and_picture")).turns] == ["hello again", ""]
    conversation = conversation_of(of(user("old"), {"event": "session_started"}, user("new")))
    assert [turn.text for turn in conversation.turns] == ["new"]


def test_an_episode_began_when_its_session_did_however_long_ago_that_is_when_it_is_seen():
    started = {"event": "session_started", "timestamp": 5.0}
    messages = [user(f"m{n}", timestamp=6.0 + n) for n in range(3)]
    assert conversation_of(of(started, *messages)).began == datetime.fromtimestamp(5.0, UTC)
    assert conversation_of(of(started, *messages), window=2).began is None
    assert conversation_of(of(*messages)).began is None


def test_right_after_the_hand_back_the_episode_is_empty():
    returned = user(
        "EXTERNAL: EXTERNAL_handoff_returned",
        parse_data={"intent": {"name": "EXTERNAL_handoff_returned"}},
        metadata={"is_external": True},
    )
    assert conversation_of(of(user("help"), returned)).turns == ()


def test_what_the_system_triggers_is_no_message_of_the_customers():
    assert "EXTERNAL" not in " ".join(turn.text for turn in conversation_of(tracker("after_hand_back")).messages)
    reminder = user("EXTERNAL: remind", metadata={"is_external": True})
    assert not is_customer_turn(of(user("hi"), reminder))
    assert is_customer_turn(of(reminder, user("hi"), {"event": "slot", "name": "x", "value": 1}))
    assert not is_customer_turn(of())


def test_what_an_agent_said_is_no_reply_of_the_bot():
    by_agent = {"event": "bot", "text": "Ana here", "metadata": {"handoff": {"author": "agent", "name": "Ana"}}}
    by_bot = {"event": "bot", "text": "One moment", "metadata": {}}
    assert conversation_of(of(user("hi"), by_bot, by_agent)).messages[0].replies == ("One moment",)


def test_words_taken_for_an_intent_of_ours_were_not_understood_and_a_button_was_pressed():
    parsed = {"intent": {"name": "handoff_yes", "confidence": 0.9}, "intent_ranking": []}
    words = conversation_of({"sender_id": "c", "events": [user("hmpf", parse_data=parsed)]}).turns[-1]
    button = conversation_of({"sender_id": "c", "events": [user("/handoff_yes", parse_data=parsed)]}).turns[-1]
    assert (words.intent, words.confidence) == (None, 0.0)
    assert (button.intent, button.confidence) == ("handoff_yes", 0.9)


def test_the_start_of_a_session_is_no_message():
    start = user("/session_start", parse_data={"intent": {"name": "session_start"}})
    assert [turn.text for turn in conversation_of(of(start, user("hi"))).messages] == ["hi"]


def test_a_picture_without_words_is_a_message():
    newest = conversation_of(tracker("restart_and_picture")).messages[-1]
    assert newest.attachments == (Attachment("https://cdn.example/p.jpg", "image"),)
    assert newest.message_id == "wamid.7"
    assert conversation_of(of(user(""))).messages == ()


def test_message_ids_are_the_providers_before_rasas():
    def id_of(**event: Any) -> str:
        return conversation_of(of(user("hi", **event))).messages[0].message_id

    assert conversation_of(tracker("after_hand_back")).messages[-1].message_id == "1767261750.000400"
    assert id_of(message_id="rasa-1", metadata={"message_id": "ours", "ts": "1.2"}) == "ours"
    assert id_of(message_id="rasa-1", metadata={"MessageSid": "SM1"}) == "SM1"
    assert id_of(message_id="rasa-1", metadata={"message": {"mid": "m_1"}}) == "m_1"
    assert id_of(message_id="rasa-1", metadata={"out_channel": "C1"}) == "rasa-1"
    assert id_of(message_id=None) == "c1:1.0"


def test_an_active_form_and_its_question_are_known():
    conversation = conversation_of(tracker("in_a_form"))
    assert (conversation.loop, conversation.requested_slot) == ("address_form", "postcode")
    assert conversation_of(tracker("action_call")).loop is None


def test_only_the_newest_messages_are_read():
    events = [user(str(number)) for number in range(500)]
    assert [turn.text for turn in conversation_of(of(*events), window=3).messages] == ["497", "498", "499"]


def test_the_cost_does_not_grow_with_the_conversation():
    class Counted(list[Any]):
        read = 0

        def __getitem__(self, at: Any) -> Any:
            Counted.read += 1
            return super().__getitem__(at)

    events = Counted([{"event": "bot", "text": "news", "timestamp": 1.0}] * 100_000 + [user("hi")])
    conversation_of(of() | {"events": events})
    assert Counted.read < 5_000


def test_the_transcript_is_the_whole_conversation_in_order():
    lines = history_of(tracker("after_hand_back"))
    assert [(line.author, line.name) for line in lines] == [
        (Author.CUSTOMER, None),
        (Author.BOT, None),
        (Author.BOT, None),
        (Author.AGENT, "Ana"),
        (Author.CUSTOMER, None),
        (Author.BOT, None),
        (Author.CUSTOMER, None),
    ]
    assert lines[3].text == "Hi, this is Ana. I see order A-1."
    assert lines[0].at < lines[-1].at
    assert lines[0].at.utcoffset() is not None


def test_buttons_are_shown_by_their_titles_also_when_pressed():
    texts = [line.text for line in history_of(tracker("action_call"))]
    assert texts[1] == "Hello! How can I help?\n[Where is my order?] [Return an item]"
    assert texts[2] == "Where is my order?"


def test_an_image_of_the_bot_is_shown_once():
    images = [line.attachments for line in history_of(tracker("action_call")) if line.attachments]
    assert images == [(Attachment("https://shop.example/map.png", "image"),)]


def test_a_custom_payload_shows_its_text_or_its_beginning():
    def shown(custom: Any) -> str:
        return history_of(of({"event": "bot", "text": None, "data": {"custom": custom}}))[0].text

    assert shown({"text": "A card", "blocks": []}) == "A card"
    assert shown({"blocks": [1]}) == '{"blocks": [1]}'
    assert len(shown({"blocks": "x" * 5_000})) == 300


def test_the_tracker_of_rasas_http_api_without_events_is_an_empty_conversation():
    conversation = conversation_of({"sender_id": "c1", "slots": None, "events": None, "active_loop": {}})
    assert (conversation.id, conversation.messages, conversation.turns) == ("c1", (), ())
    assert history_of({"sender_id": "c1", "events": None}) == ()


@given(st.lists(odd_events, max_size=8))
def test_no_event_of_any_shape_breaks_the_reading(events: list[dict[str, Any]]):
    conversation_of(of(*events))
    history_of(of(*events))
    is_customer_turn(of(*events))


def test_a_notice_that_a_customer_types_is_their_message_and_starts_no_episode():
    typed = user("/EXTERNAL_handoff_returned", parse_data={"intent": {"name": "EXTERNAL_handoff_returned"}})
    conversation = conversation_of(of(user("help"), typed))
    assert [turn.text for turn in conversation.turns] == ["help", "/EXTERNAL_handoff_returned"]


def test_the_turns_carry_what_was_filled_which_responses_were_used_and_what_failed():
    slot = {"event": "slot", "name": "order_id", "value": "A-1" * 100}
    ours = {"event": "slot", "name": "handoff_status", "value": "asked"}
    emptied = [
        {"event": "slot", "name": name, "value": value} for name, value in [("a", None), ("b", False), ("c", [])]
    ]
    none_left = {"event": "slot", "name": "stock", "value": 0}
    reply = {"event": "bot", "text": "Found it", "metadata": {"utter_action": "utter_found"}}
    newest = conversation_of(
        of(user("where is it"), slot, ours, *emptied, none_left, action("action_find"), reply)
    ).turns[-1]
    assert newest.filled == (("order_id", ("A-1" * 100)[:80]), ("stock", "0"))
    assert newest.responses == ("utter_found",)
    assert newest.failed == ()


def test_an_action_that_rasa_could_not_run_has_failed():
    rejected = {"event": "action_execution_rejected", "name": "action_refund"}
    assert failed(rejected, action("utter_default")) == ("action_refund",)
    assert failed(action("action_refund")) == ("action_refund",), "it raised an error, which Rasa only logs"
    reply, slot = {"event": "bot", "text": "Done"}, {"event": "slot", "name": "refunded", "value": True}
    assert failed(action("action_refund"), reply) == ()
    assert failed(action("action_refund"), slot) == ()
    assert failed(action("action_note"), action("utter_ok"), reply) == ()
    assert failed(action("action_restart"), action("action_handoff_route")) == ()


def test_a_form_that_the_customer_left_aside_for_a_question_has_not_failed():
    started = {"event": "active_loop", "name": "address"}
    rejected = {"event": "action_execution_rejected", "name": "address"}
    turns = conversation_of(
        of(user("hi"), action("address"), started, user("why?"), rejected, LISTEN, user("ok"))
    ).turns
    assert [turn.failed for turn in turns] == [(), (), ()]


def test_a_clock_that_goes_backwards_changes_no_order():
    events = [user("first", timestamp=100.0), user("second", timestamp=50.0), user("third", timestamp=-1e300)]
    conversation = conversation_of(of(*events))
    assert [turn.text for turn in conversation.turns] == ["first", "second", "third"]
    assert conversation.since(datetime.fromtimestamp(70.0, UTC)).episode <= 3


LISTEN = {"event": "action", "name": "action_listen"}


def action(name: str) -> dict[str, Any]:
    return {"event": "action", "name": name}


def failed(*events: dict[str, Any]) -> tuple[str, ...]:
    """What failed on a turn of these events."""
    return conversation_of(of(user("well"), *events, LISTEN)).turns[-1].failed
