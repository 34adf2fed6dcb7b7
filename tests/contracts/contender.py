"""Another process on the same database: `contender.py URL (upgrade | pick AGENT HANDOFF ... | die HANDOFF)`."""

import os
import signal
import sys
from datetime import datetime

from sqlalchemy import text

from rasa_handoff.core.backports import UTC  # it runs without pytest, on 3.10 too
from rasa_handoff.core.errors import AgentBusy, Conflict, Refused
from rasa_handoff.core.handoff import Accepted
from rasa_handoff.core.step import step
from rasa_handoff.stores import open_store
from rasa_handoff.stores.migrations import upgrade
from rasa_handoff.stores.sql.database import Database


def pick(url: str, agent_id: str, *handoff_ids: str) -> None:
    """Take every handoff for the agent that can be had; print how many it were."""
    store = open_store(url)
    taken = 0
    for handoff_id in handoff_ids:
        handoff, now = store.get(handoff_id), datetime.now(UTC)
        try:
            event = Accepted(agent_id, "Ana")
            store.commit(handoff, step(handoff, event, now), event, now)
            taken += not handoff.holders
        except (AgentBusy, Conflict, Refused):
            pass
    print(taken)


def die(url: str, handoff_id: str) -> None:
    """Be killed after the statement and before the commit."""
    with Database(url).write() as connection:
        connection.execute(text("UPDATE handoffs SET version = 99 WHERE id = :id"), {"id": handoff_id})
        os.kill(os.getpid(), signal.SIGKILL)


print("ready", flush=True)
sys.stdin.readline()
{"upgrade": upgrade, "pick": pick, "die": die}[sys.argv[2]](sys.argv[1], *sys.argv[3:])
