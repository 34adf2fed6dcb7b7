"""Frustration as a state: what adds to it, in which languages, what takes the edge off, and how it fades."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.core import frustration, moods
from rasa_handoff.core.conversation import Turn
from rasa_handoff.core.frustration import SIGNALS, measure
from rasa_handoff.core.offering import Offering
from rasa_handoff.core.thresholds import Detection
from rasa_handoff.sentiment import vader

SENTIMENT = vader()
ASKED = Offering().near(Detection()).frustration_threshold
ROWS = [json.loads(line) for line in Path(__file__).with_name("moods.jsonl").read_text("utf-8").splitlines()]
COMPLAINTS = ["this is ridiculous.", "useless.", "that's not what I asked!", "I am fed up with this."]
CALM = ["my size is 12", "the colour is blue", "ship it to Leeds", "which train goes there", "around noon"]
AFTERWARDS = ["four of them", "near the harbour", "a single room", "with breakfast"]

said = st.sampled_from([*CALM, *COMPLAINTS, "WHERE IS MY PARCEL", "shit", "thanks a lot", "haha", "da ist es", ""])
talks = st.lists(said, min_size=1, max_size=12)


def turn(text: str, *replies: str, **more: Any) -> Turn:
    return replace(Turn("m", text, datetime(2026, 1, 1, tzinfo=UTC), replies=replies), **more)


def score(*turns: str | Turn, missed: tuple[bool, ...] = ()) -> float:
    return measured(*turns, missed=missed).score


def measured(*turns: str | Turn, missed: tuple[bool, ...] = (), off: tuple[str, ...] = ()) -> frustration.Frustration:
    made = [one if isinstance(one, Turn) else turn(one) for one in turns]
    return measure(made, missed or (False,) * min(len(made), frustration.REMEMBERED), SENTIMENT, off)


def signals(*turns: str | Turn, missed: tuple[bool, ...] = ()) -> set[str]:
    return {one.signal for one in measured(*turns, missed=missed).contributions}


def peak(row: dict[str, Any], until: int) -> float:
    """The highest score after any of a dialogue's first messages."""
    replies = row.get("bot") or [f"Answer {'abcd'[at] * 3} {text[:3]}" for at, text in enumerate(row["said"])]
    turns = [turn(text, reply) for text, reply in zip(row["said"], replies, strict=False)]
    return max(score(*turns[:count]) for count in range(1, until + 1))


def test_most_customers_who_joke_swear_for_joy_or_bring_bad_news_are_not_asked_whether_they_want_a_person():
    calm = [row for row in ROWS if not row["angry"]]
    needless = [row["said"] for row in calm if peak(row, len(row["said"])) >= ASKED]
    assert len(calm) >= 30
    assert len(needless) <= 0.1 * len(calm), needless


@pytest.mark.parametrize("row", [row for row in ROWS if row["angry"]], ids=lambda row: f"{row['lang']}-{row['mood']}")
def test_an_angry_customer_is_heard_in_every_language(row: dict[str, Any]):
    assert peak(row, row["angry"] + 1) >= ASKED


@pytest.mark.parametrize(
    ("signal", "texts"),
    {
        "profanity": ["what the fuck", "so eine Scheiße", "mierda", "caralho", "putain", "cazzo", "verdomme", "kurwa",
                      "chutiya", "चूतिया", "يلعن", "他妈的", "chết tiệt"],
        "insult": ["you are useless", "ihr seid unfähig", "son unos inútiles", "vocês são incompetentes",
                   "c'est minable", "siete ridicoli", "waardeloos", "to żałosne", "bekar", "बेकार", "انت غبي", "垃圾",
                   "vô dụng"],
        "complaint": ["I am fed up", "eine Frechheit", "es el colmo", "que palhaçada", "j'en ai marre", "sono stufo",
                      "ik ben het zat", "mam dość", "dimag kharab", "दिमाग खराब", "غير مقبول", "受够了", "bực mình"],
        "not_asked": ["that's not what I asked", "das habe ich nicht gefragt", "eso no es lo que pregunté",
                      "não foi isso que perguntei", "ce n'est pas ma question", "non ho chiesto questo",
                      "dat is niet wat ik vraag", "nie o to pytam", "maine ye nahi poocha", "मैंने यह नहीं पूछा",
                      "ما سألت عن هذا", "我问的不是这个", "tôi không hỏi cái đó"],
        "again": ["how many times", "schon wieder", "mil veces", "quantas vezes", "combien de fois", "quante volte",
                  "hoe vaak", "ile razy", "kitni baar", "कितनी बार", "كم مرة", "多少次", "bao nhiêu lần"],
    }.items(),
)  # fmt: skip
def test_what_depends_on_words_is_heard_in_the_twelve_languages(signal: str, texts: list[str]):
    assert [text for text in texts if signal not in signals(text)] == []


