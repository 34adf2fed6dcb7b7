"""What a handoff's steps come to in Chatwoot."""

from datetime import timedelta

import pytest

from rasa_handoff.channel import Opened
from rasa_handoff.channels.chatwoot.channel import ChatwootChannel
from rasa_handoff.core.errors import Refused, Unreachable, UnsupportedByChannel
from rasa_handoff.core.handoff import Outcome, Status
from rasa_handoff.core.need import Need
from rasa_handoff.core.package import Summary
from rasa_handoff.core.takeover import Place
from tests.channels.chatwoot.cases import KEY, NOW, case
from tests.channels.chatwoot.world import AGENT, INBOX, OTHER_INBOX, TEAM, ChatwootWorld
from tests.channels.vendor import ANNA, Call, Fault


def place(opened: Opened, department: str = "support") -> Place:
    return Place("there", department, opened.key, opened.data)


def calls(world: ChatwootWorld, end: str, method: str = "POST") -> list[Call]:
    return [call for call in world.calls if call.path.endswith(end) and call.method == method]


async def test_it_is_opened_for_the_team_with_a_private_note_labels_attributes_and_priority(
    world: ChatwootWorld, channel: ChatwootChannel
) -> None:
    opened = await channel.take_over(case(priority=12, url="https://desk.example/h1"), "effect-1", again=False)
    there = world.state.conversations[42]
    assert opened.key == KEY
    assert (there["status"], there["team"], there["priority"], there["labels"]) == ("open", TEAM, "urgent", ["handoff"])
    assert there["custom_attributes"]["handoff_reason"] == "customer_requested"
    (note,) = world.notes(KEY)
    for part in (
        "Ada Byron",
        "Wants to know where order 10391 is.",
        "Where is it?",
        "It is on its way.",
        "desk.example",
    ):
        assert part in note
    assert world.shown(KEY) == []  # the customer sees none of it


@pytest.mark.parametrize("number", range(1, 8))
async def test_whichever_answer_is_lost_the_second_try_leaves_one_note_and_an_open_conversation(
    world: ChatwootWorld, channel: ChatwootChannel, number: int
) -> None:
    world.skip_then_fault(number - 1, Fault(lost=True))
    with pytest.raises(Unreachable):
        await channel.take_over(case(), "effect-1", again=False)
    await channel.take_over(case(), "effect-1", again=True)
    assert len(world.notes(KEY)) == 1
    assert world.state.conversations[42]["status"] == "open"
    assert world.state.conversations[42]["labels"] == ["handoff"]


async def test_the_note_is_found_again_behind_many_messages(world: ChatwootWorld, channel: ChatwootChannel) -> None:
    await channel.take_over(case(), "effect-1", again=False)
    for number in range(95):
        world.customer_says(KEY, f"hello {number}")
    await channel.take_over(case(), "effect-1", again=True)
    assert len(world.notes(KEY)) == 1


async def test_the_search_for_a_note_ends_where_the_handoff_began(
    world: ChatwootWorld, channel: ChatwootChannel
) -> None:
    for number in range(200):
        world.customer_says(KEY, f"hello {number}", created_at=int((NOW - timedelta(hours=2)).timestamp()))
    await channel.take_over(case(), "effect-1", again=True)
    assert len(world.notes(KEY)) == 1
    assert len(calls(world, "/messages", "GET")) == 1


async def test_labels_and_attributes_of_others_stay(world: ChatwootWorld, channel: ChatwootChannel) -> None:
    there = world.state.conversation(42)
    there.update(labels=["vip", "billing"], custom_attributes={"plan": "gold"})
    opened = await channel.take_over(case(), "effect-1", again=False)
    assert there["labels"] == ["vip", "billing", "handoff"]
    assert there["custom_attributes"]["plan"] == "gold"
    await channel.release(case(status=Status.CLOSED, outcome=Outcome.RESOLVED), place(opened))
    assert there["labels"] == ["vip", "billing", "handoff"]
    assert there["custom_attributes"]["plan"] == "gold"


