"""HandoffPolicy in Rasa itself. Runs in the bot's environment: ``python -m unittest tests/bot/test_policy.py``."""

import unittest

try:
    import rasa  # noqa: F401
except ImportError:
    raise unittest.SkipTest("Rasa is not in this environment") from None

import pathlib
import tempfile

from rasa.core.policies.ensemble import DefaultPolicyPredictionEnsemble
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_handoff.policy import HandoffPolicy

DOMAIN = Domain.from_yaml("""
version: "3.1"
intents: [greet, request_human, EXTERNAL_handoff_accepted, EXTERNAL_handoff_update, EXTERNAL_handoff_returned]
slots:
  handoff_status:
    type: categorical
    values: [asked, declined, requested, waiting, offered, active, returned]
    mappings: [{type: custom, action: action_handoff_gate}]
  reason:
    type: text
    mappings: [{type: from_text}]
forms:
  return_form:
    required_slots: [reason]
actions: [action_handoff_gate, action_handoff_offer, action_handoff_offer_declined, action_handoff_initiate,
  action_handoff_route, action_handoff_inform, action_handoff_resume, action_handoff_stay, action_default_fallback]
responses:
  utter_greet: [{text: Hello}]
""")
ABSTAIN = None
LISTEN, INITIATE, ROUTE = "action_listen", "action_handoff_initiate", "action_handoff_route"
OFFER, DECLINED = "action_handoff_offer", "action_handoff_offer_declined"
HUMAN_OWNS = ("waiting", "offered", "active")
BUTTONS = ("handoff_callback", "handoff_email", "handoff_stay", "handoff_choose", "handoff_yes", "handoff_no")
NEWS = ("EXTERNAL_handoff_accepted", "EXTERNAL_handoff_update")
EVENTS_OF_THE_DESK = (*NEWS, "EXTERNAL_handoff_returned")


def customer_says(intent):
    return UserUttered("words", intent={"name": intent, "confidence": 1.0})


def customer_types(intent):
    return UserUttered("/" + intent, intent={"name": intent, "confidence": 1.0})


def desk_triggers(intent):
    return UserUttered.create_external(intent)


def conversation(message, status, latest_action=LISTEN, loop=None):
    """A tracker after `message`, the gate's slot and, unless it is action_listen, one more action of this turn."""
    events = [ActionExecuted(LISTEN), message, SlotSet("handoff_status", status)]
    if loop:
        events.insert(0, ActiveLoop(loop))
    if latest_action != LISTEN:
        events.append(ActionExecuted(latest_action))
    return DialogueStateTracker.from_events("customer", events, slots=DOMAIN.slots)


