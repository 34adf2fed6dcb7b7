"""A simulation for people: tables for a terminal, and one HTML file that needs nothing else."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from rich.table import Table

from rasa_handoff.evaluation import svg
from rasa_handoff.evaluation.tables import shown
from rasa_handoff.simulation.playing import Needed
from rasa_handoff.simulation.results import Numbers, Outcome
from rasa_handoff.simulation.scenario import Scenario


def html(scenario: Scenario, found: Outcome, needed: Needed | None, source: str, now: datetime) -> str:
    """The page. `now` is when it was made, aware."""
    loader = ChoiceLoader([PackageLoader("rasa_handoff.simulation"), PackageLoader("rasa_handoff.evaluation")])
    templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return templates.get_template("report.html").render(
        scenario=scenario,
        found=found,
        whole=found.whole,
        needed=needed,
        staffing=_staffing(needed) if needed else "",
        waits=svg.bars([(label, count, f"{count:,}") for label, count in found.waits]),
        hours=_hours(found),
        target=f"{scenario.target.within:g} s",
        source=source,
        made=now.strftime("%Y-%m-%d %H:%M UTC"),
    )


def tables(scenario: Scenario, found: Outcome, needed: Needed | None) -> Iterator[Table]:
    """The whole, by priority and by kind; and the search for the number of agents."""
    target = f"within {scenario.target.within:g} s"
    if needed:
        title = f"{needed.count} in {needed.team} reach {scenario.target.share:.0%} {target}"
        search = Table(f"agents in {needed.team}", target, title=title, title_justify="left")
        for count, share in needed.tried:
            search.add_row(str(count), f"{share:.1%}")
        yield search
    title = f"{found.whole.customers:,} customers, occupancy {_percent(found.occupancy)}"
    if len(found.withins) > 1:
        title += f"; {target} from {min(found.withins):.1%} to {max(found.withins):.1%} by run"
    if found.kept is not None:
        title += f"; the announced P90 held for {found.kept:.1%} of {found.promised:,}"
    table = Table("", title=title, title_justify="left")
    for column in ("customers", target, "left", "unanswered", "mean wait", "P50", "P90"):
        table.add_column(column, justify="right")
    _add(table, {"all": found.whole})
    _add(table, {f"priority {priority}": one for priority, one in found.by_priority.items()})
    _add(table, found.by_kind)
    yield table


def _add(table: Table, rows: Mapping[str, Numbers]) -> None:
    table.add_section()
    for name, one in rows.items():
        waits = (_seconds(one.mean_wait), _seconds(one.p50), _seconds(one.p90))
        shares = (f"{one.within:.1%}", f"{one.abandonment:.1%}")
        table.add_row(shown(name), f"{one.customers:,}", *shares, f"{one.unanswered:,}", *waits)


def _staffing(needed: Needed) -> Markup:
    points = [(float(count), share) for count, share in needed.tried]
    title = "; ".join(f"{count}: {_percent(share)}" for count, share in needed.tried)
    return svg.line(points, float(needed.count), f"Share in time by agents in {needed.team}: {title}")


def _hours(found: Outcome) -> Markup:
    rows = [
        (f"{hour}:00", round(one.within * 1000), f"{_percent(one.within)} of {one.customers:,}")
        for hour, one in found.by_hour.items()
    ]
    return svg.bars(rows)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share * 100:.1f}%"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} s"
