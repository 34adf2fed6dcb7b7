"""Slack's end of Socket Mode: connections that a test opens events on, and closes as Slack does."""

import json
import queue
import threading
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from tests.channels.slack.cases import recorded


class Connection:
    """One connection of ours. `acknowledged` are envelopes, in order."""

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket
        self.acknowledged: queue.Queue[str] = queue.Queue()
        self.closed = threading.Event()

    def send(self, told: Mapping[str, Any] | str) -> None:
        self._socket.send(told if isinstance(told, str) else json.dumps(told))

    def envelope(self, payload: Any, type: str = "events_api", **more: Any) -> str:
        id = str(uuid4())
        told = {"envelope_id": id, "payload": payload, "type": type, "accepts_response_payload": type == "interactive"}
        self.send({**told, **more})
        return id

    def goes(self, reason: str) -> None:
        self.send({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}})

    def close(self) -> None:
        self._socket.close()

    def listen(self) -> None:
        self.send({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0HANDOFF1"}})
        try:
            for told in self._socket:
                self.acknowledged.put(json.loads(told)["envelope_id"])
        except ConnectionClosed:
            pass
        finally:
            self.closed.set()


class SocketWorld:
    def __init__(self) -> None:
        self.connections: queue.Queue[Connection] = queue.Queue()
        self._server = serve(self._serve, "127.0.0.1", 0, ping_interval=None)
        self.url = f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/link/?ticket=1&app_id=2"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()

    def _serve(self, socket: ServerConnection) -> None:
        connection = Connection(socket)
        self.connections.put(connection)
        connection.listen()


def message(text: str, id: str) -> dict[str, Any]:
    told = recorded("message")
    return {**told, "event_id": id, "event": {**told["event"], "text": text, "blocks": []}}
