"""A webhook counts when Twilio has signed it for our address, and whatever else is wrong with it is refused alike."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rasa_handoff.channel import Received, Request
from rasa_handoff.channels.kinds import Setup
from rasa_handoff.channels.twilio import KIND, TwilioChannel
from rasa_handoff.channels.twilio.hooks import FILTERS
from rasa_handoff.channels.twilio.signature import LIMIT, signature
from rasa_handoff.core.errors import SettingsError, Unverified
from tests.channels.twilio.world import ACCOUNT, SERVICE, TOKEN, WORKFLOW, WORKSPACE, signed_hook
from tests.channels.vendor import FakeVendor, Hook

URL = FakeVendor.hook_url
FORM = "application/x-www-form-urlencoded"
SIDS = {"account": ACCOUNT, "service": SERVICE, "workspace": WORKSPACE, "workflow": WORKFLOW}
TOLD = {
    "EventType": "onMessageAdded",
    "ConversationSid": "CH" + "1" * 32,
    "MessageSid": "IM" + "2" * 32,
    "Index": "0",
    "Author": "anna_40example_2Ecom",
    "Body": "Grüße & 100% + more",
    "ParticipantSid": "MB" + "3" * 32,
}


@cache
def channel(hook_url: str | None = URL, **secrets: str) -> TwilioChannel:
    made = KIND.settings.model_validate({"id": "there", "type": "twilio", **SIDS})
    return TwilioChannel(Setup("there", made, {"auth_token": TOKEN, **secrets}, hook_url))


def request(body: bytes, headers: Mapping[str, str], url: str = URL, method: str = "POST", path: str = "") -> Request:
    _, _, query = url.partition("?")
    named = dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair)
    lower = {name.lower(): value for name, value in headers.items()}
    return Request(method, url, path, named, lower, body, datetime.now(UTC))


def of(hook: Hook) -> Request:
    return request(hook.body, hook.headers)


def signed_json(told: Any, url: str = URL, key: str = TOKEN) -> Request:
    body = json.dumps(told).encode()
    full = f"{url}?bodySHA256={hashlib.sha256(body).hexdigest()}"
    headers = {"content-type": "application/json", "x-twilio-signature": signature(key.encode(), full, ())}
    return request(body, headers, full)


def test_the_signature_is_the_one_that_twilio_publishes() -> None:
    """The examples of Twilio's own libraries (twilio-python, tests/unit/test_request_validator.py)."""
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    told = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    assert signature(b"12345", url, told.items()) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    body = b'{"property": "value", "boolean": true}'
    hashed = f"{url}&bodySHA256={hashlib.sha256(body).hexdigest()}"
    assert signature(b"12345", hashed, ()) == "a9nBmqA0ju/hNViExpshrM61xv4="


def test_what_twilio_signed_is_taken() -> None:
    (signal,) = channel().receive(of(signed_hook(TOLD))).signals
    assert signal.place == TOLD["ConversationSid"]
    assert signal.payload["Body"] == "Grüße & 100% + more"
    assert signal.written == ("Grüße & 100% + more",)


def test_a_proxy_in_front_of_us_may_have_changed_the_address() -> None:
    hook = signed_hook(TOLD)
    inside = request(hook.body, hook.headers, "http://10.0.0.7:5080/hooks/there")
    assert channel().receive(inside).signals
    with pytest.raises(Unverified):
        channel(hook_url=None).receive(inside)


@pytest.mark.parametrize("url", ["https://handoff.example:443/hooks/there", "https://handoff.example/hooks/there"])
def test_twilio_may_sign_with_the_standard_port_or_without_it(url: str) -> None:
    assert channel().receive(of(signed_hook(TOLD, url=url))).signals
    assert channel("https://handoff.example:443/hooks/there").receive(of(signed_hook(TOLD, url=url))).signals


def test_json_is_known_by_its_hash_in_the_address() -> None:
    event = {
        "specversion": "1.0",
        "type": "com.twilio.conversations.participant.added",
        "data": {"ConversationSid": "CH1", "ParticipantSid": "MB1", "Identity": "anna"},
    }
    (signal,) = channel().receive(signed_json([event])).signals
    assert signal.place == "CH1"
    honest = signed_json([event])
    other = json.dumps([{**event, "id": "x"}]).encode()
    with pytest.raises(Unverified):
        channel().receive(request(other, honest.headers, honest.url))


def test_a_webhook_rule_may_have_twilio_sign_with_a_shared_key() -> None:
    text = URL + "".join(name + TOLD[name] for name in sorted(TOLD))
    digest = base64.b64encode(hmac.new(b"shared", text.encode(), hashlib.sha256).digest()).decode()
    told = {"x-twilio-webhooks-signature-settings": "key=SKey1,algorithm=HMAC_SHA256"}
    asked = request(urlencode(TOLD).encode(), {"content-type": FORM, "x-twilio-signature": digest, **told})
    assert channel(signing_key="shared").receive(asked).signals
    for other in (channel(), channel(signing_key="another")):
        with pytest.raises(Unverified):
            other.receive(asked)


def test_without_the_header_a_shared_key_signs_nothing() -> None:
    headers = {"content-type": FORM, "x-twilio-signature": signature(b"shared", URL, TOLD.items())}
    with pytest.raises(Unverified):
        channel(signing_key="shared").receive(request(urlencode(TOLD).encode(), headers))


