"""A real local server that speaks OpenAI's chat completions, well and badly, for tests and benchmarks."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from openai.types.chat.completion_create_params import (
    CompletionCreateParamsNonStreaming,
    CompletionCreateParamsStreaming,
)
from pydantic import ConfigDict, TypeAdapter, with_config

_WHOLE = TypeAdapter(with_config(ConfigDict(extra="forbid"))(CompletionCreateParamsNonStreaming))
_STREAM = TypeAdapter(with_config(ConfigDict(extra="forbid"))(CompletionCreateParamsStreaming))
_UNKNOWN = {"max_tokens": "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."}


@dataclass
class Model:
    """How the server answers, and what it was asked. `statuses` come first, one for each request; then `status`.

    Of a stream the first of `pieces` comes after `delay` seconds, at `first_sent` by `time.perf_counter`, each further
    one after `pause`; `broken_off` counts callers who hung up meanwhile.
    """

    url: str = ""
    content: str | None = ""
    pieces: Sequence[str] = ()
    finish_reason: str = "stop"
    refusal: str | None = None
    statuses: list[int] = field(default_factory=list)
    status: int = 200
    refuses: tuple[str, ...] = ()  # arguments, and kinds of response_format, that it does not know
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    delay: float = 0.0
    pause: float = 0.0
    first_sent: float = 0.0
    broken_off: int = 0
    usage: tuple[int, int] = (100, 10)
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def data(self) -> dict[str, Any]:
        """What the newest request had between <data> and </data>."""
        content = self.asked[-1]["messages"][1]["content"]
        found: dict[str, Any] = json.loads(content.split("<data>\n")[1].split("\n</data>")[0])
        return found

    def unknown(self, asked: dict[str, Any]) -> str | None:
        wanted = [*asked, (asked.get("response_format") or {}).get("type", "")]
        return next((name for name in self.refuses if name in wanted), None)

    def answer(self) -> bytes:
        if self.body is not None:
            return self.body
        message = {"role": "assistant", "content": self.content, "refusal": self.refusal}
        choice = {"index": 0, "message": message, "finish_reason": self.finish_reason, "logprobs": None}
        usage = dict(zip(("prompt_tokens", "completion_tokens"), self.usage, strict=True)) | {"total_tokens": 0}
        head = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
        return json.dumps(head | {"choices": [choice], "usage": usage}).encode()

    def chunks(self) -> Iterator[bytes]:
        head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        for piece in self.pieces:
            delta = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
            yield b"data: " + json.dumps(head | {"choices": [delta]}).encode() + b"\n\n"
        usage = {"prompt_tokens": self.usage[0], "completion_tokens": self.usage[1], "total_tokens": 0}
        yield b"data: " + json.dumps(head | {"choices": [], "usage": usage}).encode() + b"\n\n"
        yield b"data: [DONE]\n\n"


@contextmanager
def serving() -> Iterator[Model]:
    """A server on a free port of this machine."""
    model = Model()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(model))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    model.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield model
    finally:
        model.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(model: Model) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["content-length"]))
            asked = json.loads(sent)
            known = (_STREAM if asked.get("stream") else _WHOLE).validate_python(asked)
            list(known["messages"])  # they are checked when they are read
            model.asked.append(asked)
            model.keys.append((self.path, self.headers.get("authorization", "")))
            model.bodies.append(sent)
            model.released.wait(model.delay)
            status = model.statuses.pop(0) if model.statuses else model.status
            if unknown := model.unknown(asked):
                self._send(400, _error(_UNKNOWN.get(unknown, f"'{unknown}' is not supported.")))
            elif status != 200:
                self._send(status, _error("no"))
            elif asked.get("stream") and model.body is None:
                self._stream()
            else:
                self._send(200, model.answer())

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            for name, value in {"content-type": "application/json", "x-request-id": "req-1", **model.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _stream(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            model.first_sent = time.perf_counter()
            try:
                for chunk in model.chunks():
                    self.wfile.write(chunk)
                    self.wfile.flush()
                    time.sleep(model.pause)
            except OSError:
                model.broken_off += 1

        def handle(self) -> None:
            with suppress(ConnectionError):  # the client gave up, which is what some of these tests are about
                super().handle()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _error(message: str) -> bytes:
    return json.dumps({"error": {"message": message, "type": "error", "code": None}}).encode()