def test_the_tone_of_voice_is_read_in_english_only():
    assert "sentiment" in signals("this is a horrible, dreadful mess")
    assert "sentiment" not in signals("bei mir ist die Heizung ausgefallen")
    assert "sentiment" not in signals("no me llega el agua caliente desde ayer, no")


def test_every_signal_can_show_in_the_evidence_with_its_weight_and_turn():
    turns = [
        turn("this is fucking useless, THAT IS NOT WHAT I ASKED!!", "Bikes cost 9 pounds.", actions=("action_x",)),
        turn("how many times, I am fed up", "Bikes cost 9 pounds."),
        turn("how many times, I am fed up", "Well.", actions=("action_deactivate_loop",)),
    ]
    found = measured(*turns, missed=(False, False, True)).contributions
    assert {one.signal for one in found} == set(SIGNALS)
    assert all(0 < one.weight < 1 and one.words for one in found)
    assert {one.turn for one in found if one.signal == "bot_repeats"} == {2}


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_signal_that_is_off_neither_counts_nor_shows(signal: str):
    turns = [turn("THIS IS FUCKING USELESS, THAT IS NOT WHAT I ASKED!!", "Hm?")] * 2
    turns.append(turn("how many times, fed up", "Hm?", actions=("action_deactivate_loop",)))
    missed = (False, True, True)
    with_it, without = measured(*turns, missed=missed), measured(*turns, missed=missed, off=(signal,))
    assert signal not in {one.signal for one in without.contributions}
    assert without.score < with_it.score


def test_misses_in_a_row_weigh_more_and_more():
    scores = [score(*CALM[:count], missed=(True,) * count) for count in (1, 2, 3)]
    assert scores[0] < scores[1] < scores[2]
    assert score(*CALM[:3], missed=(True, False, True)) < score(*CALM[:3], missed=(False, True, True))


def test_capitals_are_no_anger_of_somebody_who_always_writes_them():
    habit = score("GOOD MORNING FROM THE WORKSHOP", "WE NEED SIX BOXES OF SCREWS")
    assert habit < score("good morning from the workshop", "WE NEED SIX BOXES OF SCREWS")


def test_laughter_takes_the_edge_off():
    assert score("haha you stupid robot 😂") < score("you stupid robot") / 2


def test_swearing_in_praise_is_no_anger():
    assert score("fucking brilliant, thanks") < 0.3 < score("fucking delivery")


def test_bad_news_weighs_less_when_nothing_in_the_conversation_goes_wrong():
    calm, upset = ("the lamp is broken", "it is destroyed"), ("the lamp is broken, as I said before", "it is destroyed")
    assert score(*calm) < score(*upset)


def test_a_question_asked_again_is_a_repetition_whatever_is_added_to_it():
    asked = "when does the ferry to Mull leave"
    assert "repeating" in signals(asked, asked)
    assert "repeating" in signals(asked, f"I have already told you and your colleagues yesterday, {asked}")
    assert "repeating" not in signals(asked, "and is there a dog fee on the ferry")


def test_a_stem_in_the_list_of_moods_is_long_enough_to_mean_something():
    stems = moods._moods().stems
    assert min(map(len, stems)) >= 3 or all(ord(char) > 0x900 for stem in stems if len(stem) < 3 for char in stem)


def test_no_phrase_stands_twice_in_a_mood():
    source = files("rasa_handoff").joinpath("data/moods.txt").read_text("utf-8")
    for block in source.split("[")[1:]:
        for line in block.splitlines()[1:]:
            phrases = [phrase.strip() for phrase in line.split(",")]
            assert len(phrases) == len(set(phrases)), line


@given(talks)
def test_the_score_is_a_share(texts: list[str]):
    assert 0 <= score(*texts) <= 1


@given(talks)
def test_it_fades_with_every_calm_turn(texts: list[str]):
    scores = [score(*texts, *AFTERWARDS[:count]) for count in range(1, 5)]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] < 0.2


@given(talks, st.sampled_from(COMPLAINTS))
def test_a_complaint_added_to_a_message_never_lowers_it(texts: list[str], complaint: str):
    *before, newest = texts
    assert score(*before, f"{newest} {complaint}".strip()) >= score(*texts)


@given(talks, st.sampled_from(COMPLAINTS), st.sampled_from(CALM))
def test_a_complaint_more_is_worse_than_a_calm_message_more(texts: list[str], complaint: str, calm: str):
    assert score(*texts, complaint) > score(*texts, calm)
