"""`rasa-handoff waits`: what customers were told about the wait, against how long it was."""

from collections.abc import Iterator

import typer
from rich.table import Table

from rasa_handoff.commands.common import console, plain_errors
from rasa_handoff.core.accuracy import Accuracy, accuracy
from rasa_handoff.ports import Entry, Store
from rasa_handoff.settings import load_environment

_PAGE = 1000


def waits() -> None:
    """Compare the waits that customers were told with those they had, over the whole log."""
    from rasa_handoff.stores import open_store

    with plain_errors():
        found = accuracy(_log(open_store(load_environment().database_url)))
    if not found.promises:
        typer.echo(f"No wait that was told has ended with an agent yet; {found.unknown} were told without an interval.")
        return
    console().print(_table(found))


def _log(store: Store) -> Iterator[Entry]:
    after = 0
    while page := store.feed(after, _PAGE):
        yield from page
        after = page[-1].seq


def _table(found: Accuracy) -> Table:
    table = Table("", "")
    table.add_row("waits told and ended", f"{found.promises:,}")
    table.add_row("told without an interval", f"{found.unknown:,}")
    table.add_row("not ended yet", f"{found.open:,}")
    table.add_row("within the announced P90 (.9 is right)", f"{found.covered:.2f}")
    table.add_row("median distance from the announced P50", f"{found.error:,.0f} s")
    return table
