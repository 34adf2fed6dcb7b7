"""Twilio's signature over a webhook: https://www.twilio.com/docs/usage/webhooks/webhooks-security.

It covers the address that Twilio called and, of a form, its parameters by name; of JSON, its hash is a part of the
address (`bodySHA256`). There is no time in it: what is sent again is known by its ids.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

from rasa_handoff.channel import Request
from rasa_handoff.core.errors import Unverified

LIMIT = 512 * 1024
"""Bytes of a webhook: attributes have at most 16 KB, a text 32 KB, and each byte takes three in a form."""

Pairs = list[tuple[str, str]]

_HOST = re.compile("(?P<scheme>https?)://[^/?#]*")


@dataclass(frozen=True, slots=True)
class Keys:
    """`auth_token` signs; or, where a Webhook Rule says so, `signing_key`."""

    auth_token: bytes
    signing_key: bytes = b""


def verified(keys: Keys, hook_url: str | None, request: Request) -> Any:
    """What the request says: a mapping of texts from a form, anything from JSON.

    Errors: Unverified, alike for everything that is wrong with it.
    """
    is_json = request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
    body = request.body[:LIMIT]
    told, pairs = _json(body) if is_json else _form(body)
    address = _address(hook_url, request)
    key, algorithm = _key(keys, request)
    given = request.headers.get("x-twilio-signature", "").encode(errors="replace")
    signed = [_signature(key, algorithm, url, pairs) for url in _with_and_without_port(address)]
    matches = sum(hmac.compare_digest(one, given) for one in signed) > 0
    whole = _hash(address, request.body) if is_json else True
    if not (matches and whole and key and told is not None and request.method == "POST" and len(request.body) <= LIMIT):
        raise Unverified
    return told


def signature(key: bytes, url: str, pairs: Iterable[tuple[str, str]]) -> str:
    """The value of the header X-Twilio-Signature, as the account's auth token makes it."""
    return _signature(key, hashlib.sha1, url, pairs).decode()


def _signature(key: bytes, algorithm: Callable[..., Any], url: str, pairs: Iterable[tuple[str, str]]) -> bytes:
    text = url + "".join(name + value for name, value in sorted(set(pairs)))
    return base64.b64encode(hmac.new(key, text.encode(errors="replace"), algorithm).digest())


def _key(keys: Keys, request: Request) -> tuple[bytes, Callable[..., Any]]:
    told = request.headers.get("x-twilio-webhooks-signature-settings")
    if told is None:
        return keys.auth_token, hashlib.sha1
    return (
        keys.signing_key if told.lower().replace(" ", "").endswith("algorithm=hmac_sha256") else b""
    ), hashlib.sha256


def _address(hook_url: str | None, request: Request) -> str:
    """What Twilio called, as it calls it. A proxy before us may have changed what we see of it."""
    asked, _, query = request.url.partition("#")[0].partition("?")
    query = query or urlencode(request.query)
    url = hook_url + request.path if hook_url else asked
    return f"{url}?{query}" if query else url


def _with_and_without_port(url: str) -> tuple[str, str]:
    """Twilio signs with the standard port in the address, or without it."""
    found = _HOST.match(url)
    if found is None:
        return url, url
    port = ":443" if found["scheme"] == "https" else ":80"
    bare, rest = found[0].removesuffix(port), url[found.end() :]
    return bare + rest, bare + port + rest


def _hash(url: str, body: bytes) -> bool:
    told = parse_qs(url.partition("?")[2]).get("bodySHA256", [""])[0]
    return hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), told.lower().encode(errors="replace"))


def _form(body: bytes) -> tuple[Mapping[str, str] | None, Pairs]:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=200)
    except ValueError:
        return None, []
    return dict(pairs), pairs


def _json(body: bytes) -> tuple[Any, Pairs]:
    try:
        return json.loads(body), []
    except (ValueError, RecursionError):
        return None, []
