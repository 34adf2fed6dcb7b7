"""What every takeover channel promises, over a vendor that answers as the real one does and can fail."""

import random
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rasa_handoff.channel import Press, Received
from rasa_handoff.core.errors import Unverified
from rasa_handoff.core.handoff import Accepted, HandedBack, Outcome, Status
from rasa_handoff.core.routing import Presence
from rasa_handoff.stores import open_store
from tests.channels.stage import Stage, make_stage
from tests.channels.vendor import ANNA, BEN, FakeVendor, Fault, Hook


def key_of(handoff) -> str:
    return handoff.places[0].key


# taking over


async def test_a_handoff_is_shown_with_its_reason_and_its_summary(stage: Stage) -> None:
    async with stage:
        handoff = await stage.shown()
        shown = stage.vendor.context(key_of(handoff))
        assert "4711" in shown
        assert any(sentence[:40] in shown for sentence in handoff.summary.sentences)


async def test_a_take_over_whose_answer_was_lost_is_not_made_twice(stage: Stage) -> None:
    if not stage.channel.capabilities.once:
        pytest.skip("The vendor has nothing to know a repeat by.")
    async with stage:
        stage.vendor.faults.append(Fault(lost=True))
        handoff = await stage.shown()
        stage.customer_says(handoff, "Hello?", 1)
        if not stage.channel.capabilities.owns:
            await stage.until(lambda: stage.vendor.shown(key_of(handoff)) == ["Hello?"])
        assert len(stage.now(handoff).places) == 1


async def test_whoever_takes_it_at_the_channel_has_it_and_the_epoch_rises(stage: Stage) -> None:
    async with stage:
        handoff = await stage.held()
        assert (handoff.agent_name, handoff.epoch) == (stage.vendor.anonymous or ANNA.name, 2)
        assert handoff.outside == stage.channel.capabilities.external
        await stage.settled()
        assert "EXTERNAL_handoff_accepted" in stage.bot.notices


async def test_the_context_says_who_has_it(stage: Stage) -> None:
    if not stage.channel.capabilities.buttons:
        pytest.skip("The platform shows who has it by itself.")
    async with stage:
        handoff = await stage.held()
        await stage.until(lambda: ANNA.name in stage.vendor.context(key_of(handoff)))


async def test_of_two_who_take_it_at_once_one_has_it_and_the_other_is_told(stage: Stage) -> None:
    if stage.vendor.anonymous:
        pytest.skip("The platform does not tell who of them it was.")
    async with stage:
        handoff = await stage.shown()
        key = key_of(handoff)
        stage.vendor.press(key, Press.ACCEPT, ANNA)
        stage.vendor.press(key, Press.ACCEPT, BEN)
        await stage.deliver()
        await stage.until(lambda: stage.now(handoff).status is Status.ACTIVE)
        await stage.settled()
        owner = stage.now(handoff).agent_name
        if stage.channel.capabilities.external:  # the platform has decided, and said so last
            assert owner == BEN.name
        else:
            assert owner == ANNA.name
            assert stage.vendor.told(key)


# the relay


async def test_the_relay_is_complete_in_order_and_without_repeats_both_ways(stage: Stage) -> None:
    """A thousand messages each way, while webhooks are repeated, and where there is a history mixed up and lost."""
    chance, heals = random.Random(7), stage.channel.capabilities.history
    async with stage:
        handoff = await stage.held()
        key, said = key_of(handoff), []
        for number in range(1, 1001):
            stage.vendor.agent_says(key, f"answer {number}")
            said.append(f"question {number}")
            stage.customer_says(handoff, said[-1], number)
            if number % 20 == 0:
                trouble = {"mix": 0.3, "lose": 0.1} if heals and number < 1000 else {}
                await stage.deliver(repeat=0.2, chance=chance, **trouble)
        got = stage.bot.recorded if stage.channel.capabilities.owns else stage.bot.brought
        await stage.until(lambda: len(got) >= 1000, seconds=240)
        relays = not stage.channel.capabilities.owns
        await stage.until(lambda: not relays or len(stage.vendor.shown(key)) >= 1000, seconds=240)
        await stage.settled(60)
        assert got == [f"answer {number}" for number in range(1, 1001)]
        assert not relays or stage.vendor.shown(key) == said


