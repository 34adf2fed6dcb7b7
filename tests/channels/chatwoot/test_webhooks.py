"""What Chatwoot tells us: proven to be its own, and what it means."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.channel import AgentDeleted, AgentSaid, LetGo, Press, Received, Request, Signal, Took
from rasa_handoff.channels.chatwoot import reading
from rasa_handoff.channels.chatwoot.channel import ChatwootChannel
from rasa_handoff.channels.chatwoot.webhook import EVENTS, LARGEST, Proof, received
from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.errors import NotFound, SettingsError, Unverified
from rasa_handoff.core.handoff import Outcome, Status
from rasa_handoff.core.takeover import Place
from tests.channels.chatwoot.cases import KEY, case
from tests.channels.chatwoot.world import SIGNING, ChatwootWorld, signed
from tests.channels.vendor import ANNA, BEN, Hook

NAMES = ["event", "conversation", "id", "inbox", "inbox_id", "messages", "message_type", "sender", "meta", "account",
         "content_attributes", "assignee", "custom_attributes"]  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from([*EVENTS, "outgoing", "user"]),
    lambda deeper: st.lists(deeper) | st.dictionaries(st.sampled_from(NAMES), deeper),
)
PARTS = ["content", "sender", "content_attributes", "attachments", "meta", "additional_attributes", "custom_attributes"]
INSIDE = st.dictionaries(st.sampled_from(PARTS), ANYTHING)
Payload = Callable[[str], dict[str, Any]]
PATH = "a-long-and-random-part-of-the-address"
AVATAR = "https://chat.example/rails/active_storage/representations/redirect/abc/anna.png"


def request(body: bytes, headers: dict[str, str] | None = None, path: str = "", at: datetime | None = None) -> Request:
    names = {name.lower(): value for name, value in (signed(body, SIGNING) if headers is None else headers).items()}
    url = f"https://handoff.example/hooks/there{path}"
    return Request("POST", url, path, {}, names, body, at or datetime.now(UTC))


def body_of(payload: dict[str, Any]) -> bytes:
    return json.dumps(payload).encode()


async def read(channel: ChatwootChannel, payload: dict[str, Any]) -> list[Any]:
    signals = channel.receive(request(body_of(payload))).signals
    return [one for signal in signals for one in await channel.events(signal)]


class TestProof:
    def test_what_chatwoot_signed_is_taken(self, channel: ChatwootChannel, payload: Payload) -> None:
        (signal,) = channel.receive(request(body_of(payload("agent_message")))).signals
        assert (signal.id, signal.place) == ("message_created:1501", KEY)
        assert "Your parcel is in **Bonn**." in signal.written

    def test_a_repeat_has_the_same_id_and_another_change_another(
        self, channel: ChatwootChannel, payload: Payload
    ) -> None:
        first, again = (channel.receive(request(body_of(payload("resolved")))).signals[0].id for _ in range(2))
        later = {**payload("resolved"), "updated_at": 1790000001.5}
        assert first == again
        assert channel.receive(request(body_of(later))).signals[0].id != first

    def test_an_unsigned_id_of_a_delivery_makes_no_new_message_of_an_old_one(
        self, channel: ChatwootChannel, payload: Payload
    ) -> None:
        body = body_of(payload("agent_message"))
        headers = signed(body, SIGNING)
        ids = {
            channel.receive(request(body, {**headers, "X-Chatwoot-Delivery": delivery})).signals[0].id
            for delivery in ("one", "two")
        }
        assert len(ids) == 1

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda headers, body: ({}, body),
            lambda headers, body: ({**headers, "X-Chatwoot-Signature": ""}, body),
            lambda headers, body: ({**headers, "X-Chatwoot-Signature": "sha256=" + "0" * 64}, body),
            lambda headers, body: ({**headers, "X-Chatwoot-Signature": headers["X-Chatwoot-Signature"][7:]}, body),
            lambda headers, body: ({**headers, "X-Chatwoot-Signature": "sha256=é"}, body),
            lambda headers, body: ({**headers, "X-Chatwoot-Timestamp": "1"}, body),
            lambda headers, body: ({**headers, "X-Chatwoot-Timestamp": "٣"}, body),
            lambda headers, body: (headers, body + b" "),
            lambda headers, body: (signed(body, "another secret"), body),
            lambda headers, body: (signed(body, SIGNING, datetime.now(UTC).timestamp() - 301), body),
            lambda headers, body: (signed(body, SIGNING, datetime.now(UTC).timestamp() + 301), body),
            lambda headers, body: (signed(b"", SIGNING), b""),
            lambda headers, body: (signed(b"[]", SIGNING), b"[]"),
            lambda headers, body: (signed(b"{", SIGNING), b"{"),
            lambda headers, body: (signed(b"\xff", SIGNING), b"\xff"),
            lambda headers, body: (signed(b'{"a": "\\ud800"}', SIGNING), b'{"a": "\\ud800"}'),
            lambda headers, body: (signed(b"[" * 200_000, SIGNING), b"[" * 200_000),
            lambda headers, body: (signed(body + b" " * LARGEST, SIGNING), body + b" " * LARGEST),
        ],
    )
    def test_whatever_is_wrong_is_refused_alike(
        self, channel: ChatwootChannel, payload: Payload, spoil: Callable[[dict[str, str], bytes], Any]
    ) -> None:
        body = body_of(payload("agent_message"))
        headers, body = spoil(signed(body, SIGNING), body)
        with pytest.raises(Unverified) as raised:
            channel.receive(request(body, headers))
        assert str(raised.value) == str(Unverified())

    def test_only_a_post_is_a_webhook(self, payload: Payload) -> None:
        body = body_of(payload("agent_message"))
        got = Request("GET", "https://x", "", {}, request(body).headers, body, datetime.now(UTC))
        with pytest.raises(Unverified):
            received(got, Proof(SIGNING), 1, [3])

    @pytest.mark.parametrize("path", ["", "/", f"/{PATH}x", f"/{PATH}/", PATH, f"/{PATH.upper()}"])
    def test_an_older_one_is_proven_by_its_address(self, payload: Payload, path: str) -> None:
        body = body_of(payload("agent_message"))
        assert received(request(body, {}, f"/{PATH}"), Proof(path=PATH), 1, [3]).signals
        with pytest.raises(Unverified):
            received(request(body, {}, path), Proof(path=PATH), 1, [3])

    def test_where_both_secrets_are_set_both_must_be_shown(self, payload: Payload) -> None:
        body, both = body_of(payload("agent_message")), Proof(SIGNING, PATH)
        assert received(request(body, path=f"/{PATH}"), both, 1, [3]).signals
        for wrong in (request(body), request(body, {}, f"/{PATH}")):
            with pytest.raises(Unverified):
                received(wrong, both, 1, [3])

    def test_a_channel_without_a_proof_is_not_made(self, world: ChatwootWorld) -> None:
        world.secrets = lambda: {"token": "t", "path": "short"}  # type: ignore[method-assign]
        with pytest.raises(SettingsError, match="signing"):
            world.channel()

    @given(body=st.binary() | ANYTHING.map(lambda value: json.dumps(value).encode()))
    def test_nothing_but_a_refusal_or_what_was_received_comes_of_any_body(self, body: bytes) -> None:
        try:
            found = received(request(body), Proof(SIGNING), 1, [3, None])
        except Unverified:
            return
        assert isinstance(found, Received)

    @given(id=st.integers() | st.none() | st.text(), inside=INSIDE, event=st.sampled_from(EVENTS))
    def test_nor_of_any_shape_of_what_is_in_it(self, id: Any, inside: dict[str, Any], event: str) -> None:
        conversation = {"id": 42, "inbox_id": 3, "messages": [{"id": id, "message_type": 1, **inside}], **inside}
        told = {"event": event, "id": id, "inbox": {"id": 3}, "message_type": "outgoing", **inside}
        payload = {**told, "conversation": conversation} if "message" in event else {**conversation, "event": event}
        received(request(body_of(payload)), Proof(SIGNING), 1, [3])
        reading.is_past(payload, reading.mapping(conversation.get("custom_attributes")))
        reading.said(KEY, reading.pushed_message(payload) or payload)
        reading.changed(KEY, payload)


class TestMeaning:
    async def test_an_agents_message_is_as_it_was_written_with_name_and_picture(
        self, channel: ChatwootChannel, payload: Payload
    ) -> None:
        (said,) = await read(channel, payload("agent_message"))
        assert isinstance(said, AgentSaid)
        assert (said.place, said.id, said.mark, said.text) == (KEY, "1501", "1501", "Your parcel is in **Bonn**.")
        assert said.delivered
        assert (said.person.id, said.person.name, said.person.avatar) == ("1", "Anna", AVATAR)

    async def test_an_agents_file_is_at_a_public_address(self, channel: ChatwootChannel, payload: Payload) -> None:
        (said,) = await read(channel, payload("agent_file"))
        url = "https://chat.example/rails/active_storage/blobs/redirect/eyJf/label.png"
        assert (said.text, said.attachments) == ("", (Attachment(url, "image"),))

    @pytest.mark.parametrize(
        "name",
        [
            "private_note",
            "bot_message",
            "own_message",
            "customer_message",
            "template_message",
            "automation_message",
            "campaign_message",
            "read_message",
            "choice",
            "snoozed",
            "opened",
            "unassigned",
            "labelled",
        ],
    )
    async def test_what_no_agent_says_to_the_customer_or_lets_go_means_nothing(
        self, channel: ChatwootChannel, payload: Payload, name: str
    ) -> None:
        assert await read(channel, payload(name)) == []

    async def test_what_was_written_on_the_shops_telephone_is_a_persons(
        self, channel: ChatwootChannel, payload: Payload
    ) -> None:
        (said,) = await read(channel, payload("native_app_message"))
        assert (said.person.id, said.person.name, said.text) == ("native", "WhatsApp", "On my way.")

    async def test_a_message_that_is_taken_back_is(self, channel: ChatwootChannel, payload: Payload) -> None:
        (deleted,) = await read(channel, payload("deleted_message"))
        assert isinstance(deleted, AgentDeleted)
        assert deleted.id == "1501"

    @pytest.mark.parametrize(
        ("name", "outcome"), [("resolved", Outcome.RESOLVED), ("made_pending", Outcome.RETURNED_TO_BOT)]
    )
    async def test_resolved_and_pending_is_let_go_by_who_had_it(
        self, channel: ChatwootChannel, payload: Payload, name: str, outcome: Outcome
    ) -> None:
        (let_go,) = await read(channel, payload(name))
        assert isinstance(let_go, LetGo)
        assert (let_go.outcome, let_go.person and let_go.person.id) == (outcome, "1")

    async def test_given_to_the_bot_is_let_go(self, channel: ChatwootChannel, payload: Payload) -> None:
        assert await read(channel, payload("given_to_bot")) == [LetGo(KEY, Outcome.RETURNED_TO_BOT)]

    async def test_assigned_is_taken(self, channel: ChatwootChannel, payload: Payload) -> None:
        (took,) = await read(channel, payload("assigned"))
        assert isinstance(took, Took)
        assert took.person.id == "1"

    async def test_what_changes_without_a_handoff_of_ours_is_no_hand_back(
        self, channel: ChatwootChannel, payload: Payload
    ) -> None:
        for name in ("resolved", "made_pending", "given_to_bot"):
            assert await read(channel, {**payload(name), "custom_attributes": {"handoff_open": False}}) == []

    async def test_a_resolved_conversation_that_is_assigned_is_not_taken(
        self, channel: ChatwootChannel, payload: Payload
    ) -> None:
        assert await read(channel, {**payload("assigned"), "status": "resolved"}) == []

    async def test_other_inboxes_and_accounts_are_nothing_to_us(
        self, channel: ChatwootChannel, payload: Payload
    ) -> None:
        other = payload("agent_message")
        assert await read(channel, {**other, "inbox": {"id": 4}}) == []
        assert await read(channel, {**other, "account": {"id": 2}}) == []
        assert await read(channel, {**payload("resolved"), "inbox_id": 4}) == []


class TestRoundTrip:
    async def test_our_own_steps_mean_nothing_when_they_come_back(
        self, world: ChatwootWorld, channel: ChatwootChannel
    ) -> None:
        opened = await channel.take_over(case(), "effect-1", again=False)
        there = Place("there", "support", opened.key, opened.data)
        await channel.update_context(case(status=Status.ACTIVE, agent_name="Anna"), there)
        await channel.tell(there, ANNA, "Ben has it.")
        await channel.release(case(status=Status.CLOSED, outcome=Outcome.RETURNED_TO_BOT), there)
        assert world.hooks
        assert await self.meant(world, channel) == []

    async def test_what_an_agent_does_is_understood_in_order(
        self, world: ChatwootWorld, channel: ChatwootChannel
    ) -> None:
        await channel.take_over(case(), "effect-1", again=False)
        world.hooks.clear()
        world.press(KEY, Press.ACCEPT, BEN)
        world.agent_says(KEY, "Hello, Ben here.", BEN)
        world.press(KEY, Press.CLOSE)
        took, said, let_go = await self.meant(world, channel)
        assert (took, said.text, said.person.name) == (Took(KEY, took.person), "Hello, Ben here.", "Ben Ode")
        assert (let_go.outcome, let_go.person.id) == (Outcome.RESOLVED, "2")

    async def test_a_message_whose_text_did_not_come_along_is_asked_for(
        self, world: ChatwootWorld, channel: ChatwootChannel
    ) -> None:
        world.agent_says(KEY, "one **bold**")
        world.agent_says(KEY, "two")
        late = json.loads(world.hooks[0].body)
        late["conversation"]["messages"] = json.loads(world.hooks[1].body)["conversation"]["messages"]
        (said,) = await read(channel, late)
        assert said.text == "one **bold**"

    async def test_a_late_message_of_before_the_hand_back_takes_nothing_over(
        self, world: ChatwootWorld, channel: ChatwootChannel
    ) -> None:
        opened = await channel.take_over(case(), "effect-1", again=False)
        world.agent_says(KEY, "Goodbye.")
        there = Place("there", "support", opened.key, opened.data)
        await channel.release(case(status=Status.CLOSED, outcome=Outcome.RESOLVED), there)
        late = world.hooks[-1:] and next(json.loads(hook.body) for hook in world.hooks if b"Goodbye" in hook.body)
        late["conversation"] = world.state.pushed(42)  # Chatwoot looks at the conversation when it sends
        assert await read(channel, late) == []
        world.agent_says(KEY, "One more thing.")
        assert [one.text for one in await read(channel, json.loads(world.hooks[-1].body))] == ["One more thing."]

    async def test_history_has_what_people_said_since_the_note_and_after_the_mark(
        self, world: ChatwootWorld, channel: ChatwootChannel
    ) -> None:
        world.agent_says(KEY, "long ago")
        opened = await channel.take_over(case(), "effect-1", again=False)
        for number in range(250):
            world.customer_says(KEY, f"question {number}")
            world.agent_says(KEY, f"answer {number}")
        world.agent_says(KEY, "a note", private=True)
        there = Place("there", "support", opened.key, opened.data)
        found = await channel.history(there)
        assert [one.text for one in found if isinstance(one, AgentSaid)] == [f"answer {one}" for one in range(250)]
        mark = next(one.mark for one in found if isinstance(one, AgentSaid) and one.text == "answer 247")
        rest = await channel.history(Place("there", "support", KEY, opened.data, mark))
        assert [one.text for one in rest if isinstance(one, AgentSaid)] == ["answer 248", "answer 249"]

    async def test_where_somebody_took_over_by_answering_the_history_begins_at_the_last_hand_back(
        self, world: ChatwootWorld, channel: ChatwootChannel
    ) -> None:
        opened = await channel.take_over(case(), "effect-1", again=False)
        world.agent_says(KEY, "Goodbye.")
        there = Place("there", "support", opened.key, opened.data)
        await channel.release(case(status=Status.CLOSED, outcome=Outcome.RESOLVED), there)
        world.agent_says(KEY, "One more thing.")
        found = await channel.history(Place("there", "support", KEY))
        assert [one.text for one in found if isinstance(one, AgentSaid)] == ["One more thing."]

    async def test_history_and_webhook_say_the_same(self, world: ChatwootWorld, channel: ChatwootChannel) -> None:
        opened = await channel.take_over(case(), "effect-1", again=False)
        world.agent_says(KEY, "Here *is* the label.", attachments=[world.state.attachment("label.png")])
        (told,) = await read(channel, json.loads(world.hooks[-1].body))
        (found,) = await channel.history(Place("there", "support", KEY, opened.data))
        assert told == found

    async def test_what_was_taken_back_is_not_in_the_history(
        self, world: ChatwootWorld, channel: ChatwootChannel
    ) -> None:
        opened = await channel.take_over(case(), "effect-1", again=False)
        world.agent_says(KEY, "Oops")
        world.state.delete(42, world.state.conversations[42]["messages"][-1]["id"])
        assert await channel.history(Place("there", "support", KEY, opened.data)) == []

    async def test_files_have_public_addresses_and_nothing_is_pulled(self, channel: ChatwootChannel) -> None:
        with pytest.raises(NotFound):
            await channel.open_file("x")

        async def never(_: Received) -> None:
            raise AssertionError

        await channel.pull(never)

    async def meant(self, world: ChatwootWorld, channel: ChatwootChannel) -> list[Any]:
        signals = [one for hook in world.hooks for one in self.signals(world, channel, hook)]
        return [one for signal in signals for one in await channel.events(signal)]

    def signals(self, world: ChatwootWorld, channel: ChatwootChannel, hook: Hook) -> tuple[Signal, ...]:
        return channel.receive(world.request(hook)).signals
