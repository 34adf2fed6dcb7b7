"""The desk's side of takeover channels, over HTTP: who may tell us anything, and which files anybody may read."""

import base64
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from standardwebhooks import Webhook

from rasa_handoff.channel import Answer, Capabilities, Checked, File, Incoming, Received, Request, Signal
from rasa_handoff.core.channel_effects import TakeIn
from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.effects import Step
from rasa_handoff.core.errors import NotFound
from rasa_handoff.core.handoff import Accepted
from rasa_handoff.core.takeover import TakenOver, Takeover
from rasa_handoff.desk.app import create_app
from rasa_handoff.desk.guard import BODY_LIMIT
from rasa_handoff.relay import Links
from tests.channels.webhook_world import SECRET, WebhookWorld

from .desk_world import World, now


class WithFiles:
    """A channel that answers a challenge, does something afterwards, and has a private file."""

    id = "files"
    capabilities = Capabilities()

    def __init__(self) -> None:
        self.done: list[str] = []

    def receive(self, request: Request) -> Received:
        async def then() -> None:
            self.done.append(request.url)

        return Received((), Answer(request.query.get("challenge", "").encode()), then)

    async def events(self, signal: Signal) -> Sequence[Incoming]:
        return ()

    async def open_file(self, ref: str) -> File:
        if ref != "F1":
            raise NotFound("There is no such file.")

        async def chunks() -> AsyncIterator[bytes]:
            yield b"<svg onload=alert(1)>"

        return File("x.svg", "image/svg+xml", None, chunks())

    async def pull(self, take_in: Callable[[Received], Awaitable[None]]) -> None:
        return

    async def check(self) -> Sequence[Checked]:
        return ()


@pytest.fixture
def vendor() -> Iterator[WebhookWorld]:
    world = WebhookWorld()
    yield world
    world.close()


@pytest.fixture
def files() -> WithFiles:
    return WithFiles()


@pytest.fixture
def client(world: World, vendor: WebhookWorld, files: WithFiles) -> Iterator[TestClient]:
    channels = {"hub": vendor.channel(), "files": files}
    with TestClient(create_app(world, world.courier, channels=channels)) as client:
        yield client


def signed(body: bytes, id: str = "m1", at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    at = at or time.time()
    signature = Webhook(secret).sign(id, datetime.fromtimestamp(int(at), UTC), body.decode())
    return {"webhook-id": id, "webhook-timestamp": str(int(at)), "webhook-signature": signature}


def message(text: str = "Hello", place: str = "T1") -> bytes:
    agent = {"id": "7", "name": "Zoe"}
    return json.dumps(
        {"type": "agent.message", "place": place, "agent": agent, "message": {"id": "a1", "text": text}}
    ).encode()


def taken_in(world: World) -> list[TakeIn]:
    claimed = world.store.claim(now(), "looker", 60, 100)
    return [one.effect for one in claimed if isinstance(one.effect, TakeIn)]


def still(world: World) -> None:
    """Nobody does the effects: the tests look at them."""
    world.courier._do = lambda pending: None  # type: ignore[method-assign]


def test_a_signed_webhook_is_committed_before_it_is_answered(world: World, vendor, client: TestClient) -> None:
    asyncio_claims: list[TakeIn] = []
    world.courier._do = lambda pending: asyncio_claims.append(pending.effect)  # type: ignore[method-assign]
    body = message()
    assert client.post("/hooks/hub", content=body, headers=signed(body)).status_code == 200
    for _ in range(200):
        if asyncio_claims:
            break
        time.sleep(0.01)
    (effect,) = asyncio_claims
    assert (effect.channel, effect.place, effect.payload["message"]["text"]) == ("hub", "T1", "Hello")


def test_what_is_wrong_with_a_webhook_is_not_told(client: TestClient) -> None:
    body, other = message(), "whsec_" + base64.b64encode(b"x" * 32).decode()
    huge = json.dumps({"text": "x" * (BODY_LIMIT + 1)}).encode()
    answers = [
        client.post("/hooks/hub", content=body),
        client.post("/hooks/hub", content=body, headers=signed(body, secret=other)),
        client.post("/hooks/hub", content=body, headers=signed(body, at=time.time() - 3600)),
        client.post("/hooks/hub", content=body, headers=signed(body, at=time.time() + 3600)),
        client.post("/hooks/hub", content=b"{", headers=signed(b"{")),
        client.post("/hooks/hub", content=message("changed"), headers=signed(body)),
        client.post("/hooks/hub", content=huge, headers=signed(huge)),
        client.post("/hooks/nobody", content=body, headers=signed(body)),
        client.get("/hooks/hub"),
    ]
    assert {(one.status_code, one.text) for one in answers} == {(401, "This request is not signed as it must be.")}


def test_nothing_that_is_not_proven_reaches_the_store(world: World, client: TestClient) -> None:
    still(world)
    before = world.store.last_seq()
    client.post("/hooks/hub", content=message())
    assert taken_in(world) == []
    assert world.store.last_seq() == before


def test_cards_are_masked_before_anything_is_kept_and_ids_are_not_touched(world: World, client: TestClient) -> None:
    seen: list[TakeIn] = []
    world.courier._do = lambda pending: seen.append(pending.effect)  # type: ignore[method-assign]
    body = message("Your card 4111 1111 1111 1111 is fine", place="4111111111111111")
    client.post("/hooks/hub", content=body, headers=signed(body))
    for _ in range(200):
        if seen:
            break
        time.sleep(0.01)
    assert "4111 1111 1111 1111" not in json.dumps(dict(seen[0].payload))
    assert seen[0].place == seen[0].payload["place"] == "4111111111111111"


def test_a_challenge_is_answered_and_what_comes_after_is_done(client: TestClient, files: WithFiles) -> None:
    answer = client.get("/hooks/files/deep", params={"challenge": "abc"})
    assert (answer.status_code, answer.text) == (200, "abc")
    assert files.done == ["http://testserver/hooks/files/deep?challenge=abc"]


def test_a_private_file_is_read_by_its_signed_address_and_runs_nothing(world: World, client: TestClient) -> None:
    shown = Links("https://desk.example", world.secret()).file("files", Attachment("F1", "file"), "x.svg")
    assert shown is not None
    answer = client.get(shown.url.removeprefix("https://desk.example"))
    assert answer.content == b"<svg onload=alert(1)>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment"


@pytest.mark.parametrize("path", ["/files/forged/x.svg", "/files/WyJmaWxlcyIsIkYxIl0.AAAA/x.svg"])
def test_an_address_that_is_not_ours_opens_no_file(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_agents_at_a_channel_see_that_the_customer_types(world: World, vendor, client: TestClient) -> None:
    said = client.post("/chat/messages", json={"id": "m1", "text": "hello"}).json()
    handoff = world.handoff(said["conversation_id"])
    rules = replace(handoff.rules, takeovers=(Takeover("hub", external=True),))
    world.store.commit(handoff, Step(replace(handoff, rules=rules)), Accepted("x", "X"), now())
    world.service.receive(handoff.id, TakenOver("hub", "support", "ticket-9"))
    assert client.post("/chat/typing").status_code == 204
    for _ in range(200):
        if any(one["type"] == "handoff.typing" for one in vendor.events):
            break
        time.sleep(0.01)
    assert [one["data"]["on"] for one in vendor.events if one["type"] == "handoff.typing"] == [True]