async def test_labels_may_name_reason_and_department(world: ChatwootWorld) -> None:
    world.more["labels"] = ["{reason}", "d-{department}"]
    channel = world.channel()
    await channel.take_over(case(), "effect-1", again=False)
    assert world.state.conversations[42]["labels"] == ["customer_requested", "d-support"]
    await channel.close()


async def test_an_agent_of_the_settings_gets_it(world: ChatwootWorld) -> None:
    world.more["agents"] = {"support": 2}
    channel = world.channel()
    await channel.take_over(case(), "effect-1", again=False)
    assert world.state.conversations[42]["assignee"] == 2
    await channel.close()


async def test_who_had_it_last_time_is_not_in_the_way(world: ChatwootWorld, channel: ChatwootChannel) -> None:
    world.state.conversation(42)["assignee"] = 2
    await channel.take_over(case(), "effect-1", again=False)
    assert world.state.conversations[42]["assignee"] is None


async def test_who_took_it_without_a_handoff_keeps_it(world: ChatwootWorld, channel: ChatwootChannel) -> None:
    await channel.take_over(case(status=Status.ACTIVE, agent_id="there:2"), "effect-1", again=False)
    assert world.state.conversations[42]["assignee"] == 2
    world.state.assign(42, 1)
    await channel.take_over(case(status=Status.ACTIVE, agent_id="there:2"), "effect-2", again=False)
    assert world.state.conversations[42]["assignee"] == 1


@pytest.mark.parametrize("id", ["web-1", "chatwoot-2-42", "chatwoot-1-42x", "chatwoot-1-0", "chatwoot-1-", "1-42"])
async def test_a_conversation_that_is_not_in_the_account_is_not_supported(channel: ChatwootChannel, id: str) -> None:
    with pytest.raises(UnsupportedByChannel, match="not in account 1"):
        await channel.take_over(case(id), "effect-1", again=False)
    assert channel.conversation_of(id) is None


async def test_nor_one_of_an_inbox_that_is_not_named(world: ChatwootWorld, channel: ChatwootChannel) -> None:
    world.state.conversation(42)["inbox_id"] = OTHER_INBOX
    with pytest.raises(UnsupportedByChannel, match="inbox"):
        await channel.take_over(case(), "effect-1", again=False)
    assert world.notes(KEY) == []


async def test_one_that_is_gone_is_refused(channel: ChatwootChannel) -> None:
    with pytest.raises(Refused):
        await channel.take_over(case("chatwoot-1-43"), "effect-1", again=False)


async def test_what_the_customer_wrote_notifies_nobody_and_is_no_template(
    world: ChatwootWorld, channel: ChatwootChannel
) -> None:
    said = "[@Boss](mention://user/1/Boss) {{ contact.email }} {% raw %}"
    await channel.take_over(case(said=said), "effect-1", again=False)
    (note,) = world.notes(KEY)
    assert "[@Boss]" in note
    assert not any(sign in note for sign in ("mention://", "{{", "{%"))


async def test_a_summary_that_comes_later_is_a_note_of_its_own_once(
    world: ChatwootWorld, channel: ChatwootChannel
) -> None:
    there = place(await channel.take_over(case(), "effect-1", again=False))
    newer = case(summary=Summary(("Wants a refund for 10391.",)), version=2)
    await channel.update_context(newer, there)
    await channel.update_context(newer, there)
    assert [("refund" in note) for note in world.notes(KEY)] == [False, True]
    assert world.state.conversations[42]["custom_attributes"]["handoff_summary"] == "Wants a refund for 10391."


async def test_a_change_of_state_is_shown_in_the_attributes_without_a_note(
    world: ChatwootWorld, channel: ChatwootChannel
) -> None:
    there = place(await channel.take_over(case(), "effect-1", again=False))
    await channel.update_context(case(status=Status.ACTIVE, agent_id="there:1", agent_name="Anna"), there)
    assert world.state.conversations[42]["custom_attributes"]["handoff_status"] == "With Anna"
    assert world.state.conversations[42]["assignee"] == 1
    assert len(world.notes(KEY)) == 1


