"""`rasa-handoff add`: puts the plugin into a bot, shows what changes before it does, and takes it out again."""

import difflib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from rasa_handoff.commands.common import console, plain_errors, told

if TYPE_CHECKING:
    from rasa_handoff.adding.layout import Layout
    from rasa_handoff.adding.plan import Change, Plan

Folder = Annotated[Path, typer.Argument(metavar="[DIR]", help="The bot's folder.")]
Remove = Annotated[bool, typer.Option("--remove", help="Take out what was added, to the byte.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Domain = Annotated[Path | None, typer.Option(help="The domain's file or folder; domain.yml, else domain.")]
Data = Annotated[Path | None, typer.Option(help="The folder of the training data; data when left out.")]
Config = Annotated[Path | None, typer.Option(help="The pipeline and policies; config.yml when left out.")]
Endpoints = Annotated[Path | None, typer.Option(help="endpoints.yml when left out.")]
Credentials = Annotated[Path | None, typer.Option(help="credentials.yml when left out.")]
Actions = Annotated[Path | None, typer.Option(help="The action code's folder or file; actions, else actions.py.")]

COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def add(
    folder: Folder = Path("."),
    remove: Remove = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    domain: Domain = None,
    data: Data = None,
    config: Config = None,
    endpoints: Endpoints = None,
    credentials: Credentials = None,
    actions: Actions = None,
) -> None:
    """Add human handoff to a Rasa 3 bot: shows the changes and asks. All files are changed, or none."""
    from rasa_handoff.adding.files import write
    from rasa_handoff.adding.layout import layout
    from rasa_handoff.adding.plan import adding, removing

    with plain_errors():
        found = layout(folder, domain, data, config, endpoints, credentials, actions)
        plan = removing(found) if remove else adding(found)
        _show(plan, found)
        if not plan.changes:
            typer.echo("There is nothing of ours to take out." if remove else "Everything is there already.")
            return
        if dry_run or not _agreed(yes, len(plan.changes)):
            return
        write(plan.changes)
    typer.echo(f"{'Taken out of' if remove else 'Added to'} {folder.resolve().name}.")
    typer.echo("Train the bot anew: rasa train" if remove else _next(found.named(found.actions)))


def _show(plan: "Plan", layout: "Layout") -> None:
    """The changes and what to know about the bot; where all is done, only what is urgent."""
    for change in plan.changes:
        for changed in _diff(change, layout.named(change.path)):
            console().print(Text(changed, COLOURS.get(changed[:1], "")), soft_wrap=True)
    for one in (one for one in plan.advice if one.warning or plan.changes):
        mark = ("warning ", "yellow") if one.warning else ("note    ", "cyan")
        line = Text.assemble(mark, one.what)
        console().print(line if not one.mend else line + Text(f"\n      -> {one.mend}", "bold"), soft_wrap=True)


def _diff(change: "Change", name: str) -> Iterator[str]:
    before, after = (text.splitlines() if text else [] for text in (change.before, change.after))
    old, new = ("/dev/null" if text is None else name for text in (change.before, change.after))
    yield from difflib.unified_diff(before, after, old, new, lineterm="")


def _agreed(yes: bool, files: int) -> bool:
    if yes:
        return True
    if not _somebody_there():
        told("Nothing was changed: there is nobody to ask. Say --yes to change the files, or --dry-run to only look.")
        raise typer.Exit(1)
    return typer.confirm(f"Change {files} file{'s' if files > 1 else ''}?")


def _somebody_there() -> bool:
    return sys.stdin.isatty()


def _next(actions: str) -> str:
    package = actions.removesuffix(".py").replace("/", ".")
    return f"""
Next, in the bot's environment:
  pip install rasa-handoff          # no dependencies
  rasa train
  rasa run --enable-api
and in one of Python 3.10 or newer, with rasa-handoff[server] and what your own actions need:
  rasa-handoff db upgrade
  rasa-handoff agents add NAME      # asks for a password
  python -m rasa_sdk --actions {package}
  rasa-handoff desk                 # http://localhost:5080, and /chat to be the customer
`rasa-handoff check` says what is missing."""
