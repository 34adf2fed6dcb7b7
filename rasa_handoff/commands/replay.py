"""`rasa-handoff replay`: the detector over past conversations."""

import contextlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from rasa_handoff.commands.common import Config, SkipBad, Skipped, console, plain_errors, told
from rasa_handoff.commands.progress import followed
from rasa_handoff.core.backports import UTC
from rasa_handoff.core.errors import BadInput
from rasa_handoff.evaluation.jsonlines import Json, OnBad

File = Annotated[Path | None, typer.Option("--file", help="Trackers as JSON: lines, a list, or one; - is stdin.")]
Endpoints = Annotated[Path | None, typer.Option(help="The bot's endpoints.yml: its tracker store is read.")]
RasaPython = Annotated[Path, typer.Option(help="The Python of the bot's environment, for --endpoints.")]
Changes = Annotated[
    list[str] | None, typer.Option("--set", help="What if: detector.max_turns=8. May be given several times.")
]
Sweep = Annotated[bool, typer.Option(help="Also try each numeric setting at several values.")]
Out = Annotated[Path | None, typer.Option(help="Write the report, one HTML file.")]
JsonOut = Annotated[Path | None, typer.Option("--json", help="Write the numbers.")]
State = Annotated[Path | None, typer.Option(help="Keep what is done in this file, and go on from there.")]


def replay(
    file: File = None,
    endpoints: Endpoints = None,
    rasa_python: RasaPython = Path(".venv-bot/bin/python"),
    set_: Changes = None,
    sweep: Sweep = True,
    out: Out = None,
    json_out: JsonOut = None,
    resume: State = None,
    config: Config = None,
    skip_bad: SkipBad = False,
) -> None:
    """Show when the detector would have handed past conversations over, by reason, and with other settings.

    Nothing is written into any conversation. The state file and the report hold what customers wrote.
    """
    from rasa_handoff.evaluation import report, statefile, totals
    from rasa_handoff.evaluation.configured import judge as configured_judge
    from rasa_handoff.evaluation.replaying import replayed
    from rasa_handoff.evaluation.tables import replay_tables
    from rasa_handoff.evaluation.variants import variants as all_variants

    with plain_errors(), contextlib.ExitStack() as stack:
        judge, bad = configured_judge(config), Skipped(skip_bad)
        variants = all_variants(judge.detection, set_ or [], sweep=sweep)
        sums, done, state = totals.Totals(), set[str](), None
        if resume:
            state = stack.enter_context(statefile.StateFile(resume, statefile.fingerprint(judge.detection, variants)))
            for one in state.results():
                sums.add(one, variants)
                done.add(one.id)
        trackers = _trackers(file, endpoints, rasa_python, done, bad.deal)
        with _interruptible(resume):
            for tracker in followed(trackers, done):
                one = replayed(tracker, judge, variants)
                if state:
                    state.add(one)
                sums.add(one, variants)
    for table in replay_tables(sums, variants):
        console(120).print(table)
    if json_out:
        json_out.write_text(json.dumps({**totals.as_json(sums), "skipped": bad.count}, indent=1) + "\n", "utf-8")
    if out:
        source = str(file or endpoints)
        out.write_text(report.html(sums, judge.detection, variants, source, datetime.now(UTC)), "utf-8")
        typer.echo(f"The report is in {out}.")


def _trackers(
    file: Path | None, endpoints: Path | None, python: Path, done: Iterable[str], bad: OnBad
) -> Iterator[Json]:
    from rasa_handoff.evaluation.sources import from_file, open_input
    from rasa_handoff.evaluation.tracker_store import from_tracker_store

    if (file is None) == (endpoints is None):
        raise BadInput("Name the conversations: either --file or --endpoints.")
    if endpoints is not None:
        yield from from_tracker_store(endpoints, python, done, bad)
    else:
        with contextlib.closing(open_input(file)) as lines:
            yield from from_file(lines, str(file), bad)


@contextlib.contextmanager
def _interruptible(resume: Path | None) -> Iterator[Any]:
    try:
        yield
    except KeyboardInterrupt as stopped:
        told("Stopped. The same command goes on from here." if resume else "Stopped. With --resume FILE it can go on.")
        raise typer.Exit(130) from stopped
