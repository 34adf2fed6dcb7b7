"""`rasa-handoff explain`: one conversation, turn by turn."""

import contextlib
import json
from pathlib import Path
from typing import Annotated

import typer

from rasa_handoff.commands.common import Config, console, plain_errors
from rasa_handoff.core.errors import BadInput, NotFound
from rasa_handoff.evaluation.jsonlines import Json

Name = Annotated[str | None, typer.Argument(metavar="CONVERSATION", help="Rasa's sender_id.")]
File = Annotated[Path | None, typer.Option("--file", help="Trackers as JSON, instead of the Rasa server; - is stdin.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON on standard output.")]


def explain(conversation: Name = None, file: File = None, config: Config = None, as_json: AsJson = False) -> None:
    """Show what the detector saw at each message of a conversation, the thresholds, and what it decided.

    The conversation comes from the Rasa server (HANDOFF_RASA_URL), or with --file from trackers as its API gives them.
    """
    from rasa_handoff.evaluation import explaining
    from rasa_handoff.evaluation.configured import judge as configured_judge

    with plain_errors():
        tracker = _tracker(conversation, file)
        judge = configured_judge(config)
        turns = list(explaining.explained(tracker, judge))
    if as_json:
        told = [explaining.as_json(one) for one in turns]
        limits = explaining.thresholds(judge.detection)
        typer.echo(json.dumps({"conversation": tracker["sender_id"], "thresholds": limits, "turns": told}, indent=1))
    else:
        console().print(explaining.table(tracker["sender_id"], turns, judge.detection))


def _tracker(name: str | None, file: Path | None) -> Json:
    from rasa_handoff.evaluation.sources import from_file, from_server, open_input

    if file is None:
        if name is None:
            raise BadInput("Name a conversation, or give a file of trackers with --file (- is standard input).")
        return from_server(name)
    with contextlib.closing(open_input(file)) as lines:
        for tracker in from_file(lines, str(file)):
            if name is None or tracker["sender_id"] == name:
                return tracker
    raise NotFound(
        f"{file}: there is no conversation {name!r} in it." if name else f"{file}: there is no tracker in it."
    )
