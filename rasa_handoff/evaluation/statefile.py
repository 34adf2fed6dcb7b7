"""What a long replay has done so far: a file of JSON lines, a head and then one line for each conversation.

A line that was being written when the run was cut off is taken away again.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

import rasa_handoff
from rasa_handoff.core.errors import BadInput
from rasa_handoff.core.thresholds import Detection
from rasa_handoff.evaluation.jsonlines import written
from rasa_handoff.evaluation.replaying import Episode, Happened, Replayed
from rasa_handoff.evaluation.variants import Variant

_HEAD = b'{"replay": '


def fingerprint(detection: Detection, variants: Sequence[Variant]) -> str:
    """Tells runs apart whose results must not be added up."""
    told = [rasa_handoff.__version__, repr(detection), *sorted(variant.label for variant in variants)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


class StateFile:
    """Results on disk, in the order they came. A context manager: closes the file."""

    def __init__(self, path: Path, run: str) -> None:
        self._path = path
        self._run = run
        self._file = path.open("a+b")
        self._check()

    def __enter__(self) -> "StateFile":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def add(self, one: Replayed) -> None:
        self._write(asdict(one))

    def results(self) -> Iterator[Replayed]:
        """Those of earlier runs."""
        with self._path.open("rb") as lines:
            next(lines, None)
            for line in lines:
                yield _replayed(json.loads(line))

    def _check(self) -> None:
        """Errors: BadInput when the file is something else, or of a run with other settings."""
        with self._path.open("rb") as lines:
            head = lines.readline()
            whole = len(head) if head.endswith(b"\n") else 0
            if (head and not _HEAD.startswith(head[: len(_HEAD)])) or (whole and _run_of(head) != self._run):
                raise BadInput(
                    f"{self._path}: not the state of this replay: the settings, the what-if values or the version "
                    "are others. Name another file, or delete this one."
                )
            for line in lines if whole else ():
                whole += len(line) if line.endswith(b"\n") else 0
        self._file.truncate(whole)
        if not whole:
            self._write({"replay": self._run})

    def _write(self, value: Any) -> None:
        self._file.write(written(value).encode() + b"\n")
        self._file.flush()


def _run_of(head: bytes) -> Any:
    try:
        value = json.loads(head)
    except ValueError:
        return None
    return value.get("replay") if isinstance(value, dict) else None


def _replayed(value: dict[str, Any]) -> Replayed:
    return Replayed(value["id"], [_episode(one) for one in value["episodes"]], value["with_human"])


def _episode(value: dict[str, Any]) -> Episode:
    variants = {label: (turn, reason) for label, (turn, reason) in value["variants"].items()}
    happened = value["handoff"]
    handoff = Happened(**{**happened, "words": tuple(happened["words"])}) if happened else None
    return Episode(**{**value, "handoff": handoff, "variants": variants})
