"""A language model for tests and benchmarks: a local server that streams chat completions as it is told to."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class ModelServer:
    """`pieces` are streamed, the first after `delay` seconds, each further one after `pause`.

    `status` other than 200 refuses. `asked` are the requests' bodies; `broken_off` counts callers who hung up.
    """

    url: str = ""
    pieces: list[str] = field(default_factory=lambda: ["Hello, ", "I look into it."])
    delay: float = 0.0
    pause: float = 0.0
    status: int = 200
    asked: list[dict[str, Any]] = field(default_factory=list)
    first_sent: float = 0.0
    broken_off: int = 0


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """The server while it runs, on a port of its own."""
    told = ModelServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(told))
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(told: ModelServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            if told.status != 200:
                self._refuse()
                return
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            time.sleep(told.delay)
            told.first_sent = time.perf_counter()
            try:
                for piece in told.pieces:
                    self._send(json.dumps(_chunk({"content": piece}, None)))
                    time.sleep(told.pause)
                self._send(json.dumps(_chunk({}, "stop")))
                self._send("[DONE]")
            except OSError:
                told.broken_off += 1

        def _send(self, data: str) -> None:
            self.wfile.write(f"data: {data}\n\n".encode())
            self.wfile.flush()

        def _refuse(self) -> None:
            body = b'{"error": {"message": "no", "type": "error", "code": null}}'
            self.send_response(told.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def handle(self) -> None:
            with suppress(ConnectionError):
                super().handle()

        def log_message(self, *_: object) -> None: ...

    return Handler


def _chunk(delta: dict[str, str], finish: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
