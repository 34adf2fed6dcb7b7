"""Quick actions in handoff.yml: what is wrong is named with its line."""

from pathlib import Path

import pytest

from rasa_handoff.core.errors import SettingsError
from rasa_handoff.core.runs import Kind
from rasa_handoff.settings import load_settings


def written(folder: Path, text: str) -> Path:
    path = folder / "handoff.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_three_kinds_are_read(tmp_path: Path) -> None:
    text = """
quick_actions:
- {id: a, label: A, rasa: {action: action_a, slots: {order_id: "{order_id}"}}}
- {id: b, label: B, http: {url: "https://b.example/x", fields: {who: "{agent_name}"}}, changes: false}
- {id: c, label: C, reply: "Hello {customer_name|there}"}
"""
    a, b, c = (one.action() for one in load_settings(written(tmp_path, text)).quick_actions)
    assert (a.kind, a.target, a.changes, a.fields) == (Kind.RASA, "action_a", True, {"order_id": "{order_id}"})
    assert (b.kind, b.target, b.changes) == (Kind.HTTP, "https://b.example/x", False)
    assert (c.kind, c.changes, c.fields) == (Kind.REPLY, False, {"text": "Hello {customer_name|there}"})


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("- id: a\n  label: A\n", 2, "does one of rasa, http and reply; found none"),
        ("- id: a\n  label: A\n  reply: x\n  rasa: {action: y}\n", 2, "found rasa and reply"),
        ("- id: a\n  label: A\n  reply: 'Hi {nickname}'\n", 4, "there is no placeholder {nickname}; known: "),
        ("- id: a\n  label: A\n  reply: 'Hi {'\n", 4, "not part of a placeholder such as {order_id}"),
        ("- id: a\n  label: A\n  http: {url: 'ftp://x'}\n", 4, "http.url: URL scheme should be 'http' or 'https'"),
        ("- id: A b\n  label: A\n  reply: x\n", 2, "id: String should match"),
        ("- {id: a, label: A, reply: x}\n- {id: a, label: B, reply: y}\n", 3, "'a' is there twice"),
        ("- id: a\n  label: A\n  reply: x\n  color: red\n", 5, "there is no such setting"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, f"quick_actions:\n{text}"))
    assert f"handoff.yml, line {line}: " in str(caught.value)
    assert said in str(caught.value)


def test_a_detail_slot_may_be_a_placeholder(tmp_path: Path) -> None:
    text = "detail_slots: [loyalty]\nquick_actions:\n- {id: a, label: A, reply: 'You are {loyalty}.'}\n"
    assert load_settings(written(tmp_path, text)).quick_actions[0].action().placeholders == ("loyalty",)


def test_an_address_of_articles_needs_the_articles_id(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"line 2: knowledge.url: write an address with \{id\} in it"):
        load_settings(written(tmp_path, "knowledge:\n  url: https://shop.example/help\n"))