async def test_what_the_vendor_never_told_us_is_found_by_looking(stage: Stage) -> None:
    if not stage.channel.capabilities.history:
        pytest.skip("The channel has no history.")
    async with stage:
        handoff = await stage.held()
        stage.vendor.agent_says(key_of(handoff), "Are you there?")
        stage.vendor.hooks.clear()  # lost
        stage.vendor.agent_says(key_of(handoff), "I have found it.")
        await stage.deliver()
        got = stage.bot.recorded if stage.channel.capabilities.owns else stage.bot.brought
        await stage.until(lambda: len(got) == 2)
        assert got == ["Are you there?", "I have found it."]


async def test_without_budget_for_the_history_messages_still_arrive(vendor: FakeVendor) -> None:
    stage = make_stage(vendor, open_store("memory://"), history_calls=0.001)
    async with stage:
        handoff = await stage.held()
        for number in range(5):
            vendor.agent_says(key_of(handoff), f"answer {number}")
        await stage.deliver(repeat=1.0)
        got = stage.bot.recorded if stage.channel.capabilities.owns else stage.bot.brought
        await stage.until(lambda: len(got) >= 5)
        await stage.settled()
        assert sorted(got) == [f"answer {number}" for number in range(5)]


async def test_messages_wait_for_a_vendor_that_is_down_and_are_not_lost(stage: Stage) -> None:
    if stage.channel.capabilities.owns:
        pytest.skip("Customers talk to the platform itself.")
    async with stage:
        handoff = await stage.held()
        await stage.settled()
        stage.vendor.faults.extend([Fault(status=503), Fault(status=500)])
        stage.customer_says(handoff, "first", 1)
        stage.customer_says(handoff, "second", 2)
        await stage.until(lambda: len(stage.vendor.shown(key_of(handoff))) >= 2)
        assert stage.vendor.shown(key_of(handoff)) == ["first", "second"]


async def test_a_message_whose_answer_was_lost_is_not_shown_twice(stage: Stage) -> None:
    able = stage.channel.capabilities
    if able.owns or not able.once:
        pytest.skip("Nothing is relayed, or the vendor has nothing to know a repeat by.")
    async with stage:
        handoff = await stage.held()
        await stage.settled()
        stage.vendor.faults.append(Fault(lost=True))
        stage.customer_says(handoff, "only once", 1)
        stage.customer_says(handoff, "then this", 2)
        await stage.until(lambda: "then this" in stage.vendor.shown(key_of(handoff)))
        assert stage.vendor.shown(key_of(handoff)) == ["only once", "then this"]


async def test_a_vendor_that_asks_for_a_pause_gets_it(stage: Stage) -> None:
    if stage.channel.capabilities.owns:
        pytest.skip("Nothing is relayed.")
    async with stage:
        handoff = await stage.held()
        await stage.settled()
        stage.vendor.faults.append(Fault(status=429, headers={"retry-after": "1"}))
        began = time.monotonic()
        stage.customer_says(handoff, "slowly", 1)
        await stage.until(lambda: stage.vendor.shown(key_of(handoff)) == ["slowly"])
        assert time.monotonic() - began >= 1.0


async def test_an_agents_words_arrive_when_rasa_is_back(stage: Stage) -> None:
    async with stage:
        handoff = await stage.held()
        await stage.settled()
        stage.bot.down = True
        stage.vendor.agent_says(key_of(handoff), "I am on it.")
        await stage.deliver()
        await stage.until(lambda: any(entry.kind == "agent_messaged" for entry in stage.store.log(handoff.id)))
        stage.bot.down = False
        got = stage.bot.recorded if stage.channel.capabilities.owns else stage.bot.brought
        await stage.until(lambda: got == ["I am on it."])


