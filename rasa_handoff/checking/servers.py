"""The action server and the desk."""

from collections.abc import Iterator

from rasa_handoff.checking.bot import ACTIONS
from rasa_handoff.checking.findings import Finding, Situation, State, ask


def action_server(situation: Situation) -> Iterator[Finding]:
    """It runs, and has our actions."""
    url, start = situation.addresses.actions, "python -m rasa_sdk --actions actions"
    names = {one["name"] for one in ask(situation.http, "The action server", f"{url}/actions", start)}
    if lacking := [name for name in ACTIONS if name not in names]:
        what = f"the one at {url} does not have {', '.join(lacking)}"
        mend = "import rasa_handoff.actions in a module under actions/, then start it again"
        yield Finding("action server", State.WRONG, what, mend)
    else:
        yield Finding("action server", State.OK, f"serves our actions at {url}")


def desk(situation: Situation) -> Iterator[Finding]:
    """It runs, and its courier does."""
    url = situation.addresses.desk
    mends = {503: f"curl {url}/healthz says which part; its log says why"}
    told = ask(situation.http, "The desk", f"{url}/healthz", "rasa-handoff desk", mends=mends)
    yield Finding("desk", State.OK, f"{told['status']} at {url}; the courier is {told['courier']}")
