"""The dialogue policy that keeps the bot silent while a human owns the conversation.

This module runs inside the Rasa server (Rasa 3.6, Python 3.8 to 3.10) and imports only Rasa and typing.
"""

from typing import Any, Dict, List, Optional, Text

from rasa.core.policies.policy import Policy, PolicyPrediction, confidence_scores_for
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_DEFAULT_FALLBACK_NAME, ACTION_LISTEN_NAME, IS_EXTERNAL
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

STATUS_SLOT = "handoff_status"
ACTION_INITIATE = "action_handoff_initiate"
ACTION_ROUTE = "action_handoff_route"
ACTION_OFFER = "action_handoff_offer"
ACTION_DECLINED = "action_handoff_offer_declined"
EXTERNAL_PREFIX = "EXTERNAL_handoff_"
STALE_WITHOUT_HANDOFF = ("EXTERNAL_handoff_accepted", "EXTERNAL_handoff_update")
ACTION_STAY = "action_handoff_stay"
REQUESTS = ("handoff_callback", "handoff_email")
CHOICES = (*REQUESTS, "handoff_stay", "handoff_choose")
BUTTONS = (*CHOICES, "handoff_yes", "handoff_no")
FORMS = ("handoff_callback_form", "handoff_email_form")
UNANSWERED = ("waiting", "offered")
HUMAN_OWNS = ("waiting", "offered", "active")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False)
class HandoffPolicy(Policy):
    """Starts a handoff, or asks about one, when the gate says so; silent until the conversation comes back.

    ===========================  =====================================  =========================
    slot ``handoff_status``      latest action or event                 predicted action
    ===========================  =====================================  =========================
    requested                    action_handoff_initiate                action_listen (it failed)
    requested                    anything else                          action_handoff_initiate
    waiting, offered, active     action_handoff_initiate                action_handoff_route
    waiting, offered, active     the desk's EXTERNAL_handoff_* intent   none: the rules answer
    waiting, offered             a button of the alternatives, or one   none: the rules and the form
                                 of their forms, running or just done   go on
    waiting, offered, active     anything else, /restart, a form        action_listen
    asked, set in this turn      action_handoff_offer                   action_listen
    asked, set in this turn      anything else                          action_handoff_offer
    declined, set in this turn   action_handoff_offer_declined          action_listen (it failed)
    declined, set in this turn   anything else                          action_handoff_offer_declined
    null, returned, or earlier   such a button, of a callback or        action_handoff_initiate
                                 e-mail
    null, returned, or earlier   another such button                    action_handoff_stay
    null, returned, or earlier   EXTERNAL_handoff_accepted or _update   action_listen (stale)
    null, returned, or earlier   "/EXTERNAL_handoff_..." typed in       action_listen (forged)
    null, returned, or earlier   words that Rasa's NLU took for one     action_default_fallback, then
                                 of our intents, outside a form         action_listen
    null, returned, or earlier   anything else                          none: the bot goes on
    ===========================  =====================================  =========================

    An offer is asked in place of the bot's answer, and a form waits for it: one question at a time. "Or earlier" is an
    ``asked`` or ``declined`` that an earlier turn set, as when the action server is away: it counts for nothing.
    Our intents come from buttons and from outside. Rasa wants examples of them, so its NLU may take for one what is
    like nothing it knows: such words were not understood, and no button was pressed.

    A prediction has probability 1.0 and the policy priority 7, one above RulePolicy. Inside a form that is not
    enough: RulePolicy marks its form predictions as made without user input, and Rasa's ensemble puts those before
    every other, so ours carry the same mark. They are also hidden from the stories, so that after the return
    Memoization and TED see the conversation as it was before. A ``FollowupAction`` asks no policy, nor this one.

    In ``config.yml``::

        policies:
        - name: rasa_handoff.policy.HandoffPolicy
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """The policy's default settings: its priority, one above RulePolicy's 6."""
        return {"priority": 7}

    def train(self, training_trackers: List[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """Nothing is learned; Rasa wants the method."""
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "HandoffPolicy":
        """Builds the policy from its settings; the model holds nothing of it."""
        return cls(config, model_storage, resource, execution_context)

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: Optional[Dict[Text, Any]] = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Predicts one action with probability 1.0 or abstains: one number for each action of the domain."""
        action = next_action(tracker)
        if action is None:
            return self._prediction(self._default_predictions(domain))
        return PolicyPrediction(
            confidence_scores_for(action, 1.0, domain),
            self.__class__.__name__,
            self.priority,
            is_no_user_prediction=True,
            hide_rule_turn=True,
        )