@pytest.mark.parametrize("status", ["open", "pending", "snoozed"])
@pytest.mark.parametrize("assignee", [None, 1])
async def test_handed_back_is_unassigned_and_pending_whichever_was_so_already(
    world: ChatwootWorld, channel: ChatwootChannel, status: str, assignee: int | None
) -> None:
    there = place(await channel.take_over(case(), "effect-1", again=False))
    world.state.conversations[42].update(status=status, assignee=assignee)
    closed = case(status=Status.CLOSED, outcome=Outcome.RETURNED_TO_BOT)
    await channel.release(closed, there)
    assert world.is_released(KEY)
    changed = len([call for call in world.calls if call.method != "GET"])
    await channel.release(closed, there)
    assert len([call for call in world.calls if call.method != "GET"]) == changed


@pytest.mark.parametrize("number", range(1, 5))
async def test_whichever_answer_is_lost_a_second_try_hands_back(
    world: ChatwootWorld, channel: ChatwootChannel, number: int
) -> None:
    there = place(await channel.take_over(case(), "effect-1", again=False))
    world.state.conversations[42]["assignee"] = 1
    world.skip_then_fault(number - 1, Fault(lost=True))
    closed = case(status=Status.CLOSED, outcome=Outcome.RETURNED_TO_BOT)
    with pytest.raises(Unreachable):
        await channel.release(closed, there)
    await channel.release(closed, there)
    assert world.is_released(KEY)


async def test_what_an_agent_resolved_stays_resolved_and_theirs(world: ChatwootWorld, channel: ChatwootChannel) -> None:
    there = place(await channel.take_over(case(), "effect-1", again=False))
    world.state.conversations[42].update(status="resolved", assignee=1)
    await channel.release(case(status=Status.CLOSED, outcome=Outcome.RESOLVED), there)
    assert world.state.conversations[42]["status"] == "resolved"
    assert world.state.conversations[42]["assignee"] == 1


async def test_a_late_release_takes_nothing_from_the_next_handoff(
    world: ChatwootWorld, channel: ChatwootChannel
) -> None:
    first = place(await channel.take_over(case(), "effect-1", again=False))
    await channel.take_over(case(id="h2"), "effect-2", again=False)
    await channel.release(case(status=Status.CLOSED, outcome=Outcome.RESOLVED), first)
    assert world.state.conversations[42]["status"] == "open"


async def test_nor_does_that_of_a_department_from_the_one_it_was_passed_on_to(
    world: ChatwootWorld, channel: ChatwootChannel
) -> None:
    first = place(await channel.take_over(case(), "effect-1", again=False))
    passed_on = case(need=Need("trust"))
    second = place(await channel.take_over(passed_on, "effect-2", again=False), "trust")
    await channel.release(passed_on, first)
    assert world.state.conversations[42]["status"] == "open"
    await channel.release(case(need=Need("trust"), status=Status.CLOSED, outcome=Outcome.RESOLVED), second)
    assert world.is_released(KEY)


async def test_what_goes_to_the_desks_own_people_is_nobodys_in_chatwoot(
    world: ChatwootWorld, channel: ChatwootChannel
) -> None:
    there = place(await channel.take_over(case(), "effect-1", again=False))
    await channel.release(case(need=Need("trust")), there)
    assert world.is_released(KEY)


async def test_a_conversation_that_was_deleted_is_handed_back_already(
    world: ChatwootWorld, channel: ChatwootChannel
) -> None:
    there = place(await channel.take_over(case(), "effect-1", again=False))
    del world.state.conversations[42]
    await channel.release(case(status=Status.CLOSED, outcome=Outcome.RESOLVED), there)