# handing back


@pytest.mark.parametrize(
    ("press", "outcome"), [(Press.CLOSE, Outcome.RESOLVED), (Press.HAND_BACK, Outcome.RETURNED_TO_BOT)]
)
async def test_closing_at_the_channel_closes_the_handoff_and_the_channel_lets_go(
    stage: Stage, press: Press, outcome: Outcome
) -> None:
    async with stage:
        handoff = await stage.held()
        stage.vendor.press(key_of(handoff), press)
        await stage.deliver()
        await stage.until(lambda: not stage.now(handoff).is_open)
        back = stage.vendor.only_hands_back
        assert stage.now(handoff).outcome is (Outcome.RETURNED_TO_BOT if back else outcome)
        await stage.until(lambda: stage.vendor.is_released(key_of(handoff)))
        await stage.settled()
        assert "EXTERNAL_handoff_returned" in stage.bot.notices


async def test_the_last_words_before_closing_arrive_although_the_closing_came_first(stage: Stage) -> None:
    if not stage.channel.capabilities.history:
        pytest.skip("Without a history what comes late is late.")
    async with stage:
        handoff = await stage.held()
        stage.vendor.agent_says(key_of(handoff), "Goodbye!")
        words, stage.vendor.hooks[:] = list(stage.vendor.hooks), []
        stage.vendor.press(key_of(handoff), Press.CLOSE)
        await stage.deliver()
        for hook in words:
            await stage.bring(hook)
        await stage.until(lambda: not stage.now(handoff).is_open)
        await stage.settled()
        assert (stage.bot.recorded if stage.channel.capabilities.owns else stage.bot.brought) == ["Goodbye!"]


async def test_a_word_after_the_end_is_refused_and_its_sender_told(stage: Stage) -> None:
    if stage.channel.capabilities.external:
        pytest.skip("There a word takes the conversation over.")
    async with stage:
        handoff = await stage.held()
        stage.service.receive(handoff.id, HandedBack(ANNA.id, Outcome.RESOLVED))
        await stage.settled()
        stage.vendor.agent_says(key_of(handoff), "one more thing")
        await stage.deliver()
        await stage.until(lambda: bool(stage.vendor.told(key_of(handoff))))
        assert stage.bot.brought == []


async def test_what_somebody_else_writes_there_does_not_reach_the_customer(stage: Stage) -> None:
    if stage.channel.capabilities.external:
        pytest.skip("There the platform decides who has it.")
    async with stage:
        handoff = await stage.held()
        stage.vendor.agent_says(key_of(handoff), "psst", BEN)
        await stage.deliver()
        await stage.until(lambda: bool(stage.vendor.told(key_of(handoff))))
        await stage.settled()
        assert stage.bot.brought == []


async def test_who_accepts_there_although_away_has_it_and_gets_no_other(stage: Stage) -> None:
    if stage.channel.capabilities.external:
        pytest.skip("There the platform decides who has it.")
    async with stage:
        handoff = await stage.shown()
        stage.service.set_presence(ANNA.id, Presence.AWAY)
        stage.vendor.press(key_of(handoff), Press.ACCEPT, ANNA)
        await stage.deliver()
        await stage.until(lambda: stage.now(handoff).status is Status.ACTIVE)
        assert stage.store.agent(ANNA.id).presence is Presence.BUSY


async def test_a_stranger_to_us_is_told_what_to_do(stage: Stage) -> None:
    if stage.channel.capabilities.external:
        pytest.skip("There the platform's people are agents.")
    async with stage:
        handoff = await stage.shown()
        stage.store.add_agent(replace(stage.store.agent(BEN.id), email=None))
        stage.vendor.press(key_of(handoff), Press.ACCEPT, BEN)
        await stage.deliver()
        await stage.until(lambda: bool(stage.vendor.told(key_of(handoff))))
        assert "handoff.yml" in stage.vendor.told(key_of(handoff))[0]
        assert stage.now(handoff).status is Status.WAITING