class InAModelStorage(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        storage = LocalModelStorage(pathlib.Path(directory.name))
        self.place = (storage, Resource("policy"), ExecutionContext(GraphSchema({}), "model"))
        self.policy = HandoffPolicy(HandoffPolicy.get_default_config(), *self.place)


class TheNextAction(InAModelStorage):
    def assert_predicted(self, expected, tracker):
        prediction = self.policy.predict_action_probabilities(tracker, DOMAIN)
        if expected is ABSTAIN:
            self.assertEqual(prediction.probabilities, [0.0] * DOMAIN.num_actions)
            self.assertFalse(prediction.is_no_user_prediction)
        else:
            self.assertEqual(DOMAIN.action_names_or_texts[prediction.max_confidence_index], expected)
            self.assertEqual((prediction.max_confidence, sum(prediction.probabilities)), (1.0, 1.0))

    def check(self, expected, message, status, latest_action=LISTEN):
        with self.subTest(status=status, latest_action=latest_action, intent=message.intent_name):
            self.assert_predicted(expected, conversation(message, status, latest_action))

    def test_the_bot_decides_while_it_owns_the_conversation(self):
        for status in (None, "returned"):
            for action in (LISTEN, "utter_greet", INITIATE, "action_handoff_resume", "action_default_fallback"):
                self.check(ABSTAIN, customer_says("greet"), status, action)

    def test_a_requested_handoff_is_started_whatever_ran_in_this_turn(self):
        for action in (LISTEN, "utter_greet", "action_default_fallback", ROUTE, "return_form"):
            self.check(INITIATE, customer_says("greet"), "requested", action)
            self.check(INITIATE, customer_says("restart"), "requested", action)

    def test_a_start_that_did_not_move_on_is_not_tried_twice_in_a_turn(self):
        self.check(LISTEN, customer_says("greet"), "requested", INITIATE)

    def test_a_started_handoff_is_routed(self):
        for status in HUMAN_OWNS:
            self.check(ROUTE, customer_says("request_human"), status, INITIATE)

    def test_an_offer_is_asked_in_place_of_whatever_the_bot_was_about_to_do(self):
        for action in (LISTEN, "action_default_fallback", "utter_greet", "return_form"):
            self.check(OFFER, customer_says("greet"), "asked", action)

    def test_after_an_offer_the_bot_listens(self):
        self.check(LISTEN, customer_says("greet"), "asked", OFFER)

    def test_a_no_to_an_offer_is_answered_once(self):
        self.check(DECLINED, customer_says("greet"), "declined")
        self.check(LISTEN, customer_says("greet"), "declined", DECLINED)

    def test_after_an_answered_no_the_bot_goes_on(self):
        tracker = conversation(customer_says("greet"), "declined", DECLINED)
        tracker.update(SlotSet("handoff_status", None))
        self.assert_predicted(ABSTAIN, tracker)

    def test_an_offer_or_a_no_of_an_earlier_turn_counts_for_nothing(self):
        for status in ("asked", "declined"):
            tracker = conversation(customer_says("greet"), status, OFFER)
            for event in (ActionExecuted(LISTEN), customer_says("greet")):
                tracker.update(event)
            self.assert_predicted(ABSTAIN, tracker)

    def test_the_bot_is_silent_while_a_human_owns_the_conversation(self):
        for status in HUMAN_OWNS:
            for intent in ("greet", "request_human", "nlu_fallback", "restart", "back", "session_start"):
                for action in (LISTEN, ROUTE, "action_handoff_inform", "utter_greet", "return_form"):
                    self.check(LISTEN, customer_says(intent), status, action)

    def test_the_rules_answer_the_desk_while_a_human_owns_the_conversation(self):
        for status in HUMAN_OWNS:
            for intent in EVENTS_OF_THE_DESK:
                for action in (LISTEN, "action_handoff_inform"):
                    self.check(ABSTAIN, desk_triggers(intent), status, action)

    def test_stale_news_from_the_desk_is_not_told(self):
        for intent in NEWS:
            self.check(LISTEN, desk_triggers(intent), None)

    def test_the_rules_answer_the_return_after_the_gate_cleared_the_slot(self):
        for action in (LISTEN, "action_handoff_resume", "return_form"):
            self.check(ABSTAIN, desk_triggers("EXTERNAL_handoff_returned"), None, action)

    def test_a_customer_cannot_type_what_only_the_desk_may_say(self):
        for intent in EVENTS_OF_THE_DESK:
            for status in (None, *HUMAN_OWNS):
                self.check(LISTEN, customer_types(intent), status)

    def test_words_taken_for_an_intent_of_ours_were_not_understood(self):
        for intent in (*BUTTONS, *EVENTS_OF_THE_DESK):
            self.check("action_default_fallback", customer_says(intent), None)
            self.check(LISTEN, customer_says(intent), None, "action_default_fallback")
            for status in HUMAN_OWNS:
                self.check(LISTEN, customer_says(intent), status)

    def test_words_taken_for_an_intent_of_ours_are_a_forms_to_read(self):
        for intent in BUTTONS:
            self.assert_predicted(ABSTAIN, conversation(customer_says(intent), None, loop="return_form"))

    def test_a_button_is_what_was_pressed(self):
        self.check(INITIATE, customer_types("handoff_callback"), None)
        self.check("action_handoff_stay", customer_types("handoff_stay"), None)
        for intent in BUTTONS[:3]:
            self.check(ABSTAIN, customer_types(intent), "waiting")

    def test_a_conversation_without_any_message_is_left_alone(self):
        self.assert_predicted(ABSTAIN, DialogueStateTracker.from_events("customer", [], slots=DOMAIN.slots))


class AmongTheOtherPolicies(InAModelStorage):
    def setUp(self):
        super().setUp()
        self.rules = RulePolicy(RulePolicy.get_default_config(), *self.place)
        self.rules.train([_greet_rule()], DOMAIN)

    def winner(self, tracker):
        """The ensemble's prediction, with the rules' own beside it to show that they had something to say."""
        rules = self.rules.predict_action_probabilities(tracker, DOMAIN)
        ours = self.policy.predict_action_probabilities(tracker, DOMAIN)
        best = DefaultPolicyPredictionEnsemble().combine_predictions([rules, ours], tracker, DOMAIN)
        name = DOMAIN.action_names_or_texts
        return best, name[best.max_confidence_index], name[rules.max_confidence_index]

    def test_it_wins_over_an_equally_certain_rule(self):
        best, action, rule_action = self.winner(conversation(customer_says("greet"), "active"))
        self.assertEqual((action, rule_action), (LISTEN, "utter_greet"))
        self.assertEqual((best.policy_name, best.max_confidence), ("HandoffPolicy", 1.0))

    def test_it_wins_over_restart(self):
        _, action, rule_action = self.winner(conversation(customer_says("restart"), "waiting"))
        self.assertEqual((action, rule_action), (LISTEN, "action_restart"))

    def test_it_wins_over_a_form_which_asks_no_policy_about_the_message(self):
        tracker = conversation(customer_says("request_human"), "requested", loop="return_form")
        _, action, rule_action = self.winner(tracker)
        self.assertEqual((action, rule_action), (INITIATE, "return_form"))

    def test_an_offer_wins_over_a_form(self):
        _, action, rule_action = self.winner(conversation(customer_says("greet"), "asked", loop="return_form"))
        self.assertEqual((action, rule_action), (OFFER, "return_form"))

    def test_the_form_waits_after_an_offer_and_goes_on_after_a_no(self):
        asked = conversation(customer_says("greet"), "asked", OFFER, loop="return_form")
        self.assertEqual(self.winner(asked)[1], LISTEN)
        declined = conversation(customer_says("greet"), "declined", DECLINED, loop="return_form")
        declined.update(SlotSet("handoff_status", None))
        self.assertEqual(self.winner(declined)[1], "return_form")

    def test_the_rule_wins_when_the_policy_abstains(self):
        _, action, _ = self.winner(conversation(customer_says("greet"), None))
        self.assertEqual(action, "utter_greet")

    def test_the_stories_do_not_see_the_turns_of_a_handoff(self):
        best, _, _ = self.winner(conversation(customer_says("greet"), "active"))
        self.assertTrue(best.hide_rule_turn)


def _greet_rule():
    events = [
        ActionExecuted("..."),
        ActionExecuted(LISTEN),
        UserUttered(intent={"name": "greet"}),
        ActionExecuted("utter_greet"),
        ActionExecuted(LISTEN),
    ]
    return TrackerWithCachedStates.from_events("rule", events, slots=DOMAIN.slots, domain=DOMAIN, is_rule_tracker=True)


if __name__ == "__main__":
    unittest.main()