def next_action(tracker: DialogueStateTracker) -> Optional[Text]:
    """The action that the handoff demands next, or None when the bot's other policies decide."""
    status = tracker.get_slot(STATUS_SLOT)
    initiated = tracker.latest_action_name == ACTION_INITIATE
    if status == "requested":
        return ACTION_LISTEN_NAME if initiated else ACTION_INITIATE
    if status == "asked" and _set_in_this_turn(tracker):
        return ACTION_LISTEN_NAME if tracker.latest_action_name == ACTION_OFFER else ACTION_OFFER
    if status == "declined" and _set_in_this_turn(tracker):
        return ACTION_LISTEN_NAME if tracker.latest_action_name == ACTION_DECLINED else ACTION_DECLINED
    message = tracker.latest_message
    misread = _is_misread(message)
    intent = "" if misread else (message and message.intent_name) or ""
    typed = _is_typed(message)
    if status in HUMAN_OWNS:
        if initiated:
            return ACTION_ROUTE
        if intent.startswith(EXTERNAL_PREFIX) and not typed:
            return None
        return None if status in UNANSWERED and _is_choosing(tracker, intent) else ACTION_LISTEN_NAME
    if misread:
        return None if tracker.active_loop_name else _not_understood(tracker)
    if intent in CHOICES and tracker.latest_action_name == ACTION_LISTEN_NAME:
        return _late_choice(intent)
    forged = intent.startswith(EXTERNAL_PREFIX) and typed
    return ACTION_LISTEN_NAME if forged or intent in STALE_WITHOUT_HANDOFF else None


def _is_choosing(tracker: DialogueStateTracker, intent: Text) -> bool:
    """Whether the customer chooses another way than waiting."""
    in_form = tracker.active_loop_name in FORMS or tracker.latest_action_name in FORMS
    return in_form or (intent in CHOICES and tracker.latest_action_name != ACTION_ROUTE)


def _late_choice(intent: Text) -> Text:
    """A button that is past: who wants to be called or written to wants a person, whatever else is no longer so."""
    return ACTION_INITIATE if intent in REQUESTS else ACTION_STAY


def _not_understood(tracker: DialogueStateTracker) -> Text:
    """The bot's fallback, once: one that takes nothing back would see the same message again."""
    fell_back = tracker.latest_action_name == ACTION_DEFAULT_FALLBACK_NAME
    return ACTION_LISTEN_NAME if fell_back else ACTION_DEFAULT_FALLBACK_NAME


def _is_misread(message: Optional[UserUttered]) -> bool:
    """Whether these are words, not a button's payload, and their intent is one of ours all the same."""
    intent = (message and message.intent_name) or ""
    ours = intent in BUTTONS or intent.startswith(EXTERNAL_PREFIX)
    return ours and _is_typed(message) and not (message.text or "").startswith("/")


def _set_in_this_turn(tracker: DialogueStateTracker) -> bool:
    """Whether the gate has set our slot since the newest message."""
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return False
        if isinstance(event, SlotSet) and event.key == STATUS_SLOT:
            return True
    return False


def _is_typed(message: Optional[UserUttered]) -> bool:
    """Whether the customer wrote it: Rasa marks what trigger_intent sent, and a story's bare intent has no text."""
    return bool(message and message.text) and not (message.metadata or {}).get(IS_EXTERNAL)
