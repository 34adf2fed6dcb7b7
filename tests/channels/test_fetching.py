"""Customers' files are fetched from the public network and from nowhere else."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rasa_handoff.channels.fetching import Fetched, Fetching


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["host"]))  # type: ignore[attr-defined]
        to = {"/inside": "http://localhost:9/x", "/round": "/round", "/moved": "/a%20b.png?x=1"}.get(self.path)
        self.send_response(302 if to else 404 if self.path == "/gone" else 200)
        self.send_header("content-type", "image/png; charset=binary")
        if to:
            self.send_header("location", to)
        self.end_headers()
        self.wfile.write(b"x" * (2000 if self.path == "/large" else 4))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


async def fetched(server: ThreadingHTTPServer, path: str, *hosts: str, host: str = "127.0.0.1") -> Fetched | None:
    fetching = Fetching(hosts, largest=1000)
    try:
        return await fetching.fetch(f"http://{host}:{server.server_port}{path}")
    finally:
        await fetching.close()


async def test_a_host_that_is_named_is_asked(server: ThreadingHTTPServer) -> None:
    assert await fetched(server, "/a/b.png", "127.0.0.1") == Fetched("b.png", "image/png", b"xxxx")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"])
async def test_a_host_inside_is_not_asked(server: ThreadingHTTPServer, host: str) -> None:
    assert await fetched(server, "/a", host=host) is None
    assert server.asked == []  # type: ignore[attr-defined]


async def test_the_address_that_was_looked_at_is_the_one_that_is_asked(
    server: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([["8.8.8.8", "10.0.0.1"], ["192.168.1.1"], ["fd00::1"], ["169.254.169.254"], ["64:ff9b::a00:1"]])

    def resolved(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 0)) for one in next(answers)]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    for _ in range(5):
        assert await fetched(server, "/a", host="files.example") is None


async def test_a_redirect_is_followed_but_not_inside(server: ThreadingHTTPServer) -> None:
    assert await fetched(server, "/moved", "127.0.0.1") == Fetched("a b.png", "image/png", b"xxxx")
    assert await fetched(server, "/inside", "127.0.0.1") is None
    assert await fetched(server, "/round", "127.0.0.1") is None


@pytest.mark.parametrize("path", ["/gone", "/large"])
async def test_what_is_not_there_or_too_large_is_not_had(server: ThreadingHTTPServer, path: str) -> None:
    assert await fetched(server, path, "127.0.0.1") is None
