"""Checks passwords, and slows down who guesses them."""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rasa_handoff.ports import Store

REMEMBERED = 1024

# Checked when there is no such agent, so that a wrong id takes as long as a wrong password.
_NOBODY = PasswordHasher().hash(secrets.token_hex(16))


class Passwords:
    """Checks passwords in about the same time whatever is wrong, a few at once at most: each check wants memory."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._hasher = PasswordHasher()
        self._turns = asyncio.Semaphore(2)
        self._key = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, None] = OrderedDict()

    async def match(self, agent_id: str, password: str) -> bool:
        """Errors: Unreachable."""
        stored = await asyncio.to_thread(self._store.password_hash, agent_id)
        # A script signs each request with its password: what matched once need not be hashed again.
        told = "\0".join((agent_id, stored or "", password)).encode("utf-8", "replace")
        digest = hmac.digest(self._key, told, hashlib.sha256)
        if digest in self._known:
            return True
        async with self._turns:
            right = await asyncio.to_thread(self._verify, stored or _NOBODY, password)
        if right and stored is not None:
            self._remember(digest)
        return right and stored is not None

    def _remember(self, digest: bytes) -> None:
        self._known[digest] = None
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


class Attempts:
    """Counts failed sign-ins within a sliding window, for at most `size` keys."""

    def __init__(self, limit: int, window: float = 60.0, size: int = 10_000) -> None:
        self._limit, self._window, self._size = limit, window, size
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    def wait(self, key: str, now: float | None = None) -> float:
        """Seconds until this key may try again; 0 when it may now."""
        now = time.monotonic() if now is None else now
        recent = [at for at in self._failures.get(key, []) if at > now - self._window]
        return recent[-self._limit] + self._window - now if len(recent) >= self._limit else 0.0

    def failed(self, key: str, now: float | None = None) -> None:
        now = time.monotonic() if now is None else now
        self._failures[key] = [*self._failures.pop(key, []), now][-self._limit :]
        if len(self._failures) > self._size:
            self._failures.popitem(last=False)
