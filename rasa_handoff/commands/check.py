"""`rasa-handoff check`: whether everything a handoff needs is there, and what mends what is not."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from rasa_handoff.commands.common import console, plain_errors

Actions = Annotated[str, typer.Option(help="The action server.")]
Desk = Annotated[str, typer.Option(help="The desk.")]
Models = Annotated[Path, typer.Option(help="The folder with Rasa's models.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON on standard output.")]

COLOURS = {"ok": "green", "note": "yellow", "wrong": "red"}


def check(
    actions: Actions = "http://localhost:5055",
    desk: Desk = "http://localhost:5080",
    models: Models = Path("models"),
    as_json: AsJson = False,
) -> None:
    """See whether everything a handoff needs is there. Exit code 1 when something is wrong."""
    from rasa_handoff.checking import Addresses, State, findings
    from rasa_handoff.settings import load_environment

    with plain_errors():
        environment = load_environment()
    addresses = Addresses(environment.rasa_url.rstrip("/"), actions.rstrip("/"), desk.rstrip("/"))
    found = []
    for one in findings(environment, addresses, models):
        found.append(one)
        if not as_json:
            line = Text.assemble((f"{one.state.value:<6}", COLOURS[one.state.value]), f"{one.about}: {one.what}")
            console().print(line if not one.mend else line + Text(f"\n      -> {one.mend}", "bold"), soft_wrap=True)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
    if any(one.state is State.WRONG for one in found):
        raise typer.Exit(1)