async def test_a_person_is_told_by_a_note_that_mentions_them(world: ChatwootWorld, channel: ChatwootChannel) -> None:
    there = place(await channel.take_over(case(), "effect-1", again=False))
    await channel.tell(there, ANNA.__class__("1", "Anna Ng"), "Ben has it.")
    assert world.told(KEY) == ["[@Anna Ng](mention://user/1/Anna%20Ng) Ben has it."]


async def test_that_the_customer_types_is_shown_to_agents_alone(world: ChatwootWorld, channel: ChatwootChannel) -> None:
    there = place(await channel.take_over(case(), "effect-1", again=False))
    await channel.typing(there, on=True)
    await channel.typing(there, on=False)
    assert world.typing == [(42, "on", True), (42, "off", True)]


async def test_a_rate_limit_is_waited_for_as_long_as_chatwoot_says(
    world: ChatwootWorld, channel: ChatwootChannel
) -> None:
    world.faults.append(Fault(429, {"Retry-After": "17"}))
    with pytest.raises(Unreachable) as raised:
        await channel.take_over(case(), "effect-1", again=False)
    assert raised.value.retry_after == 17


async def test_a_flooded_conversation_is_tried_again_in_a_minute(
    world: ChatwootWorld, channel: ChatwootChannel
) -> None:
    world.flooded = True
    with pytest.raises(Unreachable) as raised:
        await channel.take_over(case(), "effect-1", again=False)
    assert raised.value.retry_after == 60


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_fault_of_chatwoot_is_tried_again(world: ChatwootWorld, channel: ChatwootChannel, status: int) -> None:
    world.faults.append(Fault(status))
    with pytest.raises(Unreachable):
        await channel.take_over(case(), "effect-1", again=False)


async def test_labels_that_are_refused_keep_nobody_waiting(world: ChatwootWorld, channel: ChatwootChannel) -> None:
    world.skip_then_fault(2, Fault(403))
    await channel.take_over(case(), "effect-1", again=False)
    assert world.state.conversations[42]["status"] == "open"


async def test_a_wrong_token_is_said_to_be_one(world: ChatwootWorld) -> None:
    world.secrets = lambda: {"token": "wrong", "signing": "x"}  # type: ignore[method-assign]
    channel = world.channel()
    with pytest.raises(Refused, match="administrator's access token"):
        await channel.take_over(case(), "effect-1", again=False)
    await channel.close()


async def test_the_token_goes_by_a_name_that_proxies_let_through(
    world: ChatwootWorld, channel: ChatwootChannel
) -> None:
    await channel.take_over(case(), "effect-1", again=False)
    assert all("api-access-token" in call.headers for call in world.calls)


async def test_the_check_finds_everything_in_order(channel: ChatwootChannel) -> None:
    found = await channel.check()
    assert all(one.well for one in found), found
    assert len(found) == 4


async def test_the_check_says_what_is_wrong_and_what_to_do(world: ChatwootWorld) -> None:
    world.more |= {"inboxes": [INBOX, OTHER_INBOX, 99], "teams": {"support": 8}, "agents": {"a": 88}}
    world.secrets = lambda: {"token": AGENT, "signing": "another"}  # type: ignore[method-assign]
    channel = world.channel()
    wrong = " ".join(f"{one.what}: {one.mend}" for one in await channel.check() if not one.well)
    for part in ("administrator's token", "inbox 4 has no bot", "inbox 99 is not there", "teams: 8", "another secret"):
        assert part in wrong
    assert "agents: 88" in wrong
    world.webhook["subscriptions"] = ["message_created"]
    assert "conversation_status_changed" in " ".join(one.what for one in await channel.check())
    world.webhook["url"] = "https://elsewhere.example"
    assert "no webhook calls" in " ".join(one.what for one in await channel.check())
    await channel.close()


async def test_the_check_of_a_chatwoot_that_is_down_says_so(world: ChatwootWorld) -> None:
    channel = world.channel()
    world.close()
    (found,) = await channel.check()
    assert not found.well
    await channel.close()
