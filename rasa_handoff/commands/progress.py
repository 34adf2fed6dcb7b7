"""How far a long run is, on standard error: a bar on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from rasa_handoff.commands.common import told
from rasa_handoff.evaluation.jsonlines import Json

_EVERY = 1000
_PAUSE = 10.0  # seconds between lines where there is no terminal


def followed(trackers: Iterator[Json], done: Container[str]) -> Iterator[Json]:
    """The trackers that are not done yet. {"total": N}, where a source begins with it, is how many there are."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("conversations", total=None)
        count = 0
        for tracker in trackers:
            if "total" in tracker:
                progress.update(task, total=tracker["total"])
                continue
            if tracker["sender_id"] not in done:
                yield tracker
            count += 1
            progress.advance(task)
            if not console.is_terminal and count % _EVERY == 0:
                told(f"{count:,} conversations")


@contextmanager
def watched() -> Iterator[Callable[[str, float], None]]:
    """Gives what to call with what is under way, and how much of that is done, in [0, 1]."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=1.0)
        told_at = time.monotonic()

        def passed(what: str, share: float) -> None:
            nonlocal told_at
            progress.update(task, description=what, completed=share)
            if not console.is_terminal and time.monotonic() - told_at > _PAUSE:
                told_at = time.monotonic()
                told(f"{what}: {share:.0%}")

        yield passed
