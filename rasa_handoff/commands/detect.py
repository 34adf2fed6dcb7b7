"""`rasa-handoff detect`: JSON lines in, JSON lines out, for any pipeline."""

import sys
from typing import IO

from rasa_handoff.commands.common import Config, SkipBad, Skipped, plain_errors
from rasa_handoff.core.errors import BadInput
from rasa_handoff.evaluation.configured import judge as configured_judge
from rasa_handoff.evaluation.detecting import answer
from rasa_handoff.evaluation.jsonlines import rows, written
from rasa_handoff.evaluation.judging import Judge


def detect(config: Config = None, skip_bad: SkipBad = False) -> None:
    """Read user turns as JSON lines from standard input, write the detector's decisions as JSON lines.

    In: {"id", "text", "history": [{"role": "user" | "bot", "text"}, ...]}, oldest first. Out: id, decision, reason,
    reasons (all that hold), frustration, evidence, key_details. Each line is answered before the next is read.
    """
    with plain_errors():
        _stream(sys.stdin.buffer, configured_judge(config), Skipped(skip_bad))


def _stream(lines: IO[bytes], judge: Judge, bad: Skipped) -> None:
    out = sys.stdout
    out.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    for row in rows(lines, "standard input", bad.deal):
        try:
            line = written(answer(row, judge))
        except BadInput as problem:
            bad.deal(problem)
        else:
            out.write(line + "\n")
            out.flush()
