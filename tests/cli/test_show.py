"""`rasa-handoff show`: what is in effect, and why."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rasa_handoff.cli import app

SETTINGS = """
detector:
  max_turns: 9
departments: [{id: support, name: Support}, {id: trust, name: "Trust <b>"}]
"""


def shown(folder: Path, *arguments: str, **environment: str) -> dict[str, Any]:
    (folder / "handoff.yml").write_text(SETTINGS, encoding="utf-8")
    values = {"HANDOFF_CONFIG": str(folder / "handoff.yml"), **environment}
    result = CliRunner().invoke(app, ["show", "--json", *arguments], env=values)
    assert result.exit_code == 0, result.output
    return {one["name"]: one for one in json.loads(result.stdout)}


def test_what_the_file_says_is_shown_with_its_line_and_the_rest_as_default(tmp_path: Path) -> None:
    found = shown(tmp_path)
    assert found["detector.max_turns"]["value"] == 9
    assert found["detector.max_turns"]["origin"].endswith("handoff.yml, line 3")
    assert found["detector.misses_in_a_row"] == {"name": "detector.misses_in_a_row", "value": 2, "origin": "default"}
    assert found["departments[1].name"]["origin"].endswith("line 4")


def test_only_a_part_or_only_what_was_changed_can_be_shown(tmp_path: Path) -> None:
    changed = shown(tmp_path, "--changed")
    assert set(changed) - {name for name in changed if name.isupper()} == {
        *("detector.max_turns", "departments[0].id", "departments[0].name"),
        *("departments[1].id", "departments[1].name"),
    }
    assert all(name.startswith("queue.") for name in shown(tmp_path, "queue."))


def test_secrets_are_only_said_to_be_there(tmp_path: Path) -> None:
    secrets = {"HANDOFF_SECRET": "hush-1", "HANDOFF_WEBHOOK_SECRETS": '{"crm": "hush-2"}'}
    found = shown(tmp_path, **secrets)
    assert "hush" not in json.dumps(found)
    assert found["HANDOFF_SECRET"] == {"name": "HANDOFF_SECRET", "value": "(set)", "origin": "environment"}
    assert found["HANDOFF_WEBHOOK_SECRETS"]["value"] == {"crm": "(set)"}


def test_a_person_gets_a_table(tmp_path: Path) -> None:
    (tmp_path / "handoff.yml").write_text(SETTINGS, encoding="utf-8")
    result = CliRunner().invoke(app, ["show", "departments"], env={"HANDOFF_CONFIG": str(tmp_path / "handoff.yml")})
    assert "Trust <b>" in result.stdout
    assert "departments[1].name" in result.stdout


@pytest.mark.parametrize("text", ["detector: {max_turn: 3}", "mode: [", ""])
def test_a_wrong_file_is_told_as_always(tmp_path: Path, text: str) -> None:
    (tmp_path / "handoff.yml").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["show"], env={"HANDOFF_CONFIG": str(tmp_path / "handoff.yml")})
    assert result.exit_code == (0 if not text else 1)
    assert "Traceback" not in result.output
