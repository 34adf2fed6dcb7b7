"""Signatures as https://www.standardwebhooks.com has them: any of its libraries makes and verifies them.

`webhook-id` is the message's id, the same on every try; `webhook-timestamp` the time of the try, in seconds since 1970;
`webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, or several such, parted by spaces.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from rasa_handoff.core.errors import SettingsError, Unverified

_PREFIX = "whsec_"
WINDOW = 300
"""Seconds by which a signature may be older or newer than we are."""


def signed(key: bytes, id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that let the receiver verify `body`."""
    digest = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": id, "webhook-timestamp": str(timestamp), "webhook-signature": signature}


def verified(key: bytes, headers: Mapping[str, str], body: bytes, now: float) -> str:
    """The message's id. `headers` have lower-case names. Errors: Unverified, whatever is wrong, after equal work."""
    id, told = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    timestamp = int(told) if told.isascii() and told.isdecimal() and len(told) < 12 else 0
    expected = signed(key, id, timestamp, body)["webhook-signature"].encode()
    given = headers.get("webhook-signature", "").encode().split(b" ")[:8]
    matches = sum(hmac.compare_digest(expected, one) for one in given) > 0
    if not (matches and id and abs(now - timestamp) <= WINDOW):
        raise Unverified
    return id


def key_of(webhook_id: str, secret: str, variable: str = "HANDOFF_WEBHOOK_SECRETS") -> bytes:
    """The key in a `whsec_...` secret. Errors: SettingsError."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(_PREFIX) or not 24 <= len(key) <= 64:
        raise SettingsError(
            f"The secret of the webhook {webhook_id!r} in {variable} is none: write {_PREFIX} and the "
            f"base64 of 24 to 64 random bytes, such as from `openssl rand -base64 32`."
        )
    return key
