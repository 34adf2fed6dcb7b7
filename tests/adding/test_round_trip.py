"""Adding and taking out again, over all the ways in which a file can be written: nothing else moves, to the byte."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.adding import fragment
from rasa_handoff.adding.inserting import Addition, inserted
from rasa_handoff.adding.marks import BEGIN, END, blocks, torn, without
from rasa_handoff.adding.reading import parsed
from rasa_handoff.core.errors import BadInput
from tests.adding.layouts import domains

ALL = [Addition(one.key, one.is_list, one.pieces[:2]) for one in fragment.domain()]  # enough, and quick


def value(text: str) -> Any:
    return parsed(text, Path("domain.yml"))


def names(section: Any) -> list[str]:
    return [next(iter(one)) if isinstance(one, dict) else one for one in section or ()]


@given(domains())
def test_what_was_added_goes_to_the_byte(text: str) -> None:
    added = inserted(text, ALL, "domain.yml")
    assert added != text
    assert not torn(added)
    assert without(added) == text


@given(domains(), st.sets(st.sampled_from([one.key for one in ALL])))
def test_everything_of_the_bot_stays_and_everything_of_ours_is_there(text: str, keys: set[str]) -> None:
    wanted = [one for one in ALL if one.key in keys]
    before, after = value(text), value(inserted(text, wanted, "domain.yml"))
    assert set(after) == set(before) | keys
    for key in before:
        old, new = before[key] or (), after[key]
        assert new[: len(old)] == old if isinstance(new, list) and old else True
        assert {name: new[name] for name in old} == old if isinstance(new, dict) and old else True
    for section in wanted:
        ours = {piece.name: piece.value for piece in section.pieces}
        if section.is_list:
            assert after[section.key][-len(ours) :] == list(ours.values())
        else:
            assert {name: after[section.key][name] for name in ours} == ours


@given(domains(), st.data())
def test_what_somebody_changes_beside_our_lines_stays_when_they_go(text: str, data: st.DataObject) -> None:
    added = inserted(text, ALL, "domain.yml")
    ours = [(block.start, block.end) for block in blocks(added)]
    breaks = [at + 1 for at, char in enumerate(added) if char == "\n"]
    outside = [at for at in breaks if not any(start < at < end for start, end in ours)]
    at = data.draw(st.sampled_from(outside)) if outside else 0
    at = max(at, 1) if added.startswith("\ufeff") else at
    changed = without(added[:at] + "# theirs\n" + added[at:]).split("\n")
    changed.remove("# theirs")
    assert "\n".join(changed).rstrip("\r\n") == text.rstrip("\r\n")


@given(domains())
def test_our_lines_are_known_to_be_ours_and_unchanged(text: str) -> None:
    added = inserted(text, ALL, "domain.yml")
    assert len(blocks(added)) == len(ALL)
    assert not any(block.changed for block in blocks(added))


@given(domains())
def test_what_is_added_later_stands_beside_what_was_added_before(text: str) -> None:
    first = [Addition(one.key, one.is_list, one.pieces[:1]) for one in ALL]
    second = [Addition(one.key, one.is_list, one.pieces[1:]) for one in ALL]
    once = inserted(text, first, "domain.yml")
    twice = inserted(once, second, "domain.yml")
    assert not torn(twice)
    assert without(twice) == text
    assert value(twice) == value(inserted(text, ALL, "domain.yml"))


def test_a_line_of_ours_that_somebody_changed_is_noticed() -> None:
    added = inserted("version: '3.1'\n", ALL, "domain.yml")
    changed = added.replace("- handoff_yes\n", "- handoff_yes_please\n")
    assert [block.changed for block in blocks(changed)].count(True) == 1
    assert without(changed) == "version: '3.1'\n"


def test_half_a_pair_of_marks_is_noticed() -> None:
    added = inserted("intents:\n- greet\n", ALL[:1], "domain.yml")
    assert torn(added.replace(f"{END}\n", ""))
    assert torn("\n".join(line for line in added.splitlines() if BEGIN not in line))


def test_an_empty_file_is_empty_again() -> None:
    for text in ("", "\ufeff", "# nothing\n", "# nothing"):
        assert without(inserted(text, ALL, "domain.yml")) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a list\n", "expected keys"),
        ("{version: '3.1'}", "expected keys"),
        ("a: b\n---\nc: d\n", "several documents"),
        ("intents: greet\n", "must be a list"),
        ("intents: {greet: {}}\n", "must be a list"),
        ("slots:\n- name\n", "must be keys"),
        ("base: &b [x]\nintents: *b\n", "must be a list"),
        ("intents: [greet\n", "is not YAML"),
    ],
)
def test_a_file_that_cannot_be_added_to_is_refused_with_what_to_do(text: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        inserted(text, ALL, "domain.yml")


def test_nothing_to_add_changes_nothing() -> None:
    text = "intents: [greet]"
    assert inserted(text, [Addition("intents", True, ())], "domain.yml") == text
