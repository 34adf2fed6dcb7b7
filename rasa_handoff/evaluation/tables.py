"""Results as tables for a terminal, and a stranger's text made safe for one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from rasa_handoff.core.decision import Reason
from rasa_handoff.evaluation.ablation import measures
from rasa_handoff.evaluation.results import ALL, Numbers, Tree
from rasa_handoff.evaluation.totals import Totals, share
from rasa_handoff.evaluation.variants import Variant

_TITLES = {
    "request": "Asks for a person (customer_requested)",
    "policy": "Policy topics (policy_required)",
    "sensitive": "Sensitive topics (sensitive_topic)",
    "dissatisfied": "Dissatisfied: single messages (frustration score)",
    "frustrated": "Frustrated: turns of dialogues (frustration score)",
    "handover": "Dialogues: handed over at all",
    "timing": "Dialogues: when (Golden Transfer within Tolerance)",
    "details": "Key details",
}
_WHOLE = frozenset(
    {"n", "positive", "tp", "fp", "on_time", "early", "late", "missed", "needless", "rightly_stayed", "asked_first"}
)
_HEADS = {"false_alarms": "false alarms ‰", "auc": "AUC", "f1": "F1", "right_reason": "right reason"}
_CUT = 240


def tables(results: Tree) -> Iterator[Table]:
    """One for each task: overall first, then by language, source, phenomenon ..."""
    for task, kinds in results.items():
        columns = list(kinds[ALL][ALL])
        table = Table(title=_TITLES[task], title_justify="left", title_style="bold")
        table.add_column("")
        for column in columns:
            table.add_column(_HEADS.get(column, column.replace("_", " ")), justify="right")
        for kind, named in kinds.items():
            table.add_section()
            for name, numbers in sorted(named.items()):
                title = name if kind == ALL else f"{kind} {name}"
                table.add_row(shown(title), *(_cell(column, numbers) for column in columns))
        yield table


def needless_table(found: Sequence[Mapping[str, Any]]) -> Table:
    """The dialogues that would have got a person nobody needed, so that they can be read."""
    table = Table(title="Handed over, or asked, though nobody was needed", title_justify="left", title_style="bold")
    for column in ("where", "phenomenon", "language", "turn", "reason", "decision"):
        table.add_column(column)
    for one in found:
        told = (one["where"], one.get("phenomenon", "-"), one.get("language", "-"))
        table.add_row(*map(shown, told), str(one["turn"]), str(one["reason"]), str(one["decision"]))
    return table


def ablation_table(changed: Mapping[str, Numbers]) -> Table:
    """What is lost without each signal; measures as told in the columns' heads."""
    tasks = list(dict.fromkeys(task for numbers in changed.values() for task in numbers))
    table = Table(title="Switched off, and what changes", title_justify="left", title_style="bold")
    table.add_column("without")
    for task in tasks:
        table.add_column(f"{task} {measures(task).upper()}", justify="right")
    for name, numbers in sorted(changed.items(), key=lambda one: min(one[1].values())):
        cells = (f"{numbers[task]:+.3f}" if numbers.get(task) else "·" for task in tasks)
        table.add_row(shown(name), *cells)
    return table


def shown(text: str, most: int = _CUT) -> Text:
    """Somebody's text for a terminal: cut, and with nothing in it that a terminal would obey."""
    cut = text if len(text) <= most else f"{text[:most]} ... ({len(text):,} characters)"
    return Text("".join(one if one.isprintable() or one == "\n" else "\N{REPLACEMENT CHARACTER}" for one in cut))


def _cell(column: str, numbers: Mapping[str, Any]) -> str:
    value = numbers.get(column)
    if value is None:
        return "-"
    if column in _WHOLE:
        return str(value)
    return f"{value:.1f}" if column == "false_alarms" else f"{value:.3f}"


def replay_tables(totals: Totals, variants: Sequence[Variant]) -> Iterator[Table]:
    """By reason; and what other settings would do, those that change anything or were asked for."""
    title = f"{totals.handoffs:,} handoffs in {totals.episodes:,} episodes ({totals.rate:.1%})"
    title += f" of {totals.conversations:,} conversations; {totals.kinds['offer']:,} of them asked about first"
    table = Table("reason", title=title, title_justify="left")
    table.add_column("handoffs", justify="right")
    for reason in Reason:
        table.add_row(reason.value, str(totals.reasons[reason.value]))
    yield table
    if rows := [row for variant in variants if (row := _what_if(totals, variant))]:
        changes = Table("what if", title="With other settings", title_justify="left")
        for column in ("rate", "new", "gone", "earlier", "later"):
            changes.add_column(column, justify="right")
        for row in rows:
            changes.add_row(*row)
        yield changes


def _what_if(totals: Totals, variant: Variant) -> tuple[Text | str, ...] | None:
    found = totals.what_ifs.get(variant.label)
    if found is None or not (variant.asked or found.new or found.gone or found.earlier or found.later):
        return None
    rate = share(found.handoffs, totals.episodes)
    counts = (str(count) for count in (found.new, found.gone, found.earlier, found.later))
    return (shown(variant.label), f"{rate:.1%}", *counts)
