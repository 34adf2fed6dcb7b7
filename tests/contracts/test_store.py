"""What every store promises of handoffs, their packages and their log."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Event as Flag
from threading import Thread
from time import sleep

import pytest
from sqlalchemy import insert

from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.errors import AgentBusy, Conflict, Duplicate, NotFound
from rasa_handoff.core.handoff import (
    Accepted,
    CustomerMessaged,
    Declined,
    HandedBack,
    Need,
    Offered,
    Outcome,
    SuspendedLoop,
)
from rasa_handoff.core.package import SummaryState
from rasa_handoff.core.summarised import SummaryWritten
from rasa_handoff.stores.sql.database import Database, Turn
from rasa_handoff.stores.tables import log

ODD_TEXTS = {
    "emoji": "👩‍👩‍👧 please 🙏",
    "right to left": "أريد التحدث إلى موظف",
    "100 kB": "ß" * 50_000,
    "NUL": "before\x00after",
    "quotes": """'; DROP TABLE handoffs; -- "\\u0000" %s :x""",
}


def test_a_handoff_comes_back_as_it_was_stored(world):
    stored = world.begin(suspended=SuspendedLoop("refund_form", "iban"), priority=2, with_model=True)
    assert world.store.get(stored.id) == stored
    assert world.store.newest("c1") == stored
    assert stored.summary.state is SummaryState.PENDING


def test_a_package_comes_back_as_it_was_stored(world):
    handoff = world.begin()
    assert world.store.package(handoff.id) == world.package("c1")


def test_what_does_not_exist_is_not_found(world):
    assert world.store.newest("c1") is None
    assert world.store.log("nothing") == []
    with pytest.raises(NotFound):
        world.store.get("nothing")
    with pytest.raises(NotFound):
        world.store.package("nothing")


def test_a_repeated_open_returns_the_same_handoff_and_writes_nothing(world):
    first = world.begin()
    assert world.begin(id="another") == first
    assert [entry.kind for entry in world.store.feed(0)] == ["started"]
    assert len(world.claim()) == 1


def test_threads_that_open_at_once_get_the_same_handoff(world):
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda n: world.begin(id=f"handoff {n}"), range(8)))
    assert len({handoff.id for handoff in opened}) == 1
    assert len(world.store.handoffs()) == 1


def test_a_closed_handoff_makes_room_for_a_new_one(world):
    world.agent()
    first = world.close(world.begin())
    second = world.begin(id="the second")
    assert world.store.newest("c1") == second
    assert world.store.get(first.id).outcome is Outcome.RESOLVED


def test_a_commit_raises_the_version(world):
    world.agent()
    before = world.begin()
    after = world.do(before, Accepted("ana", "Ana"))
    assert after.version == before.version + 1
    assert world.store.get(before.id) == after


def test_a_commit_on_an_old_version_conflicts_and_writes_nothing(world):
    world.agent()
    old = world.begin()
    new = world.do(old, Accepted("ana", "Ana"))
    with pytest.raises(Conflict):
        world.do(old, CustomerMessaged("m1", "hello", world.now))
    assert world.store.get(old.id) == new
    assert [entry.kind for entry in world.store.log(old.id)] == ["started", "accepted"]


def test_a_commit_on_a_handoff_that_was_never_stored_conflicts(world):
    stranger = replace(world.begin(), id="stranger")
    with pytest.raises(Conflict):
        world.do(stranger, CustomerMessaged("m1", "hello", world.now))


def test_of_two_commits_at_once_one_conflicts(world):
    handoff = world.begin()

    def message(n):
        try:
            return world.do(handoff, CustomerMessaged(f"m{n}", "hello", world.now), key=f"m{n}")
        except Conflict:
            return None

    with ThreadPoolExecutor(8) as pool:
        written = [after for after in pool.map(message, range(8)) if after]
    assert written == [world.store.get(handoff.id)]


def test_an_event_with_a_known_key_is_a_duplicate_and_writes_nothing(world):
    handoff = world.begin()
    after = world.do(handoff, CustomerMessaged("m1", "hello", world.now), key="m1")
    for version in (handoff, after):
        with pytest.raises(Duplicate):
            world.do(version, CustomerMessaged("m1", "hello", world.now), key="m1")
    assert world.store.get(handoff.id) == after
    assert len(world.store.log(handoff.id)) == 2


def test_keys_of_different_handoffs_and_missing_keys_do_not_collide(world):
    for conversation_id in ("c1", "c2"):
        handoff = world.do(world.begin(conversation_id), CustomerMessaged("m1", "a", world.now), key="m1")
        handoff = world.do(handoff, CustomerMessaged("m2", "b", world.now))
        world.do(handoff, CustomerMessaged("m3", "c", world.now))
        assert [entry.key for entry in world.store.log(handoff.id)] == [None, "m1", None, None]


