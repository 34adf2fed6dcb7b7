"""The decision: which reason, with what evidence, and what never triggers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.core.conversation import Attachment, Conversation, Turn
from rasa_handoff.core.decision import HandOff, Reason, Stay
from rasa_handoff.core.detector import decide, with_core_fallback
from rasa_handoff.core.policy import Policy, Route
from rasa_handoff.core.signals import read
from rasa_handoff.core.thresholds import Detection
from rasa_handoff.sentiment import vader

START = datetime(2026, 1, 1, tzinfo=UTC)
DEFAULT = Detection()
SENTIMENT = vader()

texts = st.one_of(st.text(max_size=300), st.lists(st.sampled_from(
    ["talk", "to", "a", "human", "not", "no", "need", "?", "!!", "legal", "4111 1111 1111 1111", "\u200b", "😀"]
), max_size=60).map(" ".join))  # fmt: skip
turns = st.builds(
    Turn,
    message_id=st.uuids().map(str),
    text=texts,
    at=st.just(START),
    intent=st.sampled_from([None, "greet", "track_order", "nlu_fallback", "request_human", "goodbye"]),
    confidence=st.floats(0, 1),
    replies=st.lists(texts, max_size=2).map(tuple),
    actions=st.lists(st.sampled_from(["utter_greet", "action_default_fallback", "order_form"]), max_size=2).map(tuple),
)


def said(text: str, intent: str | None = "track_order", confidence: float = 0.9, **more: object) -> Turn:
    return replace(Turn("m", text, START, intent, confidence), **more)


def talk(*messages: str | Turn, episode: int = 0, **more: object) -> Conversation:
    made = [message if isinstance(message, Turn) else said(message) for message in messages]
    numbered = (replace(turn, message_id=str(at), at=START + timedelta(minutes=at)) for at, turn in enumerate(made))
    return replace(Conversation("c1", "rest", tuple(numbered), episode), **more)


def decision(conversation: Conversation, detection: Detection = DEFAULT) -> HandOff | Stay:
    return decide(read(conversation, detection, SENTIMENT), detection)


def reason(conversation: Conversation, detection: Detection = DEFAULT) -> Reason | None:
    decided = decision(conversation, detection)
    return decided.reason if isinstance(decided, HandOff) else None


def words(conversation: Conversation, detection: Detection = DEFAULT) -> Sequence[str]:
    decided = decision(conversation, detection)
    assert isinstance(decided, HandOff)
    return [evidence.words for evidence in decided.evidence]


MISS = said("blarg", "nlu_fallback", 0.2)

# ---- the customer asks


def test_an_explicit_request_hands_over_in_the_customers_own_words():
    assert reason(talk("Can I talk to a person?")) is Reason.CUSTOMER_REQUESTED
    said, why = words(talk("Can I talk to a person?"))
    assert said == "Customer said: Can I talk to a person?"
    assert why.startswith("Asks for a person: ")
    assert "person" in why


def test_the_bots_own_intent_is_a_request_when_it_is_sure():
    assert reason(talk(said("ihminen linjalle", "request_human", 0.8))) is Reason.CUSTOMER_REQUESTED
    assert reason(talk(said("ihminen linjalle", "request_human", 0.3))) is None


def test_a_customer_who_declines_a_human_is_not_handed_over_by_a_mistaken_intent():
    assert reason(talk(said("no need to talk to a human", "request_human", 0.9))) is None


def test_a_pressed_button_counts_by_its_intent_and_not_by_its_name():
    assert reason(talk(said("/request_human", "request_human", 1.0))) is Reason.CUSTOMER_REQUESTED
    assert reason(talk(said("/faq_talk-to-a-human", "faq", 1.0))) is None


def test_a_designers_phrases_are_requests_in_any_language():
    detection = Detection(request_phrases=("ihmisen kanssa", "有劳小二"))
    assert reason(talk("有劳小二过来"), detection) is Reason.CUSTOMER_REQUESTED
    assert reason(talk("Haluan puhua ihmisen kanssa"), detection) is Reason.CUSTOMER_REQUESTED
    assert reason(talk("Haluan puhua ihmisen kanssasi"), detection) is None


@pytest.mark.parametrize(
    "text",
    ["Ich möchte mit einem Mitarbeiter sprechen", "quiero hablar con una persona", "quero falar com um atendente",
     "je veux parler à un conseiller", "vorrei parlare con un operatore", "ik wil een medewerker spreken",
     "chcę rozmawiać z konsultantem", "मुझे किसी इंसान से बात करनी है", "mujhe agent se baat karni hai",
     "أريد التحدث مع موظف", "请帮我转人工", "tôi muốn gặp nhân viên"],
)  # fmt: skip
def test_a_request_is_understood_in_every_supported_language(text: str):
    assert reason(talk(text)) is Reason.CUSTOMER_REQUESTED


def test_the_threshold_of_requests_is_the_designers():
    talked = talk("Ich möchte mit einem Mitarbeiter sprechen")
    assert reason(talked, Detection(request_threshold=1.01)) is None
    assert reason(talked, Detection(request_threshold=0.3)) is Reason.CUSTOMER_REQUESTED


def test_only_the_newest_message_is_a_request():
    assert reason(talk("talk to a human", "ah, I found it")) is None


# ---- topics


@pytest.mark.parametrize(
    "text",
    ["I want legal advice", "this will be a lawsuit", "my attorney will call", "I ask for data deletion", "GDPR!",
     "there was a security breach", "account compromise", "delete all of my data", "my account was hacked"],
)  # fmt: skip
def test_policy_topics_go_to_a_human(text: str):
    assert reason(talk(text)) is Reason.POLICY_REQUIRED


@pytest.mark.parametrize(
    "text", ["is this illegal?", "my legal name is Ann", "paralegal course", "a breach of manners"]
)
def test_what_only_looks_like_a_policy_topic_stays(text: str):
    assert reason(talk(text)) is None


def test_a_sensitive_topic_is_met_by_a_human():
    assert reason(talk("I just want to die")) is Reason.SENSITIVE_TOPIC
    assert reason(talk("mi vecino me amenaza y me pega")) is Reason.SENSITIVE_TOPIC
    assert reason(talk("my phone died")) is None


def test_the_evidence_of_a_topic_names_its_group():
    decided = decision(talk("this will be a lawsuit, you will hear from my lawyer"))
    assert isinstance(decided, HandOff)
    (evidence,) = decided.evidence
    assert (evidence.topic, evidence.value) == ("legal", "legal")
    assert evidence.words.startswith("Topic legal (")


def test_a_designers_topics_add_to_ours():
    detection = Detection(policy_topics={"livestock": ("sick cow*",), "legal": ("bailiff",)})
    assert reason(talk("we have sick cows"), detection) is Reason.POLICY_REQUIRED
    assert reason(talk("the bailiff is here"), detection) is Reason.POLICY_REQUIRED
    assert reason(talk("this will be a lawsuit"), detection) is Reason.POLICY_REQUIRED
    assert reason(talk("we have sick cows")) is None


def test_a_group_of_topics_can_be_turned_off():
    detection = Detection(topics_off=("legal",))
    assert reason(talk("this will be a lawsuit"), detection) is None
    assert reason(talk("I want to die"), detection) is Reason.SENSITIVE_TOPIC


def test_a_topic_stays_in_the_evidence_when_the_customer_asks_for_a_person_too():
    decided = decision(talk("I want to die. Let me talk to a human."))
    assert isinstance(decided, HandOff)
    assert decided.reason is Reason.CUSTOMER_REQUESTED
    assert "self_harm" in {evidence.topic for evidence in decided.evidence}


def test_a_route_matches_the_topic_that_came_up():
    routes = (Route("crisis", topics=frozenset({"self_harm", "threat"}), priority=9), Route("law"))
    decided = decision(talk("I want to die"))
    assert isinstance(decided, HandOff)
    need, priority = Policy(routes=routes).route(decided, talk("I want to die"))
    assert (need.department, priority) == ("crisis", 9)


# ---- frustration


@pytest.mark.parametrize(
    "text",
    ["THIS IS RIDICULOUS!!! NOTHING WORKS", "fuck you", "This is terrible service, I hate it!",
     "I'm so angry, this is the third time I'm asking"],
)  # fmt: skip
def test_an_angry_message_hands_over(text: str):
    assert reason(talk(text)) is Reason.HIGH_FRUSTRATION


@pytest.mark.parametrize("text", ["I lost my keys and missed the train", "my ORDER ID is ABC", "the item is broken"])
def test_bad_news_alone_is_no_frustration(text: str):
    assert reason(talk(text)) is None


@pytest.mark.parametrize("text", ["another thing", "qua", "next", "blue frog", "12", "no", "nee", "sí"])
def test_a_fragment_is_no_frustration(text: str):
    assert read(talk(text), DEFAULT, SENTIMENT).frustration < 0.4


def test_anger_over_two_turns_hands_over_in_other_languages_too():
    assert reason(
        talk("Das ist doch eine Frechheit, schon wieder dieselbe Antwort", "Ihr seid völlig unfähig, so ein Saftladen")
    ) is (Reason.HIGH_FRUSTRATION)


def test_frustration_grows_over_the_episode():
    annoyed = ["where is my parcel number 12", "where is my parcel number 12?", "where IS my parcel number 12??"]
    scores = [read(talk(*annoyed[:count]), DEFAULT, SENTIMENT).frustration for count in (1, 2, 3)]
    assert scores == sorted(scores)
    assert scores[0] < scores[2]


def test_old_anger_fades():
    angry = "this is ridiculous and useless"
    now = read(talk(angry), DEFAULT, SENTIMENT).frustration
    later = read(talk(angry, "ok", "thank you, that was great", "my size is 12"), DEFAULT, SENTIMENT).frustration
    assert later < now


def test_anger_counts_less_the_longer_ago_it_was():
    plain = ["my size is 12", "the colour is blue", "ship it to Leeds"]
    scores = [read(talk("this is ridiculous", *plain[:after]), DEFAULT, SENTIMENT).frustration for after in (1, 2, 3)]
    assert scores[0] > scores[1] > scores[2] > 0


def test_the_score_is_held_against_the_threshold_from_above():
    conversation = talk("this is ridiculous")
    score = read(conversation, DEFAULT, SENTIMENT).frustration
    assert reason(conversation, Detection(frustration_threshold=score)) is Reason.HIGH_FRUSTRATION
    assert reason(conversation, Detection(frustration_threshold=score + 0.01)) is None


def test_the_evidence_of_frustration_says_the_score_and_what_it_is_made_of():
    evidence = words(talk("THIS IS RIDICULOUS!!! NOTHING WORKS"))
    assert evidence[0].startswith("Frustration score: 0.")
    assert "Customer writes in capitals" in evidence


# ---- not understood


def test_the_first_miss_rephrases_and_the_second_in_a_row_hands_over():
    assert reason(talk(MISS)) is None
    assert reason(talk(MISS, MISS)) is Reason.LOW_CONFIDENCE
    assert reason(talk(MISS, "track my order", MISS)) is None


def test_the_number_of_misses_is_the_designers():
    assert reason(talk(MISS), Detection(misses_in_a_row=1)) is Reason.LOW_CONFIDENCE
    assert reason(talk(MISS, MISS), Detection(misses_in_a_row=3)) is None


def test_a_confidence_below_the_threshold_is_a_miss_and_one_at_it_is_not():
    low, enough = said("hm", confidence=0.39), said("hm", confidence=0.4)
    assert reason(talk(low, low)) is Reason.LOW_CONFIDENCE
    assert reason(talk(enough, enough)) is None


def test_an_intent_for_out_of_scope_is_a_miss_as_configured():
    outside = said("who won the match", "out_of_scope", 0.9)
    assert reason(talk(outside)) is None
    assert reason(talk(outside, outside)) is Reason.LOW_CONFIDENCE
    assert reason(talk(outside, outside), Detection(miss_intents=("nlu_fallback",))) is None


def test_two_intents_that_are_nearly_as_likely_are_a_miss():
    close, clear = said("the card", confidence=0.5, runner_up=0.47), said("the card", confidence=0.5, runner_up=0.4)
    assert reason(talk(close, close)) is Reason.LOW_CONFIDENCE
    assert "the next intent 0.47" in words(talk(close, close))[1]
    assert reason(talk(clear, clear)) is None
    assert reason(talk(close, close), Detection(confidence_margin=0)) is None
    assert reason(talk(clear, clear), Detection(confidence_margin=0.2)) is Reason.LOW_CONFIDENCE


def test_rasas_core_fallback_counts_the_present_turn():
    before = said("blarg", actions=("action_default_fallback",))
    assert reason(talk(before, "well")) is None
    assert reason(with_core_fallback(talk(before, "well"))) is Reason.LOW_CONFIDENCE


def test_a_picture_between_two_misses_neither_counts_nor_breaks_the_row():
    picture = said("", None, 0.0, attachments=(Attachment("https://x.example/p.png", "image"),))
    assert reason(talk(MISS, picture)) is None
    assert reason(talk(MISS, picture, MISS)) is Reason.LOW_CONFIDENCE


def test_what_a_customer_answers_to_a_form_is_no_miss():
    first = said("send it elsewhere", "change_address", actions=("address_form",))
    answer = said("12 Mill Lane", "nlu_fallback", 0.2, actions=("address_form",))
    newest = said("AB1 2CD", "nlu_fallback", 0.2)
    assert reason(talk(first, answer, newest, loop="address_form", requested_slot="postcode")) is None
    assert reason(talk(first, replace(answer, actions=()), newest)) is Reason.LOW_CONFIDENCE


# ---- turns


def test_the_seventh_turn_hands_over_and_the_sixth_does_not():
    assert reason(talk(*["next"] * 6)) is None
    assert words(talk(*["next"] * 7)) == ["Turn count: 7"]


def test_turns_before_the_episode_do_not_count():
    assert reason(talk(*["next"] * 9, episode=5)) is None


def test_a_customer_who_says_goodbye_is_let_go():
    assert reason(talk(*["next"] * 7, said("bye", "goodbye"))) is None


# ---- together


def test_the_customers_own_request_comes_before_every_other_reason():
    assert reason(talk(*[MISS] * 8, "I want a human and my lawyer, you useless idiot!!")) is Reason.CUSTOMER_REQUESTED


def test_policy_comes_before_sensitive_and_frustration_before_confidence():
    assert reason(talk("My lawyer will sue you. I want to die.")) is Reason.POLICY_REQUIRED
    assert reason(talk(*[replace(MISS, text="FUCK THIS USELESS THING!!")] * 8)) is Reason.HIGH_FRUSTRATION


def test_nothing_was_said_so_nothing_is_decided():
    assert decision(Conversation("c1", "rest")) == Stay()


def test_card_numbers_are_masked_in_the_evidence():
    said, why = words(talk("talk to a human, my card is 4111 1111 1111 1111"))
    assert said == "Customer said: talk to a human, my card is •••• 1111"
    assert "4111" not in why


@given(st.lists(turns, max_size=12), st.integers(0, 12))
def test_no_conversation_breaks_the_detector_and_evidence_is_never_empty(messages: list[Turn], episode: int):
    decided = decision(Conversation("c1", "rest", tuple(messages), min(episode, len(messages))))
    assert isinstance(decided, Stay) or decided.evidence


@given(st.lists(turns, min_size=1, max_size=5), st.lists(turns, max_size=8))
def test_what_came_before_the_episode_never_changes_the_decision(messages: list[Turn], before: list[Turn]):
    alone = Conversation("c1", "rest", tuple(messages))
    after = Conversation("c1", "rest", (*before, *messages), len(before))
    assert decision(alone) == decision(after)


@pytest.mark.parametrize(
    "text",
    ["My husband and I will bring our baby girl, do you have a cot?", "I need to reset my PIN",
     "the kettle stopped switching itself off"],
)  # fmt: skip
def test_children_pins_and_broken_kettles_are_no_sensitive_topics(text: str):
    assert reason(talk(text)) is None