async def test_who_wrote_before_somebody_else_took_it_does_not_take_it_back(stage: Stage) -> None:
    """A repeat of an old message says nothing new about who has the conversation."""
    async with stage:
        handoff = await stage.held()
        key = key_of(handoff)
        stage.vendor.agent_says(key, "hello", ANNA)
        old, stage.vendor.hooks[:] = list(stage.vendor.hooks), []
        for hook in old:
            await stage.bring(hook)
        await stage.settled()
        if stage.channel.capabilities.external:
            stage.vendor.press(key, Press.ACCEPT, BEN)
            await stage.deliver()
            await stage.until(lambda: stage.now(handoff).agent_name == (stage.vendor.anonymous or BEN.name))
        else:
            stage.service.receive(handoff.id, HandedBack(ANNA.id, Outcome.RESOLVED))
        for hook in old:
            await stage.bring(hook)
        await stage.settled()
        assert len(stage.bot.brought) + len(stage.bot.recorded) == 1
        if stage.channel.capabilities.external:
            assert stage.now(handoff).agent_name == (stage.vendor.anonymous or BEN.name)


# when it cannot be


async def test_a_channel_that_refuses_leaves_the_handoff_to_the_desk(stage: Stage) -> None:
    async with stage:
        stage.vendor.faults.extend([Fault(status=403)] * 50)
        handoff = stage.begin()
        await stage.until(lambda: stage.now(handoff).unreached == frozenset({"there"}))
        assert not stage.now(handoff).is_external
        stage.service.set_presence(ANNA.id, "online")
        stage.service.receive(handoff.id, Accepted(ANNA.id, ANNA.name))
        assert stage.now(handoff).status is Status.ACTIVE


async def test_a_platform_that_is_down_for_minutes_leaves_the_handoff_to_the_desk(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not stage.channel.capabilities.external:
        pytest.skip("The desk's people are asked anyway.")
    monkeypatch.setattr("rasa_handoff.courier.TAKE_OVER_PATIENCE", timedelta(seconds=1))
    async with stage:
        stage.vendor.faults.extend([Fault(status=503)] * 1000)
        handoff = stage.begin()
        await stage.until(lambda: stage.now(handoff).unreached == frozenset({"there"}))


# who may tell us anything


async def test_what_is_not_signed_is_refused_alike(stage: Stage) -> None:
    async with stage:
        handoff = await stage.shown()
        stage.vendor.agent_says(key_of(handoff), "forged")
        told = set()
        for hook in _forgeries(stage.vendor.hooks[0]):
            with pytest.raises(Unverified) as caught:
                stage.channel.receive(stage.vendor.request(hook))
            told.add(str(caught.value))
        assert len(told) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(
    body=st.binary(max_size=300),
    headers=st.dictionaries(st.text(max_size=40), st.text(max_size=80), max_size=4),
    path=st.text(max_size=30),
    method=st.sampled_from(["GET", "POST", "HEAD"]),
)
def test_whatever_strangers_send_is_refused_or_says_nothing(
    vendor: FakeVendor, body: bytes, headers: dict[str, str], path: str, method: str
) -> None:
    channel = vendor.channel()
    try:
        received = channel.receive(vendor.request(Hook(body, headers, f"/{path}", method=method)))
    except Unverified:
        return
    assert isinstance(received, Received)
    assert received.signals == ()


def _forgeries(hook: Hook) -> list[Hook]:
    """A real webhook with something wrong with its signature, or with its secret address."""
    signed = {name: value for name, value in hook.headers.items() if "content" not in name.lower()}
    blank, longer = dict.fromkeys(signed, ""), {name: f"{value}0" for name, value in signed.items()}
    return [
        replace(hook, headers={**hook.headers, **longer}, path=f"{hook.path}0"),
        replace(hook, headers={**hook.headers, **blank}, path=f"{hook.path}x" if hook.path else ""),
        replace(hook, headers={}, path="/" if hook.path else ""),
    ]
