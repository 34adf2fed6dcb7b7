"""Rasa 3.6's own connector takes what we pass on to it."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rasa_handoff.channels.messenger.forwarding import Rasa
from rasa_handoff.core.errors import Unreachable
from tests.channels.messenger.world import SECRET

ROOT = Path(__file__).parents[3]
PYTHON = ROOT / ".venv-bot/bin/python"
PAYLOADS = ROOT / "tests/payloads/messenger"


@pytest.fixture(scope="module")
def connector() -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    if not PYTHON.exists():
        assert not os.environ.get("CI"), "Rasa's environment is missing"
        pytest.skip("Rasa's environment is not here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(PYTHON), "-W", "ignore", str(Path(__file__).with_name("connector.py")), str(port), SECRET]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield f"http://127.0.0.1:{port}/webhooks/facebook/webhook", process
    process.kill()
    process.wait()
    process.stdout.close()


async def test_the_connector_hears_each_event_that_is_for_the_bot(
    connector: tuple[str, "subprocess.Popen[str]"],
) -> None:
    url, process = connector
    rasa = Rasa(url, SECRET)
    heard = []
    for name in ("message", "quick_reply", "image", "postback"):
        (entry,) = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))["entry"]
        await rasa.forward(name, {"page": entry["id"], "time": entry["time"], "event": entry["messaging"][0]})
        assert process.stdout is not None
        heard.append(json.loads(process.stdout.readline()))
    await rasa.close()
    texts = ["Where is my parcel?", "/affirm", "https://scontent.example/a.jpg", "/greet"]
    assert heard == [["4444000000000001", text] for text in texts]


async def test_a_wrong_secret_is_told_and_what_the_check_asks_is_taken(
    connector: tuple[str, "subprocess.Popen[str]"],
) -> None:
    wrong, right = Rasa(connector[0], "another"), Rasa(connector[0], SECRET)
    with pytest.raises(Unreachable, match="app_secret"):
        await wrong.post({"object": "page", "entry": []})
    await right.post({"object": "page", "entry": []})
    await wrong.close()
    await right.close()
