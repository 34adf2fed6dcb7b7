"""The command in a folder of its own, and trackers to run it on."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rasa_handoff.cli import app

Json = dict[str, Any]
COMMAND = Path(sys.executable).with_name("rasa-handoff")


class Command:
    """Runs `rasa-handoff` in this process; what it says is decoded strictly, so that broken output is found."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: object, given: bytes | str = b"", status: int = 0) -> tuple[str, str]:
        run = CliRunner().invoke(app, [str(one) for one in arguments], input=given, catch_exceptions=False)
        out, said = run.stdout_bytes.decode("utf-8"), run.stderr_bytes.decode("utf-8")
        assert run.exit_code == status, said or out
        return out, said


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    for name in os.environ:
        if name.startswith("HANDOFF_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return Command(tmp_path)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, Sequence[object]], Path]:
    """Writes JSON lines; bytes and texts are written as they are."""

    def written(name: str, lines: Sequence[object]) -> Path:
        path = tmp_path / name
        path.write_bytes(b"".join(_line(one) for one in lines))
        return path

    return written


def _line(one: object) -> bytes:
    if isinstance(one, bytes):
        return one + b"\n"
    return (one if isinstance(one, str) else json.dumps(one)).encode() + b"\n"


def user(text: str, intent: str = "other", confidence: float = 0.9, at: float = 0.0, **more: Any) -> Json:
    parsed = {"text": text, "intent": {"name": intent, "confidence": confidence}, "intent_ranking": [], "entities": []}
    return {"event": "user", "text": text, "parse_data": parsed, "timestamp": at, "message_id": f"m{at}{text}", **more}


def bot(text: str) -> Json:
    return {"event": "bot", "text": text, "data": {}, "metadata": {}, "timestamp": 0.0}


def slot(name: str, value: object) -> Json:
    return {"event": "slot", "name": name, "value": value, "timestamp": 0.0}


def action(name: str) -> Json:
    return {"event": "action", "name": name, "timestamp": 0.0}


def tracker(name: str, *events: object) -> Json:
    return {"sender_id": name, "events": list(events)}
