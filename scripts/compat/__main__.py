"""Prints the table."""

import argparse
import sys
import time
from collections.abc import Iterator

import httpx
from rich.console import Console
from rich.table import Table

from scripts import training
from scripts.clients import TooLate
from scripts.compat.attempts import Failed, attempt, versions
from scripts.compat.rows import ROWS, Row
from scripts.stack import end_on_sigterm
from scripts.supervisor import StackError


def results(rows: Iterator[Row], console: Console) -> Iterator[tuple[str, ...]]:
    for row in rows:
        began = time.monotonic()
        console.print(f"{row.name} ...")
        try:
            outcome, what = "works", attempt(row)
        except (Failed, TooLate, StackError, training.TrainingError, httpx.HTTPError) as error:
            outcome, what = "FAILED", str(error)
            console.print(what, markup=False, highlight=False)
        yield row.side, row.python, versions(row), outcome, what.splitlines()[0], f"{time.monotonic() - began:.0f}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Try the versions that rasa-handoff says it works with.")
    parser.add_argument("only", nargs="?", default="", help="only rows with this in their name")
    only = parser.parse_args().only
    end_on_sigterm()
    console = Console(width=None if sys.stdout.isatty() else 140)
    table = Table("side", "Python", "versions", "outcome", "tried", "seconds")
    outcomes = []
    for result in results((row for row in ROWS if only in row.name), console):
        table.add_row(*result)
        outcomes.append(result[3])
    console.print(table)
    return 0 if outcomes and set(outcomes) == {"works"} else 1


if __name__ == "__main__":
    sys.exit(main())
