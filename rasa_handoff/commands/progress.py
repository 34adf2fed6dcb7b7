"""How far a long run is, on standard error: a bar on a terminal, a line now and then elsewhere."""

from collections.abc import Container, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from rasa_handoff.commands.common import told
from rasa_handoff.evaluation.jsonlines import Json

_EVERY = 1000


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
