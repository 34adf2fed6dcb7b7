"""`rasa-handoff evaluate`: how good the detector is on labelled data."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from rasa_handoff.commands.common import Config, SkipBad, Skipped, console, plain_errors, told

Files = Annotated[list[Path], typer.Argument(help="Labelled JSON lines; docs/reference/evaluation.md says how.")]
Ablate = Annotated[bool, typer.Option("--ablate", help="Also switch each signal off and tell what is lost.")]
Out = Annotated[Path | None, typer.Option("--json", help="Also write the numbers to this file.")]
Floors = Annotated[
    Path | None, typer.Option("--fail-under", help="Exit with 1 when a number is below the floor in this file.")
]
NewFloors = Annotated[Path | None, typer.Option(help="Write floors to this file, a margin below what was reached.")]
Margin = Annotated[float, typer.Option(min=0.0, max=1.0, help="For --write-floors.")]
Borderline = Annotated[bool, typer.Option("--borderline", help="Count the rows marked as borderline, too.")]


def evaluate(
    files: Files,
    config: Config = None,
    ablate: Ablate = False,
    json_out: Out = None,
    fail_under: Floors = None,
    write_floors: NewFloors = None,
    margin: Margin = 0.03,
    borderline: Borderline = False,
    skip_bad: SkipBad = False,
) -> None:
    """Measure the detector on labelled sentences and dialogues: by language, source and phenomenon."""
    from rasa_handoff.evaluation import ablation, floors, tables
    from rasa_handoff.evaluation.configured import judge as configured_judge
    from rasa_handoff.evaluation.labels import examples
    from rasa_handoff.evaluation.results import tree
    from rasa_handoff.evaluation.scoring import needless, score

    screen = console()
    with plain_errors():
        judge, bad = configured_judge(config), Skipped(skip_bad)
        wanted = floors.load(fail_under) if fail_under else {}
        read = [one for file in files for one in examples(file, bad.deal) if borderline or not one.borderline]
        scored = score(read, judge)
        results, unneeded = tree(scored), needless(scored)
    for table in tables.tables(results):
        screen.print(table)
    if unneeded:
        screen.print(tables.needless_table(unneeded))
    numbers: dict[str, Any] = {"examples": len(read), "skipped": bad.count, "tasks": results, "needless": unneeded}
    if ablate:
        numbers["ablation"] = ablation.ablate(read, judge, results, ablation.signals_seen(read, judge))
        screen.print(tables.ablation_table(numbers["ablation"]))
    if json_out:
        json_out.write_text(json.dumps(numbers, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if write_floors:
        write_floors.write_text(json.dumps(floors.of(results, margin), indent=1) + "\n", encoding="utf-8")
    if failures := list(floors.broken(results, wanted)):
        for failure in failures:
            told(failure)
        raise typer.Exit(1)
