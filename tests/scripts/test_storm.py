"""A small storm, and a checker that would notice."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from rasa_handoff.stores.sql.database import Database
from scripts.storm.checker import check
from scripts.storm.driver import Storm, rage

SMALL = Storm(workers=2, agents=6, handoffs=24, kills=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'storm.sqlite'}"
    return str(request.getfixturevalue("postgres_url"))


def test_a_storm_breaks_nothing_and_a_log_that_was_tampered_with_is_noticed(url: str) -> None:
    verdict, _ = rage(url, SMALL)
    assert verdict.broken == []
    assert verdict.counts["started"] == verdict.counts["handed_back"] == SMALL.handoffs
    assert verdict.counts["offer_expired"] + verdict.counts["declined"] > 0
    for tampering, said in TAMPERINGS.items():
        _tamper(url, tampering)
        assert any(said in one for one in check(url, SMALL.handoffs).broken), tampering


TAMPERINGS = {
    "DELETE FROM log WHERE kind = 'accepted'": "who did not have it",
    "DELETE FROM log WHERE seq = (SELECT max(seq) FROM log WHERE kind = 'handed_back')": "is stuck",
    "UPDATE agents SET active_chats = active_chats + 1 WHERE id = 'a003'": "is counted",
    "UPDATE effects SET state = 'pending' WHERE kind = 'Wake'": "the timer",
}


def _tamper(url: str, statement: str) -> None:
    database = Database(url)
    with database.write() as connection:
        connection.execute(text(statement))
    database.close()


def test_two_owners_at_once_and_too_many_conversations_are_noticed(url: str) -> None:
    rage(url, Storm(workers=1, agents=3, handoffs=6, kills=0))
    database = Database(url)
    with database.write() as connection:
        rows = connection.execute(text("SELECT seq, data FROM log WHERE kind = 'offered' ORDER BY seq")).all()
        for row in rows:
            data = row.data if isinstance(row.data, dict) else json.loads(row.data)
            plain = json.dumps(data | {"agent_id": "a000"})
            connection.execute(text("UPDATE log SET data = :data WHERE seq = :seq"), {"data": plain, "seq": row.seq})
    database.close()
    broken = "\n".join(check(url, 6).broken)
    assert "while a000 was asked" in broken
