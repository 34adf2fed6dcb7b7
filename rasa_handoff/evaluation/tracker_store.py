"""Past conversations from the bot's tracker store, whatever it is: SQL, Mongo, Redis, Dynamo, the bot's own.

`rasa_store.py` beside this reads it with Rasa's own classes, as a process in the bot's environment.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from rasa_handoff.core.errors import BadInput, Unreachable
from rasa_handoff.evaluation.jsonlines import Json, OnBad, rows, strict
from rasa_handoff.evaluation.sources import checked

EXPORTER = Path(__file__).with_name("rasa_store.py")


def from_tracker_store(endpoints: Path, python: Path, done: Iterable[str] = (), bad: OnBad = strict) -> Iterator[Json]:
    """First {"total": N}, the number of conversations to come, then their trackers, without those `done`.

    Errors: Unreachable when the bot's Python, Rasa in it, or the store does not answer.
    """
    if not endpoints.is_file():
        raise BadInput(f"{endpoints}: there is no such file.")
    with tempfile.TemporaryFile() as complaints:
        try:
            process = subprocess.Popen(  # noqa: S603  (what the user told us to run)
                [python, EXPORTER, endpoints], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints
            )
        except OSError as error:
            problem = f"{python} does not start: {error.strerror}. Name the bot's Python with --rasa-python."
            raise Unreachable(problem) from error
        try:
            yield from _exported(process, done, bad)
        finally:
            process.kill()
            status = process.wait()
        if status != 0:
            complaints.seek(0)
            raise Unreachable(_why(endpoints, complaints.read().decode("utf-8", "replace")))


def _exported(process: subprocess.Popen[bytes], done: Iterable[str], bad: OnBad) -> Iterator[Json]:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with process.stdin:
            process.stdin.writelines(json.dumps(one).encode() + b"\n" for one in done)
    except BrokenPipeError:
        pass  # it has ended already, and its exit says why
    for row in rows(process.stdout, "the tracker store", bad):
        yield row.value if "total" in row.value else checked(row.value, row.where)
    process.wait()


def _why(endpoints: Path, complaints: str) -> str:
    last = complaints.strip().splitlines()[-1:] or ["no message"]
    return f"The tracker store of {endpoints} could not be read: {last[0]}"
