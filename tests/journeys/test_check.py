"""`rasa-handoff check` against the real processes."""

import json
import os
import subprocess
import sys

from scripts import training
from scripts.stack import ACTIONS, DESK, Stack


def test_a_running_stack_is_found_well_and_a_stopped_part_is_named(stack: Stack) -> None:
    assert wrong(stack) == []
    stack.stop(ACTIONS)
    try:
        assert wrong(stack) == ["action server"]
    finally:
        stack.start(ACTIONS)


def wrong(stack: Stack) -> list[str]:
    """What the command says is wrong."""
    environment = {**os.environ, **stack.children[DESK].environment}
    command = [sys.executable, "-m", "rasa_handoff", "check", "--json"]
    command += ["--actions", stack.actions_url, "--desk", stack.desk_url, "--models", str(training.MODEL.parent)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    found = json.loads(done.stdout)
    assert any("trained with" in one["what"] for one in found), done.stdout + done.stderr
    return [one["about"] for one in found if one["state"] == "wrong"]
