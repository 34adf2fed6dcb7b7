"""What the commands share: how errors are told, how lines are read, how a stranger's text is shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rasa_handoff.core.errors import BadInput, HandoffError
from rasa_handoff.evaluation.jsonlines import OnBad, strict

Config = Annotated[
    Path | None,
    typer.Option(help="The settings file. Left out: HANDOFF_CONFIG, else handoff.yml if it is there, else defaults."),
]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Tell what is broken and go on.")]


def told(problem: object) -> None:
    """Say on standard error what is wrong."""
    Console(stderr=True).print("rasa-handoff:", str(problem), style=None, highlight=False, soft_wrap=True, markup=False)


def console(wide: int = 200) -> Console:
    """For tables on standard output: as wide as the terminal, or `wide` where there is none."""
    return Console(width=None if Console().is_terminal else wide)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Our errors as a sentence and exit code 1."""
    try:
        yield
    except HandoffError as error:
        told(error)
        raise typer.Exit(1) from error


class Skipped:
    """Deals with broken input: stops at the first, or with `skip` tells each and counts them."""

    def __init__(self, skip: bool) -> None:
        self.count = 0
        self.deal: OnBad = self._count if skip else strict

    def _count(self, problem: BadInput) -> None:
        self.count += 1
        told(problem)