def test_nothing_is_half_written_when_the_agent_has_no_place(world):
    world.agent(max_chats=1)
    world.do(world.begin("c1"), Accepted("ana", "Ana"))
    waiting = world.begin("c2")
    world.settle()
    with pytest.raises(AgentBusy):
        world.do(waiting, Accepted("ana", "Ana"), key="k")
    assert world.store.get(waiting.id) == waiting
    assert [entry.kind for entry in world.store.log(waiting.id)] == ["started"]
    assert world.claim() == []
    world.do(waiting, CustomerMessaged("m1", "still there?", world.now), key="k")


def test_a_process_killed_before_its_commit_leaves_nothing_behind(sql_world, contend):
    handoff = sql_world.begin()
    (process,) = contend(sql_world.url, "die", handoff.id)
    assert process.wait(30) < 0
    after = sql_world.do(handoff, CustomerMessaged("m1", "hello", sql_world.now))
    assert after.version == handoff.version + 1


def test_the_log_says_what_happened_in_order(world):
    world.agent()
    handoff = world.do(world.begin(), Offered("ana", "Ana", ("the best",)))
    picture = Attachment("https://example.org/a.png", "image")
    handoff = world.do(handoff, CustomerMessaged("m1", "hello", world.now, (picture,)), key="m1")
    started, offered, messaged = world.store.log(handoff.id)
    assert started.data["reason"] == "customer_requested"
    assert [fact["words"] for fact in started.data["evidence"]] == [
        "Customer said: human please",
        "Frustration score: 0.82",
    ]
    assert started.data["summary"]["sentences"] == ["Wants a refund."]
    assert (offered.kind, offered.data) == (
        "offered",
        {"agent_id": "ana", "agent_name": "Ana", "why": ["the best"], "again": False},
    )
    assert (messaged.kind, messaged.key, messaged.at) == ("customer_messaged", "m1", world.now)
    assert messaged.data == {
        "message_id": "m1",
        "text": "hello",
        "sent_at": "2026-03-01T12:00:00Z",
        "attachments": [{"url": "https://example.org/a.png", "kind": "image"}],
        "via": "",
    }
    assert world.store.log(handoff.id, after=offered.seq) == [messaged]


def test_the_feed_tells_of_all_handoffs_and_goes_on_where_it_was_left(world):
    assert world.store.last_seq() == 0
    for conversation_id in ("c1", "c2", "c3"):
        world.begin(conversation_id)
    first, second, third = world.store.feed(0)
    assert [entry.conversation_id for entry in (first, second, third)] == ["c1", "c2", "c3"]
    assert world.store.feed(first.seq, limit=1) == [second]
    assert world.store.feed(third.seq) == []
    assert world.store.last_seq() == third.seq


def test_whoever_follows_the_feed_misses_nothing_while_many_write(world):
    handoffs = [world.begin(f"c{n}") for n in range(6)]
    finished, seen = Flag(), []

    def follow():
        while True:
            last_round = finished.is_set()
            seen.extend(world.store.feed(seen[-1].seq if seen else 0, limit=7))
            if last_round and seen[-1].seq == world.store.last_seq():
                return
            sleep(0.001)  # one that never sleeps keeps the writers from Python's lock

    def write(handoff):
        for n in range(25):
            handoff = world.do(handoff, CustomerMessaged(f"m{n}", "hello", world.now), key=f"m{n}")

    reader = Thread(target=follow, daemon=True)
    reader.start()
    try:
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(write, handoffs))
    finally:
        finished.set()
    reader.join(60)
    assert seen == world.store.feed(0)
    assert len(seen) == 6 * 26


def test_no_later_entry_is_seen_while_an_earlier_one_is_uncommitted(sql_world):
    handoff = sql_world.begin()
    database = Database(sql_world.url)
    entry = {"handoff_id": handoff.id, "conversation_id": "c1", "kind": "early", "at": sql_world.now, "data": {}}
    with database.write() as connection:
        database.take_turn(connection, Turn.NUMBERING)
        connection.execute(insert(log).values(**entry))
        message = CustomerMessaged("m1", "late", sql_world.now)
        late = Thread(target=sql_world.do, args=(handoff, message), daemon=True)
        late.start()
        late.join(0.5)
        assert [entry.kind for entry in sql_world.store.feed(0)] == ["started"]
    late.join(30)
    database.close()
    assert [entry.kind for entry in sql_world.store.feed(0)] == ["started", "early", "customer_messaged"]


