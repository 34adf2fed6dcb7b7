"""The classifier: in step with its corpus, explained, bounded, and unmoved by strange texts."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rasa_handoff
from rasa_handoff.core import classifier, lexicon, ngrams, weights
from training import corpus
from training.features import features

DATA = Path(rasa_handoff.__file__).parent / "data"


def request(text: str) -> float:
    return classifier.scores(text)["request"]


def test_the_model_was_trained_on_the_corpus_as_it_is():
    manifest = json.loads((DATA / "detector.json").read_text())
    assert manifest["corpus"] == corpus.fingerprint(), "the corpus changed: run python -m training.train"
    assert manifest["buckets"] == ngrams.BUCKETS


def test_the_weights_fit_into_four_megabytes():
    assert (DATA / "detector.bin").stat().st_size <= 4_000_000


def test_nothing_of_the_challenge_set_is_trained_on():
    files = [Path(__file__).parents[1] / "challenge" / name for name in ("sentences.jsonl", "validation.jsonl")]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    measured = {json.loads(line)["text"].casefold() for line in lines}
    assert not {row.text for row in corpus.rows() if row.text.casefold() in measured}


def test_the_words_that_spoke_for_it_are_named():
    assert "human" in classifier.telling("I want to talk to a human", "request")
    assert classifier.telling("", "request") == ()


@pytest.mark.parametrize(
    "text",
    ["TALK TO A HUMAN", "talk to a h\u200buman", "ｔａｌｋ to a human", "talk to a hum\u0430n", "talk to a humaaaan"],
)
def test_case_width_lookalikes_and_invisible_characters_change_little(text: str):
    assert request(text) > 0.5


def test_accents_may_be_missing():
    assert request("je veux parler a quelqu'un") > 0.5
    assert request("toi muon gap nhan vien") > 0.5


def test_a_word_means_the_same_in_several_languages():
    for word in ("avocat", "anwalt", "lawyer", "abogado"):
        assert "law" in lexicon.meanings([word])[0][2]


@given(st.text(max_size=2000))
def test_no_text_breaks_the_classifier(text: str):
    assert all(0.0 <= score <= 1.0 for score in classifier.scores(text).values())
    classifier.telling(text, "request")


@pytest.mark.parametrize(
    "unit",
    ["a", "a b ", "\U0001f620", "\u200b", "h\u0443m\u0430n ", "((((a+)+)+)+", "?!", "talk to ", "转", "l'd'", "x@",
     "\ud800", "http://a ", "\u0301", "1 "],
)  # fmt: skip
def test_a_hundred_kilobytes_of_anything_are_read_in_bounded_time(unit: str):
    text = unit * (100_000 // len(unit))
    classifier.scores("warm")
    started = time.perf_counter()
    classifier.scores(text)
    assert time.perf_counter() - started < 5.0  # far from what reading it all would take


ORDINARY = (
    "where is my parcel", "can you change the address of my order?", "ja danke", "wann öffnet die Filiale",
    "no, gracias", "quanto custa o frete", "le colis est arrivé hier", "il mio ordine non arriva",
    "ik wil mijn wachtwoord wijzigen", "kiedy dostanę zwrot pieniędzy?", "mera order kahan hai", "أين طلبي",
    "我的包裹在哪里", "đơn hàng của tôi đâu",
)  # fmt: skip


@given(st.sampled_from(ORDINARY), st.integers(1, 5000), st.sampled_from([" ", ". ", "\n", ", ", "! "]))
def test_however_often_an_ordinary_message_repeats_itself_it_stays_one(text: str, times: int, between: str):
    found = classifier.scores(between.join([text] * times))
    assert max(found["request"], found["policy"], found["sensitive"]) < 0.5


@given(st.lists(st.text("abcdeñж转", min_size=1, max_size=8), min_size=1, max_size=6), st.integers(2, 30))
def test_a_sentence_said_again_counts_once(words: list[str], times: int):
    sentence = " ".join(words) + ".\n"
    assert classifier.scores(sentence * times) == pytest.approx(classifier.scores(sentence))


SAID = ("I", "want", "to", "talk", "about", "my", "order", "17", "?", "!", "转人工", ".\n")


@given(st.lists(st.sampled_from(SAID), max_size=40))
def test_what_the_classifier_adds_up_is_what_training_counts(words: list[str]):
    sentences = ngrams.sentences(" ".join(words))
    assert classifier.whole(sentences) == weights.added(sorted(features(sentences).elements()))


def test_what_stands_at_the_end_of_a_huge_message_is_read():
    assert request("lorem ipsum dolor. " * 5000 + "I want to talk to a human") > 0.5
