"""A vendor as the contract suite wants it: a real server on loopback that answers as the vendor does, and can fail.

What people do there (`agent_says`, `press`) makes webhooks, which wait in `hooks` until a test delivers them: once,
twice, in another order, or never.
"""

import json
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from rasa_handoff.channel import Channel, Person, Press, Request
from rasa_handoff.channels.kinds import ChannelKind, Setup

ANNA = Person("anna", "Anna Ng", "anna@example.com")
BEN = Person("ben", "Ben Ode", "ben@example.com")
"""Agents of the suite's store, as people at the vendor. A vendor knows them by ids of its own kind."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request to the vendor."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Reply:
    """The vendor's answer. A `body` that is not bytes is sent as JSON."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the answer to a request. `lost`: it is done, and the answer does not arrive."""

    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0.0
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook of the vendor, as its server sends it. `path` follows the channel's own address."""

    body: bytes
    headers: Mapping[str, str]
    path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


class FakeVendor(ABC):
    """Subclass it for a vendor; the suite finds the subclasses that `tests/channels/worlds.py` names."""

    kind: ClassVar[ChannelKind]
    customers: ClassVar[str] = "rest"
    """The channel of Rasa that the suite's customers write through."""

    anonymous: ClassVar[str | None] = None
    """What all of its people are called, where the platform does not tell who of them it was."""

    only_hands_back: ClassVar[bool] = False
    """Nobody there says how it ended: it comes back to the bot."""

    hook_url = "https://handoff.example/hooks/there"

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.faults: deque[Fault | None] = deque()  # of the next calls, in order; None: that one goes well
        self.hooks: list[Hook] = []
        self.lock = threading.RLock()
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # or each answer waits for 40 ms

            def handle_any(self) -> None:
                vendor._serve(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def channel(self) -> Channel:
        """Our channel, set up for this vendor."""
        told = {"id": "there", "type": self.kind.name, **self.settings()}
        settings = self.kind.settings.model_validate(told)
        return self.kind.make(Setup("there", settings, self.secrets(), self.hook_url))

    def request(self, hook: Hook, at: datetime | None = None) -> Request:
        """The hook, as it reaches us."""
        headers = {name.lower(): value for name, value in hook.headers.items()}
        url = f"{self.hook_url}{hook.path}"
        return Request(hook.method, url, hook.path, hook.query, headers, hook.body, at or datetime.now(UTC))

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """The channel's entry in handoff.yml, but for id and type. Addresses of the vendor are `self.url`."""

    @abstractmethod
    def secrets(self) -> dict[str, str]: ...

    @abstractmethod
    def answer(self, call: Call) -> Reply:
        """What the vendor does and says, with `self.lock` held."""

    @abstractmethod
    def conversation_id(self, number: int) -> str:
        """The id of a customer's conversation in Rasa, which the vendor knows where it owns conversations."""

    @abstractmethod
    def agent_says(self, key: str, text: str, person: Person = ANNA) -> None:
        """Somebody writes at the place, where `key` is what `take_over` gave. Makes hooks."""

    @abstractmethod
    def press(self, key: str, press: Press, person: Person = ANNA) -> None:
        """Somebody presses the button, or does what it comes to there. ACCEPT is: to take it. Makes hooks."""

    @abstractmethod
    def shown(self, key: str) -> list[str]:
        """The texts that agents see there as the customer's (or another's) messages, in order; not the context, notes
        to agents, or what agents wrote there themselves. Where the channel `owns`, the suite does not ask.
        """

    @abstractmethod
    def context(self, key: str) -> str:
        """All that agents see of the context there now, as text."""

    @abstractmethod
    def told(self, key: str) -> list[str]:
        """What `tell` brought to people at the place."""

    @abstractmethod
    def is_released(self, key: str) -> bool: ...

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        call = _call(handler)
        if call is None:  # whoever asked went away in the middle of it
            handler.close_connection = True
            return
        fault = self.faults.popleft() if self.faults else None
        if fault:
            time.sleep(fault.pause)
        with self.lock:
            self.calls.append(call)
            reply = self.answer(call) if fault is None or fault.lost else Reply({}, fault.status, fault.headers)
        if fault is not None and fault.lost:
            handler.close_connection = True
            return
        _send(handler, reply)


def _call(handler: BaseHTTPRequestHandler) -> Call | None:
    """None: not all of it came."""
    parts = urlsplit(handler.path)
    length = int(handler.headers.get("content-length") or 0)
    body = handler.rfile.read(length)
    if len(body) < length:
        return None
    headers = {name.lower(): value for name, value in handler.headers.items()}
    return Call(handler.command, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers, body)


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    is_bytes = isinstance(reply.body, bytes)
    body = reply.body if is_bytes else b"" if reply.body is None else json.dumps(reply.body).encode()
    kind = {} if is_bytes or reply.body is None else {"content-type": "application/json"}
    handler.send_response(reply.status)
    for name, value in {**kind, **reply.headers, "content-length": str(len(body))}.items():
        handler.send_header(name, value)
    with suppress(ConnectionError):  # whoever asked may not have waited
        handler.end_headers()
        handler.wfile.write(body)