def test_open_handoffs_are_listed_in_queue_order_and_closed_ones_after_them_newest_first(world):
    world.agent(max_chats=9)
    for conversation_id in ("old", "newer"):
        world.close(world.begin(conversation_id))
    world.begin("later", queued_at=world.now + timedelta(seconds=1))
    world.begin("first")
    world.do(world.begin("urgent", priority=5), Accepted("ana", "Ana"))
    assert _conversations(world.store.handoffs()) == ["urgent", "first", "later"]
    assert _conversations(world.store.handoffs(open_only=False)) == ["urgent", "first", "later", "newer", "old"]
    assert _conversations(world.store.handoffs(open_only=False, limit=4)) == ["urgent", "first", "later", "newer"]
    assert _conversations(world.store.waiting()) == ["first", "later"]


def test_an_agent_finds_the_handoffs_they_hold_and_held(world):
    world.agent("ana")
    world.agent("bo")
    world.close(world.begin("closed by ana"))
    world.do(world.begin("held by ana"), Accepted("ana", "Ana"))
    world.do(world.begin("held by bo"), Accepted("bo", "Bo"))
    world.begin("nobody's")
    assert _conversations(world.store.handoffs(agent_id="ana")) == ["held by ana"]
    assert _conversations(world.store.handoffs(agent_id="ana", open_only=False)) == ["held by ana", "closed by ana"]


def test_the_handoffs_of_departments_and_those_of_an_agent_or_of_a_department(world):
    world.agent("ana")
    world.begin("sales", need=Need("sales"))
    world.do(world.begin("held by ana", need=Need("trust")), Accepted("ana", "Ana"))
    world.close(world.begin("closed by ana"))
    assert _conversations(world.store.handoffs(departments=["sales", "none"])) == ["sales"]
    assert _conversations(world.store.handoffs(departments=[])) == []
    found = world.store.handoffs(agent_id="ana", departments=["sales"], open_only=False)
    assert sorted(_conversations(found[:2])) == ["held by ana", "sales"]
    assert _conversations(found[2:]) == ["closed by ana"]


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS.keys())
def test_any_text_comes_back_as_it_was_written(world, text):
    world.agent(name=text)
    handoff = world.begin()
    handoff = world.do(handoff, CustomerMessaged("m1", text, world.now), key="m1")
    handoff = world.do(handoff, SummaryWritten((text,), "model"))
    handoff = world.do(handoff, Accepted("ana", text))
    handoff = world.do(handoff, HandedBack("ana", Outcome.RESOLVED, text, {"answer": text, text: [text]}))
    assert world.store.get(handoff.id) == handoff
    assert world.store.log(handoff.id)[1].data["text"] == text
    assert world.store.agent("ana").name == text


@pytest.mark.parametrize("conversation_id", ["a/b/../c?d#e", "été 👋", "", "a\x00b", "x" * 500])
def test_any_conversation_id_is_found_again(world, conversation_id):
    handoff = world.begin(conversation_id)
    assert world.store.newest(conversation_id) == handoff
    assert world.begin(conversation_id, id="another") == handoff
    assert world.store.get(handoff.id).conversation_id == conversation_id


def test_half_a_character_does_not_stop_the_message(world):
    handoff = world.do(world.begin("c\ud83d"), CustomerMessaged("m\ud83d", "so sad \ud83d", world.now), key="m\ud83d")
    assert world.store.newest("c\ud83d").version == handoff.version
    assert world.store.log(handoff.id)[1].data["text"].startswith("so sad ")


def test_an_agent_who_declines_is_remembered(world):
    world.agent()
    handoff = world.do(world.do(world.begin(), Offered("ana", "Ana")), Declined("ana"))
    assert world.store.get(handoff.id).passed_by == {"ana"}


def test_an_agent_is_never_given_more_than_they_can_hold_by_16_threads(world):
    world.agent(max_chats=3)
    handoffs = [world.begin(f"c{n}") for n in range(16)]

    def take(handoff):
        try:
            return world.do(handoff, Accepted("ana", "Ana"))
        except AgentBusy:
            return None

    with ThreadPoolExecutor(16) as pool:
        taken = [handoff for handoff in pool.map(take, handoffs) if handoff]
    assert len(taken) == 3
    assert world.store.agent("ana").active_chats == 3
    assert len(world.store.handoffs(agent_id="ana")) == 3


def test_an_agent_is_never_given_more_than_they_can_hold_by_4_processes(sql_world, contend):
    sql_world.agent(max_chats=3)
    handoffs = [sql_world.begin(f"c{n}").id for n in range(12)]
    processes = contend(sql_world.url, "pick", "ana", *handoffs, times=4)
    taken = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert sum(taken) == 3
    assert sql_world.store.agent("ana").active_chats == 3


def _conversations(handoffs):
    return [handoff.conversation_id for handoff in handoffs]
