"""What the demo prints of the system's answers besides the chat."""

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table

from scripts.clients import Json

COLOURS = {"customer": "cyan", "bot": "green", "agent": "magenta", "system": "yellow"}


def chat_line(console: Console, line: Json) -> None:
    """A line of the chat as the customer sees it: who, what."""
    author = str(line["author"])
    name = escape(str(line["name"] or author))
    console.print(f"[{COLOURS.get(author, 'white')}]{name:>13}[/]  {escape(str(line['text']))}", highlight=False)


def title(console: Console, text: str) -> None:
    console.print()
    console.print(Rule(f"[bold]{text}[/]", align="left"))


def decision(whole: Json) -> Table:
    """The reason, and each fact it rests on."""
    table = Table("reason", "signal", "found", "limit", "turn", "in words", title="Decision", title_justify="left")
    details = whole["package"]["key_details"]
    for fact in details["evidence"]:
        limit = "" if fact["threshold"] is None else str(fact["threshold"])
        cells = (details["reason"], fact["signal"], str(fact["value"]), limit, str(fact["turn"]), fact["words"])
        table.add_row(*map(escape, cells))
    return table


def choice(handoff: Json, agent: Json) -> Table:
    """Who was chosen, and the facts that made it so."""
    table = Table("", "needed", handoff["agent_name"], title="Chosen agent", title_justify="left")
    need = handoff["need"]
    table.add_row("department", need["department"], agent["department"])
    table.add_row("language", need["language"], ", ".join(sorted(agent["languages"])))
    table.add_row("skills", ", ".join(sorted(need["skills"])) or "any", ", ".join(sorted(agent["skills"])))
    table.add_row("chats", "a free place", f"{agent['active_chats']} of {agent['max_chats']}, this one included")
    return table


def package(layers: Json) -> Panel:
    """The context package: summary, then details, then the transcript."""
    summary, details, transcript = layers["summary"], layers["key_details"], layers["transcript"]
    grid = Table.grid(padding=(0, 2))
    grid.add_row("[bold]Summary", escape(" ".join(summary["sentences"])))
    grid.add_row("", f"[dim]source: {escape(summary['source'])} ({summary['state']})[/]")
    for detail in details["details"]:
        grid.add_row(f"[bold]{escape(detail['kind'])}", escape(detail["value"]))
    grid.add_row("[bold]intent", escape(str(details["intent"])))
    grid.add_row("[bold]sentiment", details["sentiment_trend"])
    for tried in details["attempted_solutions"]:
        grid.add_row("[bold]tried", escape(tried))
    for line in transcript:
        grid.add_row(f"[dim]{line['author']}", f"[dim]{escape(line['text'])}")
    return Panel(grid, title="Context package", title_align="left")


def memory(slots: Json) -> Table:
    """What the bot's own tracker holds after the hand back."""
    table = Table("slot", "value", title="In the bot's tracker", title_justify="left")
    handoff = slots["handoff"]
    facts = {
        "handoff_status": slots["handoff_status"],
        "handoff.agent_name": handoff["agent_name"],
        "handoff.outcome": handoff["outcome"],
        "handoff.note": handoff["note"],
        "order_id": slots["order_id"],
    }
    for name, value in facts.items():
        table.add_row(name, escape(str(value)))
    return table
