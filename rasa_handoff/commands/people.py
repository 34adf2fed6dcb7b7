"""`rasa-handoff export`, `erase` and `prune`: what is kept of people."""

import json
import sys
from datetime import timedelta
from typing import Annotated, Any

import typer

from rasa_handoff.commands.common import plain_errors, told
from rasa_handoff.core.errors import BadInput, NotFound, Refused, SettingsError
from rasa_handoff.ports import Store
from rasa_handoff.settings import load_environment, load_settings

Name = Annotated[str, typer.Argument(metavar="NAME", help="A customer's id, or a conversation's (Rasa's sender_id).")]
Names = Annotated[list[str], typer.Argument(metavar="NAME...", help="Customers' or conversations' ids.")]
Tracker = Annotated[bool, typer.Option(help="With each conversation's tracker, from the Rasa server.")]
TrackerDatabase = Annotated[
    str | None,
    typer.Option(help="The database of Rasa's SQL tracker store, as a URL: the conversations are erased there, too."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Days = Annotated[int | None, typer.Option(min=1, help="Instead of retention.days in handoff.yml.")]


def export(name: Name, tracker: Tracker = True) -> None:
    """Write all that is kept of a customer, or of a conversation, as JSON to standard output."""
    from rasa_handoff.keeping import exported
    from rasa_handoff.stores import open_store

    with plain_errors():
        found = exported(open_store(load_environment().database_url), name)
        if tracker:
            found = [{**one, "tracker": _tracker(one["conversation_id"])} for one in found]
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1))


def _tracker(conversation_id: str) -> dict[str, Any] | None:
    from rasa_handoff.evaluation.sources import from_server

    try:
        return from_server(conversation_id)
    except NotFound:
        return None


def erase(names: Names, tracker_database: TrackerDatabase = None, yes: Yes = False) -> None:
    """Delete all that is kept of customers, or of conversations: handoffs, transcripts, questions, chat.

    It cannot be undone. A conversation with an open handoff is left alone. Rasa's own tracker store is a database of
    its own; name it, and it is erased there as well.
    """
    from rasa_handoff.stores import open_store
    from rasa_handoff.stores.rasa_events import erase_events

    with plain_errors():
        store = open_store(load_environment().database_url)
        found = sorted({one for name in names for one in store.conversations_of(name) or [name]})
        _confirm(found, yes)
        erased = [one for one in found if _erased(store, one)]
        if tracker_database:
            typer.echo(f"Erased {erase_events(tracker_database, erased)} events of Rasa's tracker store.")
        elif erased:
            typer.echo("Rasa's tracker store still has these conversations: see the page on personal data.")
    if erased != found:
        raise typer.Exit(1)


def _erased(store: Store, conversation_id: str) -> bool:
    """Whether it is; an open handoff keeps it, and is told."""
    try:
        handoffs = store.erase(conversation_id)
    except Refused as error:
        told(error)
        return False
    typer.echo(f"Erased {conversation_id}: {handoffs} handoffs.")
    return True


def _confirm(conversations: list[str], yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadInput("Nothing was erased. Say --yes where nobody can be asked.")
    typer.confirm(f"Erase {', '.join(conversations)} for good?", abort=True)


def prune(days: Days = None) -> None:
    """Delete what has ended longer ago than the retention. The desk does so every hour by itself."""
    from rasa_handoff.keeping import prune as prune_store
    from rasa_handoff.service import utc_now
    from rasa_handoff.stores import open_store

    with plain_errors():
        environment = load_environment()
        keep = timedelta(days=days) if days else load_settings(environment.config).retention.keep()
        if keep is None:
            raise SettingsError("Nothing is deleted: set retention.days in handoff.yml, or say --days.")
        gone = prune_store(open_store(environment.database_url), utc_now() - keep)
    typer.echo(f"Deleted {gone} handoffs in which nothing has happened for {keep.days} days.")
