"""Files are written all or none."""

import os
from pathlib import Path

import pytest

from rasa_handoff.adding import files
from rasa_handoff.adding.files import write
from rasa_handoff.adding.plan import Change
from rasa_handoff.core.errors import BadInput
from tests.adding.bots import Made


@pytest.mark.parametrize("after", range(8))
def test_a_failure_on_the_way_leaves_everything_as_it_was(
    after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = Made(tmp_path, {"data/rules.yml": None})
    plan = bot.plan()
    count = len(plan.changes)
    put, done = files._put, []

    def fails(path: Path, temporary: Path | None) -> None:
        done.append(path)
        if len(done) == after % count + 1:
            raise OSError("the disk is full")
        put(path, temporary)

    monkeypatch.setattr(files, "_put", fails)
    with pytest.raises(BadInput, match="the disk is full"):
        write(plan.changes)
    assert bot.files() == bot.before
    assert not (tmp_path / "data").exists()


def test_a_file_that_cannot_be_staged_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = Made(tmp_path)
    plan = bot.plan()
    monkeypatch.setattr(Path, "write_bytes", _refuses)
    with pytest.raises(BadInput, match="Nothing was changed"):
        write(plan.changes)
    monkeypatch.undo()
    assert bot.files() == bot.before


def _refuses(*_: object) -> int:
    raise PermissionError(13, "not allowed")


def test_an_interruption_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bot = Made(tmp_path)
    plan = bot.plan()
    put, done = files._put, []

    def interrupted(path: Path, temporary: Path | None) -> None:
        done.append(path)
        if len(done) == 3:
            raise KeyboardInterrupt
        put(path, temporary)

    monkeypatch.setattr(files, "_put", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(plan.changes)
    assert bot.files() == bot.before


def test_a_file_that_changed_since_the_plan_was_made_is_not_overwritten(tmp_path: Path) -> None:
    bot = Made(tmp_path)
    plan = bot.plan()
    (tmp_path / "domain.yml").write_text("intents: []\n")
    with pytest.raises(BadInput, match="has changed meanwhile"):
        write(plan.changes)
    assert not (tmp_path / "handoff.yml").exists()


def test_a_files_rights_stay_and_a_link_leads_where_it_led(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yml", tmp_path / "link.yml"
    real.write_text("a: 1\n")
    real.chmod(0o640)
    link.symlink_to(real.name)
    write([Change(link, "a: 1\n", "a: 2\n")])
    assert link.is_symlink()
    assert real.read_text() == "a: 2\n"
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_folder_that_held_only_files_of_ours_goes_with_them(tmp_path: Path) -> None:
    write([Change(tmp_path / "data/handoff/rules.yml", None, "x")])
    (tmp_path / "data/handoff/__pycache__").mkdir()
    write([Change(tmp_path / "data/handoff/rules.yml", "x", None)])
    assert os.listdir(tmp_path / "data") == []