def wrong() -> dict[str, Request]:
    hook = signed_hook(TOLD)
    body, headers = hook.body, dict(hook.headers)
    broken = signed_hook({**TOLD, "ConversationSid": ""})
    nameless = signed_hook({**TOLD, "MessageSid": ""})
    large = signed_hook({**TOLD, "Body": "x" * LIMIT})
    raw = b"\xff\xfe=1"
    return {
        "forged": request(body, {**headers, "X-Twilio-Signature": signature(b"another token", URL, TOLD.items())}),
        "not signed": request(body, {"content-type": FORM}),
        "empty signature": request(body, {**headers, "X-Twilio-Signature": ""}),
        "no text as signature": request(body, {**headers, "X-Twilio-Signature": "\udcff"}),
        "changed": request(body.replace(b"100", b"999"), headers),
        "more": request(body + b"&Identity=eve", headers),
        "signed for another address": of(signed_hook(TOLD, url="https://elsewhere.example/hooks/there")),
        "at another path": request(body, headers, path="/other"),
        "read, not posted": request(body, headers, method="GET"),
        "oversized": of(large),
        "of no conversation": of(broken),
        "without its id": of(nameless),
        "no form": request(raw, {"content-type": FORM, "x-twilio-signature": signature(TOKEN.encode(), URL, ())}),
        "no JSON": request(b"{", {"content-type": "application/json"}, f"{URL}?bodySHA256={'0' * 64}"),
        "JSON without its hash": request(
            b"[]", {"content-type": "application/json", "x-twilio-signature": signature(TOKEN.encode(), URL, ())}
        ),
        "no event": signed_json([1]),
        "an event without data": signed_json({"specversion": "1.0", "type": "x"}),
    }


@pytest.mark.parametrize("what", wrong())
def test_whatever_is_wrong_is_refused_alike(what: str) -> None:
    with pytest.raises(Unverified) as caught:
        channel().receive(wrong()[what])
    assert str(caught.value) == str(Unverified())


def test_a_repeat_has_the_same_id_and_so_is_nothing() -> None:
    """There is no time in the signature: whoever recorded a webhook can send it again, for ever."""
    first, second = (channel().receive(of(signed_hook(TOLD))).signals[0] for _ in range(2))
    assert first == second
    (other,) = channel().receive(of(signed_hook({**TOLD, "MessageSid": "IM" + "9" * 32}))).signals
    assert other.id != first.id


def test_what_is_told_in_two_ways_is_one_event() -> None:
    data = {name: value for name, value in TOLD.items() if name not in ("EventType", "Body")}
    event = {
        "specversion": "1.0",
        "type": "com.twilio.conversations.message.added",
        "data": {**data, "MessageBody": TOLD["Body"], "Index": 0},
    }
    (streamed,) = channel().receive(signed_json([event])).signals
    (posted,) = channel().receive(of(signed_hook(TOLD))).signals
    assert streamed.id == posted.id
    assert streamed.written == posted.written


texts = st.text(max_size=60)
anything = st.recursive(st.none() | st.integers() | texts, lambda one: st.lists(one) | st.dictionaries(texts, one))


@given(
    body=st.binary(max_size=200),
    headers=st.dictionaries(
        st.sampled_from(
            ["content-type", "x-twilio-signature", "x-twilio-webhooks-signature-settings", "content-length"]
        ),
        st.sampled_from(["application/json", FORM]) | texts,
    ),
    url=st.sampled_from([URL, f"{URL}?bodySHA256=1", "http://[", "", "?bodySHA256=é"]) | texts,
    method=st.sampled_from(["POST", "GET", "PUT"]),
    hook_url=st.sampled_from([URL, None]),
)
@settings(max_examples=300, deadline=None)
def test_what_nobody_signed_is_never_anything_but_unverified(
    body: bytes, headers: dict[str, str], url: str, method: str, hook_url: str | None
) -> None:
    with pytest.raises(Unverified):
        channel(hook_url).receive(Request(method, url, "", {}, headers, body, datetime.now(UTC)))


named = dict.fromkeys((*TOLD, "ParticipantSid", "Identity", "StateTo", "Media", "Attributes"), texts)


@given(told=st.fixed_dictionaries({}, optional={**named, "EventType": st.sampled_from(FILTERS) | texts}))
@settings(max_examples=300, deadline=None)
def test_a_signed_form_is_taken_or_refused_whatever_it_says(told: dict[str, str]) -> None:
    try:
        received = channel().receive(of(signed_hook(told)))
    except Unverified:
        return
    assert isinstance(received, Received)
    assert all(signal.place == told["ConversationSid"] for signal in received.signals)


@given(told=anything)
@settings(max_examples=300, deadline=None)
def test_signed_json_is_taken_or_refused_whatever_it_says(told: Any) -> None:
    try:
        received = channel().receive(signed_json(told))
    except Unverified:
        return
    assert isinstance(received, Received)


@pytest.mark.parametrize("secrets", [{"auth_token": ""}, {"api_key": "SK" + "1" * 32}])
def test_a_channel_without_its_secrets_says_what_is_missing(secrets: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="HANDOFF_CHANNEL_SECRETS"):
        channel(**secrets)
