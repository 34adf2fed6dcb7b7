"""Record trackers as Rasa 3.6 serialises them, from its own event classes.

Run in the bot's environment, in this folder's parent's parent: .venv-bot/bin/python tests/payloads/record.py
"""

import json
from pathlib import Path

from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import AnySlot, TextSlot
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

START = 1767261600.0
NO_DATA = {"elements": None, "quick_replies": None, "buttons": None, "attachment": None, "image": None, "custom": None}


class Script:
    """A conversation, event by event; `dump` writes the tracker as an action call carries it."""

    def __init__(self, sender, slots=(), channel="rest"):
        self.sender, self.slots, self.channel = sender, slots, channel
        self.time, self.events, self.said = START, [], 0

    def add(self, *events, after=0.0):
        for event in events:
            self.time += after
            event.timestamp = self.time
        self.events += events
        return self

    def listen(self):
        return self.add(ActionExecuted("action_listen", "RulePolicy", 1.0))

    def session(self):
        return self.add(ActionExecuted("action_session_start", confidence=1.0), SessionStarted(), after=1.0).listen()

    def user(self, text, intent, confidence=0.95, ranking=None, entities=(), metadata=None):
        self.said += 1
        id, metadata, entities = f"m{self.said}", metadata or {}, list(entities)
        top = {"name": intent, "confidence": confidence}
        second = {"name": "greet", "confidence": round((1 - confidence) / 2, 4)}
        ranking = [top, second] if ranking is None else ranking
        parsed = {"intent": top, "entities": entities, "text": text, "message_id": id, "metadata": metadata}
        parsed |= {"intent_ranking": ranking, "text_tokens": []}
        return self.add(UserUttered(text, top, entities, parsed, None, self.channel, id, metadata), after=20.0)

    def payload(self, intent):
        return self.user(f"/{intent}", intent, 1.0, [{"name": intent, "confidence": 1.0}])

    def fallback(self, text, best, second):
        names = [("nlu_fallback", 0.6), best, second]
        ranking = [{"name": name, "confidence": confidence} for name, confidence in names]
        return self.user(text, "nlu_fallback", 0.6, ranking)

    def external(self, intent):
        return self.add(UserUttered.create_external(intent, [], self.channel), after=5.0)

    def act(self, name, text=None, *after, listen=True, **data):
        self.add(ActionExecuted(name, "RulePolicy", 1.0), after=0.1)
        if text:
            self.add(BotUttered(text, {**NO_DATA, **data}, {"utter_action": name}))
        self.add(*after)
        return self.listen() if listen else self

    def dump(self, name):
        tracker = DialogueStateTracker.from_events(self.sender, self.events, slots=self.slots)
        state = json.dumps(tracker.current_state(EventVerbosity.ALL), indent=1, ensure_ascii=False)
        (Path(__file__).parent / f"{name}.json").write_text(state + "\n")


def asks_slot(value=None):
    return TextSlot("requested_slot", initial_value=value, mappings=[{}])


def action_call():
    script = Script(
        "shop-1", [TextSlot("order_id", mappings=[]), asks_slot(), AnySlot("handoff", mappings=[{}])], "socketio"
    )
    buttons = [
        {"title": "Where is my order?", "payload": "/track_order"},
        {"title": "Return an item", "payload": "/return_item"},
    ]
    order = {"entity": "order_id", "value": "A-10234", "start": 7, "end": 14, "extractor": "DIETClassifier"}
    image = "https://shop.example/map.png"
    script.session().user("hi", "greet", 0.99).act("utter_greet", "Hello! How can I help?", buttons=buttons)
    script.payload("track_order").act("utter_ask_order_id", "What is your order number?")
    script.user("it is #A-10234, mail me at ann.lee@example.com", "inform", 0.71, entities=[order])
    script.add(SlotSet("order_id", "A-10234"))
    script.act("action_track", "I suggest checking the tracking page first.", image=image, attachment=image)
    script.fallback("the blue one not the other", ("inform", 0.31), ("affirm", 0.22))
    script.act("action_default_fallback", "Sorry, could you say that differently?", UserUtteranceReverted())
    script.user("I want to talk to a person", "request_human", 0.9).dump("action_call")


def after_hand_back():
    script = Script("shop-2", [asks_slot()], "slack").session()
    script.user("speak to an agent", "request_human", 0.97, metadata={"ts": "1767261621.000200", "out_channel": "C1"})
    script.act("action_handoff_initiate", "You will be connected with a team member.", listen=False)
    script.act("action_handoff_route")
    script.external("EXTERNAL_handoff_accepted").act("action_handoff_inform", "Ana has joined.")
    by_agent = {"handoff": {"author": "agent", "name": "Ana", "effect_id": "e1"}}
    script.add(BotUttered("Hi, this is Ana. I see order A-1.", {}, by_agent), after=30.0)
    script.user("great, thank you", "thanks", 0.9, metadata={"ts": "1767261699.000300"}).listen()
    script.external("EXTERNAL_handoff_returned").act("action_handoff_resume", "You are back with the bot.")
    script.user("one more thing", "other", 0.55, metadata={"ts": "1767261750.000400"}).dump("after_hand_back")


def restart_and_picture():
    script = Script("shop-3", [asks_slot()]).session()
    script.user("hello", "greet").act("utter_greet", "Hello!")
    script.payload("restart").act("action_restart", None, Restarted())
    script.user("hello again", "greet").act("utter_greet", "Hello!")
    script.external("EXTERNAL_reminder").act("utter_remind", "Still there?")
    picture = {"type": "image", "payload": {"url": "https://cdn.example/p.jpg"}}
    script.user("", None, 0.0, [], metadata={"message_id": "wamid.7", "attachments": [picture]})
    script.dump("restart_and_picture")


def in_a_form():
    script = Script("shop-4", [asks_slot("postcode")]).session()
    script.user("send it to another address", "change_address", 0.93).add(ActiveLoop("address_form"))
    script.act("address_form", "Which street?", SlotSet("requested_slot", "street"))
    script.fallback("12 Mill Lane", ("inform", 0.2), ("greet", 0.1)).add(SlotSet("street", "12 Mill Lane"))
    script.act("address_form", "Which postcode?", SlotSet("requested_slot", "postcode"))
    script.fallback("AB1 2CD", ("inform", 0.2), ("greet", 0.1)).dump("in_a_form")


if __name__ == "__main__":
    action_call()
    after_hand_back()
    restart_and_picture()
    in_a_form()
