"""`rasa-handoff add`: shows, asks, writes; and takes it out again."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rasa_handoff.cli import app
from tests.adding.bots import Made


def run(*arguments: str, typed: str = "") -> Any:
    return CliRunner().invoke(app, ["add", *arguments], input=typed)


def test_it_shows_what_changes_and_changes_nothing_on_a_dry_run(tmp_path: Path) -> None:
    bot = Made(tmp_path)
    done = run(str(tmp_path), "--dry-run")
    assert done.exit_code == 0
    assert "+++ domain.yml" in done.stdout
    assert "+  - handoff_yes" in done.stdout
    assert "--- /dev/null\n+++ actions/handoff.py" in done.stdout
    assert "assistant_id" in done.stdout
    assert bot.files() == bot.before


def test_without_a_terminal_or_a_yes_it_changes_nothing_and_says_so(tmp_path: Path) -> None:
    bot = Made(tmp_path)
    done = run(str(tmp_path))
    assert done.exit_code == 1
    assert "--yes" in done.stderr
    assert bot.files() == bot.before


@pytest.mark.parametrize(("answer", "changed"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_on_a_terminal_it_asks(answer: str, changed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bot = Made(tmp_path)
    monkeypatch.setattr("rasa_handoff.commands.add._somebody_there", lambda: True)
    done = run(str(tmp_path), typed=answer)
    assert done.exit_code == 0
    assert "Change 7 files?" in done.stdout
    assert (bot.files() != bot.before) == changed


def test_added_once_it_says_so_and_removed_it_is_gone(tmp_path: Path) -> None:
    bot = Made(tmp_path)
    assert "rasa-handoff db upgrade" in run(str(tmp_path), "--yes").stdout
    assert "Everything is there already." in run(str(tmp_path), "--yes").stdout
    assert "-  - handoff_yes" in run(str(tmp_path), "--remove", "--yes").stdout
    assert bot.files() == bot.before
    assert "nothing of ours" in run(str(tmp_path), "--remove", "--yes").stdout


def test_where_there_is_no_bot_it_says_so(tmp_path: Path) -> None:
    done = run(str(tmp_path), "--yes")
    assert done.exit_code == 1
    assert "no Rasa bot" in done.stderr
