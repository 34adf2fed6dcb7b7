"""Webhooks over real HTTP: what a receiver gets, and what happens when it does not take it."""

import asyncio
import base64
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from standardwebhooks import Webhook

from rasa_handoff import cloudevents
from rasa_handoff.core.announcement import Announcement
from rasa_handoff.core.errors import Refused, SettingsError, Unreachable
from rasa_handoff.signing import key_of
from rasa_handoff.webhooks import Endpoint, Webhooks
from tests.core.test_announcing import BOTH, life_of

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
EVENTS = Path(__file__).parents[2] / "docs/reference/events.md"


@dataclass
class Receiver:
    """Somebody's server: what it got, and how it answers next."""

    url: str = ""
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    got: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.got.append((body, dict(self.headers.items())))
            time.sleep(receiver.pause)
            self.send_response(receiver.status)
            for name, value in {"content-length": "0", **receiver.headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield receiver
    server.shutdown()
    server.server_close()


def deliver(url: str, event: dict[str, object], *, timeout: float = 10.0) -> None:
    async def once() -> None:
        webhooks = Webhooks({"crm": Endpoint(url, key_of("crm", SECRET))}, timeout)
        try:
            await webhooks.deliver("crm", event)
        finally:
            await webhooks.close()

    asyncio.run(once())


def events() -> list[dict[str, object]]:
    """A whole life as CloudEvents, without what the store adds to the context."""
    return [cloudevents.envelope(f"e{n}", one, one.data) for n, one in enumerate(life_of(BOTH)) if one.to == "crm"]


def test_any_standard_library_verifies_what_the_receiver_gets(receiver: Receiver) -> None:
    event = events()[-1]
    deliver(receiver.url, event)
    ((body, headers),) = receiver.got
    assert Webhook(SECRET).verify(body, headers) == event
    assert headers["webhook-id"] == event["id"]
    assert headers["content-type"].startswith("application/cloudevents+json")


def test_the_envelope_is_a_cloud_event() -> None:
    event = events()[0]
    assert {key: event[key] for key in ("specversion", "type", "subject", "datacontenttype")} == {
        "specversion": "1.0",
        "type": "handoff.initiated",
        "subject": "h1",
        "datacontenttype": "application/json",
    }
    assert datetime.fromisoformat(str(event["time"])) == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert event["dataschema"] == cloudevents.schema(Announcement.INITIATED)["$id"]


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_a_receiver_in_trouble_is_tried_again(receiver: Receiver, status: int) -> None:
    receiver.status, receiver.headers = status, {"retry-after": "7"}
    with pytest.raises(Unreachable, match=str(status)) as caught:
        deliver(receiver.url, events()[0])
    assert caught.value.retry_after == 7


@pytest.mark.parametrize("asked", ["soon", "Wed, 21 Oct 2026 07:28:00 GMT", "-1", "99999999999999999999"])
def test_an_odd_retry_after_does_no_harm(receiver: Receiver, asked: str) -> None:
    receiver.status, receiver.headers = 503, {"retry-after": asked}
    with pytest.raises(Unreachable) as caught:
        deliver(receiver.url, events()[0])
    assert caught.value.retry_after is None or caught.value.retry_after <= 3600


@pytest.mark.parametrize("status", [400, 401, 404, 410, 301])
def test_a_receiver_that_refuses_is_not_tried_again_and_redirects_are_not_followed(
    receiver: Receiver, status: int
) -> None:
    receiver.status, receiver.headers = status, {"location": receiver.url}
    with pytest.raises(Refused, match=str(status)):
        deliver(receiver.url, events()[0])
    assert len(receiver.got) == 1


def test_a_receiver_that_hangs_or_is_away_is_tried_again(receiver: Receiver) -> None:
    receiver.pause = 1.0
    with pytest.raises(Unreachable, match="did not answer"):
        deliver(receiver.url, events()[0], timeout=0.1)
    with pytest.raises(Unreachable, match="did not answer"):
        deliver("http://127.0.0.1:9/", events()[0])


def test_a_webhook_that_was_taken_out_of_the_settings_is_not_tried_for_hours() -> None:
    async def once() -> None:
        await Webhooks({}).deliver("crm", events()[0])

    with pytest.raises(Refused, match="no webhook 'crm'"):
        asyncio.run(once())


@pytest.mark.parametrize("secret", ["", "whsec_", "hunter2", "whsec_c2hvcnQ=", "whsec_%%%"])
def test_a_secret_that_is_none_is_said_to_be(secret: str) -> None:
    with pytest.raises(SettingsError, match="HANDOFF_WEBHOOK_SECRETS"):
        key_of("crm", secret)


def test_every_event_of_a_life_is_as_its_schema_says() -> None:
    for event in events():
        if event["type"] != Announcement.CONTEXT:
            schema = cloudevents.schema(Announcement(str(event["type"])))
            Draft202012Validator(schema).validate(event["data"])


@pytest.mark.parametrize("announcement", Announcement)
def test_every_type_is_documented_with_an_example_that_its_schema_accepts(announcement: Announcement) -> None:
    schema = cloudevents.schema(announcement)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == cloudevents.schema_id(announcement)
    example = examples()[announcement]
    assert example["dataschema"] == schema["$id"]
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(example["data"])
    for required in schema["required"]:
        broken = {key: value for key, value in example["data"].items() if key != required}
        assert not Draft202012Validator(schema).is_valid(broken), required


def examples() -> dict[str, dict[str, dict[str, object]]]:
    """The JSON blocks of docs/reference/events.md by type."""
    blocks = EVENTS.read_text(encoding="utf-8").split("```json\n")[1:]
    found = [json.loads(block.partition("```")[0]) for block in blocks]
    return {one["type"]: one for one in found}
