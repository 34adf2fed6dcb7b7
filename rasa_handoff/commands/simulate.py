"""`rasa-handoff simulate`: how long customers would wait, and how many agents are needed."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rasa_handoff.commands.common import Config, console, plain_errors
from rasa_handoff.commands.progress import watched
from rasa_handoff.core.backports import UTC

if TYPE_CHECKING:
    from rasa_handoff.settings import Settings
    from rasa_handoff.simulation.scenario import Scenario

File = Annotated[Path | None, typer.Argument(help="The scenario: YAML or JSON.", metavar="[SCENARIO]")]
Find = Annotated[str | None, typer.Option(metavar="TEAM", help="How many agents in this team reach the target.")]
Runs = Annotated[int | None, typer.Option(min=1, help="Instead of the scenario's.")]
Seed = Annotated[int | None, typer.Option(help="Instead of the scenario's.")]
Out = Annotated[Path | None, typer.Option(help="Write the report, one HTML file.")]
JsonOut = Annotated[Path | None, typer.Option("--json", help="Write the numbers.")]
History = Annotated[int | None, typer.Option(metavar="DAYS", min=1, help="A scenario from the store's last days.")]
Save = Annotated[Path | None, typer.Option(help="Write the scenario that --history made, to be changed and played.")]


def simulate(
    file: File = None,
    history: History = None,
    save: Save = None,
    find: Find = None,
    runs: Runs = None,
    seed: Seed = None,
    out: Out = None,
    json_out: JsonOut = None,
    config: Config = None,
) -> None:
    """Play customers and agents of a scenario through the real routing: waits, occupancy, agents needed.

    Nothing is sent and no store is written to.
    """
    from rasa_handoff.simulation import report
    from rasa_handoff.simulation.kinds import check
    from rasa_handoff.simulation.playing import needed, play
    from rasa_handoff.simulation.results import as_json

    with plain_errors():
        source = file or save or Path("history")
        scenario = _read(file, history, save)
        scenario = scenario.model_copy(update=_given(runs=runs, seed=seed))
        settings = scenario.settings or _settings(config)
        check(scenario, settings, source)
        with watched() as passed:
            search = needed(scenario, settings, find, passed) if find else None
            found = search.outcome if search else play(scenario, settings, passed)
    for table in report.tables(scenario, found, search):
        console(120).print(table)
    if json_out:
        numbers = as_json(found)
        if search:
            numbers["needed"] = {"team": search.team, "count": search.count, "tried": dict(search.tried)}
        json_out.write_text(json.dumps(numbers, indent=1) + "\n", "utf-8")
    if out:
        out.write_text(report.html(scenario, found, search, source.name, datetime.now(UTC)), "utf-8")
        typer.echo(f"The report is in {out}.")


def _given(**options: int | None) -> dict[str, int]:
    return {name: value for name, value in options.items() if value is not None}


def _settings(config: Path | None) -> "Settings":
    from rasa_handoff.evaluation.configured import settings

    return settings(config)


def _read(file: Path | None, history: int | None, save: Path | None) -> "Scenario":
    from rasa_handoff.core.errors import BadInput
    from rasa_handoff.simulation.scenario import Scenario, load_scenario

    if (file is None) == (history is None):
        raise BadInput("Name a scenario file, or --history DAYS.")
    if file is not None:
        return load_scenario(file)
    tree = _remembered(history or 0)
    if save:
        save.write_text(json.dumps(tree, indent=1, ensure_ascii=False) + "\n", "utf-8")
        typer.echo(f"The scenario is in {save}.")
    return Scenario.model_validate(tree)


def _remembered(days: int) -> dict[str, object]:
    from rasa_handoff.settings import load_environment
    from rasa_handoff.simulation.history import from_history
    from rasa_handoff.stores import open_store

    return from_history(open_store(load_environment().database_url), days, datetime.now(UTC))
