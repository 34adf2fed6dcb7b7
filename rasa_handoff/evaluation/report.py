"""The replay's report: one HTML file that needs nothing else. What customers wrote is escaped by the template."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rasa_handoff.core.decision import Reason
from rasa_handoff.core.thresholds import Detection
from rasa_handoff.evaluation import svg
from rasa_handoff.evaluation.totals import MOST_TURNS, ToRead, Totals, share
from rasa_handoff.evaluation.variants import Variant, numbers

REASONS = {
    Reason.SENSITIVE_TOPIC: "Sensitive topic",
    Reason.POLICY_REQUIRED: "Policy",
    Reason.CUSTOMER_REQUESTED: "Asked for a person",
    Reason.HIGH_FRUSTRATION: "Frustrated",
    Reason.LOW_CONFIDENCE: "Bot unsure",
    Reason.MAX_TURNS_EXCEEDED: "Going in circles",
    Reason.COMPLEX_ISSUE: "Complex issue",
}


@dataclass(frozen=True, slots=True)
class Sweep:
    """How the handoff rate follows one setting."""

    setting: str
    current: float
    chart: Markup


@dataclass(frozen=True, slots=True)
class Asked:
    """A row of the what-if table."""

    label: str
    rate: str
    change: str
    new: int
    gone: int
    earlier: int
    later: int


def html(totals: Totals, detection: Detection, variants: Sequence[Variant], source: str, now: datetime) -> str:
    """The page. `now` is when it was made, aware."""
    templates = Environment(
        loader=PackageLoader("rasa_handoff.evaluation"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return templates.get_template("report.html").render(
        totals=totals,
        source=source,
        made=now.strftime("%Y-%m-%d %H:%M UTC"),
        rate=_percent(totals.rate),
        reasons=_by_reason(totals),
        turns=_by_turn(totals),
        sweeps=list(_sweeps(totals, detection, variants)),
        asked=list(_asked(totals, variants)),
        first=list(_first(totals)),
        threshold=detection.frustration_threshold,
        settings=numbers(detection),
    )


def _by_reason(totals: Totals) -> Markup:
    rows = [(words, totals.reasons[reason.value]) for reason, words in REASONS.items()]
    return svg.bars([(words, n, f"{n:,} · {_percent(share(n, totals.handoffs))}") for words, n in rows])


def _by_turn(totals: Totals) -> Markup:
    names = {MOST_TURNS: f"message {MOST_TURNS} or later"}
    last = max(totals.turns, default=1)
    return svg.bars(
        [
            (names.get(turn, f"message {turn}"), totals.turns[turn], f"{totals.turns[turn]:,}")
            for turn in range(1, last + 1)
        ]
    )


def _sweeps(totals: Totals, detection: Detection, variants: Sequence[Variant]) -> Iterator[Sweep]:
    if not totals.episodes:
        return
    for setting, current in numbers(detection).items():
        swept = sorted((one.value, one.label) for one in variants if one.setting == setting and one.value is not None)
        points = [(value, share(totals.what_ifs[label].handoffs, totals.episodes)) for value, label in swept]
        if len(points) > 1:
            title = "; ".join(f"{value:g}: {_percent(rate)}" for value, rate in points)
            yield Sweep(setting, current, svg.line(points, current, f"Handoff rate by {setting}: {title}"))


def _asked(totals: Totals, variants: Sequence[Variant]) -> Iterator[Asked]:
    for variant in variants:
        if variant.asked and (found := totals.what_ifs.get(variant.label)):
            rate = share(found.handoffs, totals.episodes)
            change = f"{(rate - totals.rate) * 100:+.1f} points"
            yield Asked(variant.label, _percent(rate), change, found.new, found.gone, found.earlier, found.later)


def _first(totals: Totals) -> Iterator[tuple[str, int, list[ToRead]]]:
    for reason, words in REASONS.items():
        if found := totals.first.get(reason.value):
            yield words, totals.reasons[reason.value], found


def _percent(part: float) -> str:
    return f"{part * 100:.1f}%"
