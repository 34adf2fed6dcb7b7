"""`rasa-handoff show`: the settings in effect, and where each comes from."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from rasa_handoff.commands.common import console, plain_errors

Part = Annotated[
    str | None, typer.Argument(metavar="[PART]", help="Only what begins so, such as `detector` or HANDOFF_.")
]
Changed = Annotated[bool, typer.Option("--changed", help="Without what has its default.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON on standard output.")]


def show(part: Part = None, changed: Changed = False, as_json: AsJson = False) -> None:
    """Show the settings in effect and where each comes from: handoff.yml with its line, the environment, a default."""
    from rasa_handoff.settings import load_environment, load_settings
    from rasa_handoff.settings.effect import DEFAULT, environment_in_effect, settings_in_effect

    with plain_errors():
        environment = load_environment()
        found = settings_in_effect(environment.config, load_settings(environment.config))
        found += environment_in_effect(environment)
    found = [one for one in found if one.name.startswith(part or "") and (one.origin != DEFAULT or not changed)]
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
        return
    table = Table("setting", "value", "from")
    for one in found:
        table.add_row(one.name, Text(json.dumps(one.value, ensure_ascii=False)), Text(one.origin))
    console().print(table)
