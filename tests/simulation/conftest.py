"""Scenarios, played by the command in a folder of its own."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rasa_handoff.cli import app

Json = dict[str, Any]
Play = Callable[..., Json]
TREE: Json = {
    "hours": 6,
    "arrivals": [60],
    "kinds": [{"name": "any", "handle": {"exponential": 120}}],
    "teams": [{"id": "team", "department": "support", "count": 2, "max_chats": 1}],
}


class Simulate:
    """`rasa-handoff simulate` over a scenario: `TREE` with what is given instead."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *options: object, **instead: Any) -> Json:
        """The numbers."""
        self.said(*options, "--json", "out.json", **instead)
        found: Json = json.loads((self.folder / "out.json").read_text())
        return found

    def said(self, *options: object, status: int = 0, **instead: Any) -> str:
        (self.folder / "scenario.json").write_text(json.dumps(TREE | instead))
        return self.run("scenario.json", *options, status=status)

    def run(self, *arguments: object, status: int = 0) -> str:
        """What the command says, on both its outputs."""
        run = CliRunner().invoke(app, ["simulate", *map(str, arguments)], catch_exceptions=False)
        assert run.exit_code == status, run.output
        return run.output


@pytest.fixture
def simulate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Simulate:
    for name in os.environ:
        if name.startswith("HANDOFF_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return Simulate(tmp_path)
