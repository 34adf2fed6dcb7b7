"""Checks the challenge set: its format, its promised minimum counts, and that README.md shows the real numbers.

As a program, it prints the tables; with --write it puts them into README.md.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
README = HERE / "README.md"
SENTENCES = ("sentences.jsonl", "validation.jsonl")
DIALOGUES = ("dialogues.jsonl", "validation_dialogues.jsonl")
BEGIN, END = "<!-- counts: begin -->", "<!-- counts: end -->"

# Hindi counts as one language in two scripts.
LANGUAGES = ("en", "de", "es", "pt", "fr", "it", "nl", "pl", "hi", "ar", "zh", "vi")
TAGS = (*LANGUAGES, "hi-Latn")
PHENOMENA = (
    "polite",
    "terse",
    "indirect",
    "typo",
    "negated",
    "past",
    "reported",
    "quoted",
    "sarcastic",
    "code_switched",
    "homonym",
    "plain",
)
POLICY = ("legal", "regulator_press", "data_protection", "security", "payment_dispute")
SENSITIVE = ("self_harm", "threat", "medical_emergency", "abuse", "minor")
NEAR = ("request", "policy", "sensitive")
REASONS = (
    "customer_requested",
    "policy_required",
    "sensitive_topic",
    "high_frustration",
    "low_confidence",
    "max_turns_exceeded",
)
ARCS = (
    "calm",
    "calm_caps",
    "calm_negative",
    "joking",
    "swearing_friendly",
    "escalating",
    "repeating",
    "bot_loop",
    "not_what_i_asked",
    "shouting",
    "sarcasm",
    "quiet_anger",
    "form_abandoned",
    "recovery",
    "late_request",
    "indirect_request",
    "angry_request",
    "low_confidence",
    "max_turns",
    "policy",
    "sensitive",
)
KEYS = ["text", "lang", "request", "policy", "sensitive", "dissatisfied", "phenomenon"]
TURN_KEYS = {"role", "text", "frustrated", "intent", "confidence"}

# What each language promises: (column, at least, at least in English).
MINIMUM = (
    ("sentences", 60, 300),
    ("request", 18, 60),
    ("near request", 14, 50),
    ("policy", 10, 40),
    ("near policy", 6, 20),
    ("sensitive", 6, 20),
    ("near sensitive", 4, 15),
    ("dissatisfied only", 2, 10),
    ("ordinary", 5, 20),
    ("typo positives", 4, 10),
)


def read(name: str) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate((HERE / name).read_text(encoding="utf-8").splitlines(), 1):
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError as error:
            raise AssertionError(f"{name}, line {number}: {error}") from error
    return rows


def fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def language(tag: str) -> str:
    return tag.split("-")[0]


def columns(row: dict[str, Any]) -> list[str]:
    found = ["sentences"]
    positive = bool(row["request"] or row["policy"] or row["sensitive"])
    if row["request"]:
        found.append("request")
    if row["policy"]:
        found.append("policy")
    if row["sensitive"]:
        found.append("sensitive")
    if "near" in row:
        found.append(f"near {row['near']}")
    elif not positive:
        found.append("dissatisfied only" if row["dissatisfied"] else "ordinary")
    if positive and row["phenomenon"] == "typo":
        found.append("typo positives")
    if row.get("borderline"):
        found.append("borderline")
    return found


def by_language(rows: list[dict[str, Any]]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {tag: Counter() for tag in LANGUAGES}
    for row in rows:
        counts[language(row["lang"])].update(columns(row))
    return counts


def table(head: list[str], body: list[list[object]]) -> list[str]:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *body]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]


def tables() -> str:
    sentences, dialogues = read("sentences.jsonl"), read("dialogues.jsonl")
    names = [*(name for name, _, _ in MINIMUM), "borderline"]
    counts = by_language(sentences)
    total: Counter[str] = sum(counts.values(), Counter())
    body: list[list[object]] = [[tag, *(counts[tag][name] for name in names)] for tag in LANGUAGES]
    out = ["Sentences by language (a sentence can count in several columns; `hi` holds both scripts):", ""]
    out += table(["language", *names], [*body, ["all", *(total[name] for name in names)]])

    cells = Counter((row["phenomenon"], language(row["lang"])) for row in sentences)
    phenomena = Counter(row["phenomenon"] for row in sentences)
    out += ["", "Sentences by phenomenon and language:", ""]
    out += table(
        ["phenomenon", "all", *LANGUAGES],
        [[name, phenomena[name], *(cells[name, tag] for tag in LANGUAGES)] for name in PHENOMENA],
    )

    groups = Counter(row["policy"] or row["sensitive"] for row in sentences if row["policy"] or row["sensitive"])
    out += ["", "Sentences by policy and sensitive group:", ""]
    out += table(["group", "sentences"], [[name, groups[name]] for name in (*POLICY, *SENSITIVE)])

    per_arc: dict[str, Counter[str]] = {}
    for dialogue in dialogues:
        users = [turn for turn in dialogue["turns"] if turn["role"] == "user"]
        reason = dialogue["expected"]["reason"]
        per_arc.setdefault(dialogue["phenomenon"], Counter()).update(
            {
                "dialogues": 1,
                "en": int(dialogue["lang"] == "en"),
                "handed over": int(reason is not None),
                "user turns": len(users),
                "frustrated": sum(turn["frustrated"] for turn in users),
            }
        )
    heads = ["dialogues", "en", "handed over", "user turns", "frustrated"]
    arcs: Counter[str] = sum(per_arc.values(), Counter())
    out += ["", "Dialogues by phenomenon:", ""]
    out += table(
        ["phenomenon", *heads],
        [
            *([name, *(per_arc[name][head] for head in heads)] for name in ARCS if name in per_arc),
            ["all", *(arcs[head] for head in heads)],
        ],
    )

    expected = Counter(str(dialogue["expected"]["reason"] or "none") for dialogue in dialogues)
    out += ["", "Dialogues by expected reason:", ""]
    out += table(["reason", "dialogues"], [[name, expected[name]] for name in ("none", *REASONS)])
    spoken = Counter(language(dialogue["lang"]) for dialogue in dialogues)
    out += ["", "Dialogues by language: " + ", ".join(f"{tag} {spoken[tag]}" for tag in LANGUAGES) + "."]
    return "\n".join(out)


@pytest.mark.parametrize("name", SENTENCES)
def test_sentences_have_the_documented_format(name: str) -> None:
    for number, row in enumerate(read(name), 1):
        where = f"{name}, line {number}"
        keys = list(row)
        assert keys[: len(KEYS)] == KEYS, where
        assert keys[len(KEYS) :] in ([], ["near"], ["borderline"], ["near", "borderline"]), where
        assert isinstance(row["text"], str), where
        assert row["text"] == row["text"].strip() != "", where
        assert row["lang"] in TAGS, where
        assert (row["request"], row["dissatisfied"]) in {(0, 0), (0, 1), (1, 0), (1, 1)}, where
        assert row["policy"] is None or row["policy"] in POLICY, where
        assert row["sensitive"] is None or row["sensitive"] in SENSITIVE, where
        assert row["phenomenon"] in PHENOMENA, where
        assert row.get("borderline", True) is True, where
        if "near" in row:
            assert row["near"] in NEAR, where
            assert not row[row["near"]], f"{where}: near {row['near']}, and labelled as it"


def test_no_sentence_occurs_twice() -> None:
    seen = Counter(fold(row["text"]) for name in SENTENCES for row in read(name))
    assert [text for text, count in seen.items() if count > 1] == []


def test_every_language_has_what_is_promised() -> None:
    rows = read("sentences.jsonl")
    assert len(rows) >= 1000
    for tag, counts in by_language(rows).items():
        for name, least, least_en in MINIMUM:
            assert counts[name] >= (least_en if tag == "en" else least), (tag, name, counts[name])
    groups = Counter((language(row["lang"]), row["policy"] or row["sensitive"]) for row in rows)
    for tag in LANGUAGES:
        assert all(groups[tag, group] for group in (*POLICY, *SENSITIVE)), tag
        assert {row["phenomenon"] for row in rows if language(row["lang"]) == tag} == set(PHENOMENA), tag


@pytest.mark.parametrize("name", SENTENCES)
def test_borderline_stays_rare(name: str) -> None:
    rows = read(name)
    assert sum(bool(row.get("borderline")) for row in rows) <= len(rows) // 50


@pytest.mark.parametrize("name", DIALOGUES)
def test_dialogues_have_the_documented_format(name: str) -> None:
    for number, dialogue in enumerate(read(name), 1):
        where = f"{name}, line {number}"
        assert list(dialogue) == ["id", "lang", "phenomenon", "turns", "expected"], where
        assert dialogue["lang"] in TAGS, where
        assert dialogue["phenomenon"] in ARCS, where
        turns = dialogue["turns"]
        assert 5 <= len(turns) <= 14, where
        for position, turn in enumerate(turns):
            assert turn["role"] == ("bot" if position % 2 else "user"), where
            assert isinstance(turn["text"], str), where
            assert turn["text"].strip(), where
            assert set(turn) <= (TURN_KEYS if turn["role"] == "user" else {"role", "text"}), where
            if turn["role"] == "user":
                assert turn["frustrated"] in (0, 1), where
                assert 0 <= turn.get("confidence", 0) <= 1, where


@pytest.mark.parametrize("name", DIALOGUES)
def test_what_is_expected_of_a_dialogue_fits_its_turns(name: str) -> None:
    for dialogue in read(name):
        where = dialogue["id"]
        expected = dialogue["expected"]
        assert list(expected) == ["reason", "turn", "tolerance"], where
        assert expected["tolerance"] == 1, where
        users = [turn for turn in dialogue["turns"] if turn["role"] == "user"]
        frustrated = [place for place, turn in enumerate(users, 1) if turn["frustrated"]]
        if expected["reason"] is None:
            assert expected["turn"] is None, where
            assert frustrated == [], where
            # A calm talk makes progress: every turn is understood and the intents change.
            intents = [turn.get("intent") for turn in users]
            assert None not in intents, where
            assert len(set(intents)) >= 3, where
        else:
            assert expected["reason"] in REASONS, where
            assert 1 <= expected["turn"] <= len(users), where
            # Nobody is frustrated for a turn before a person should have come.
            assert not frustrated or frustrated[0] >= expected["turn"], where
        if expected["reason"] == "high_frustration":
            assert frustrated[0] == expected["turn"], where


def test_there_are_enough_dialogues_of_both_kinds() -> None:
    dialogues = read("dialogues.jsonl")
    assert len(dialogues) >= 48
    assert len({dialogue["id"] for dialogue in dialogues}) == len(dialogues)
    assert sum(dialogue["lang"] == "en" for dialogue in dialogues) >= 24
    assert {language(dialogue["lang"]) for dialogue in dialogues} == set(LANGUAGES)
    calm = [dialogue for dialogue in dialogues if dialogue["expected"]["reason"] is None]
    assert len(calm) >= len(dialogues) // 4
    talks = [[turn["frustrated"] for turn in dialogue["turns"] if turn["role"] == "user"] for dialogue in dialogues]
    angry = [mark for talk in talks if any(talk) for mark in talk]
    assert 0.35 <= sum(angry) / len(angry) <= 0.55


def test_readme_shows_the_real_counts() -> None:
    text = README.read_text(encoding="utf-8")
    shown = text[text.index(BEGIN) + len(BEGIN) : text.index(END)].strip()
    assert shown == tables(), "run: python tests/challenge/test_challenge_format.py --write"


def main() -> None:
    counts = tables()
    if "--write" in sys.argv[1:]:
        text = README.read_text(encoding="utf-8")
        before, after = text[: text.index(BEGIN)], text[text.index(END) :]
        README.write_text(f"{before}{BEGIN}\n{counts}\n{after}", encoding="utf-8")
    else:
        print(counts)


if __name__ == "__main__":
    main()
