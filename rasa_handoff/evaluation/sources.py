"""Past conversations from a file, or one from a Rasa server. All as Rasa's trackers."""

import asyncio
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from rasa_handoff.core.errors import BadInput, NotFound
from rasa_handoff.evaluation.jsonlines import Json, OnBad, kind_of, parsed, rows, strict
from rasa_handoff.rasa.client import RasaClient
from rasa_handoff.settings import load_environment

_CHUNK = 1 << 20


def checked(value: Any, where: str) -> Json:
    """A tracker with events. Errors: BadInput."""
    if not isinstance(value, dict):
        raise BadInput(f"{where}: expected a tracker, an object, found {kind_of(value)}")
    if not isinstance(value.get("events"), list):
        raise BadInput(f"{where}: this is no tracker with its events: `events` is {kind_of(value.get('events'))}")
    if not isinstance(value.get("sender_id"), str):
        raise BadInput(f"{where}: this tracker has no `sender_id`")
    return value


def from_file(lines: IO[bytes], name: str, bad: OnBad = strict) -> Iterator[Json]:
    """Trackers from JSON lines, a JSON list, or a single one over many lines. One at a time is held in memory."""
    first = lines.readline()
    while first and not first.strip():
        first = lines.readline()
    if first.lstrip(b"\xef\xbb\xbf \t").startswith(b"["):
        found: Iterable[tuple[str, Any]] = _listed(first, lines, name)
    elif _is_json(first):
        found = ((row.where, row.value) for row in rows(_chained(first, lines), name, bad))
    else:
        found = [(name, parsed(first + lines.read(), name))] if first else []
    for where, value in found:
        try:
            yield checked(value, where)
        except BadInput as problem:
            bad(problem)


def _is_json(line: bytes) -> bool:
    """A whole value by itself, or at least not the beginning of one that goes on."""
    try:
        json.loads(line)
    except UnicodeDecodeError:
        return True
    except json.JSONDecodeError as error:
        return error.pos < len(line.decode().rstrip())
    return True


def _chained(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _listed(first: bytes, lines: IO[bytes], name: str) -> Iterator[tuple[str, Any]]:
    """The members of a JSON list, read a piece at a time. Errors: BadInput where it stops being one."""
    decoder, number = json.JSONDecoder(), 0
    pieces = _decoded(_chained(first, iter(lambda: lines.read(_CHUNK), b"")), name)
    text = next(pieces).lstrip("\ufeff \t")[1:]
    while True:
        text = text.lstrip(" \t\r\n,")
        if text.startswith("]"):
            return
        try:
            value, end = decoder.raw_decode(text)
        except json.JSONDecodeError as error:
            more = next(pieces, "")
            if not more:
                raise BadInput(f"{name}: the list breaks off in member {number + 1}: {error.msg}") from error
            # As much again as there is: a member far longer than a piece is not tried a thousand times.
            text += more + "".join(piece for piece, _ in zip(pieces, range(len(text) // _CHUNK), strict=False))
            continue
        number += 1
        yield f"{name}, member {number}", value
        text = text[end:]


def _decoded(pieces: Iterable[bytes], name: str) -> Iterator[str]:
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in pieces:
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise BadInput(f"{name}: not UTF-8: {error.reason}") from error


def from_server(conversation_id: str) -> Json:
    """The tracker as the Rasa server has it. Errors: Unreachable; NotFound when nothing was ever said in it."""
    environment = load_environment()
    token = environment.rasa_token.get_secret_value() if environment.rasa_token else None

    async def ask() -> Json:
        client = RasaClient(environment.rasa_url, token)
        try:
            return await client.tracker(conversation_id)
        finally:
            await client.close()

    tracker = checked(asyncio.run(ask()), environment.rasa_url)
    if not any(isinstance(event, dict) and event.get("event") == "user" for event in tracker["events"]):
        raise NotFound(f"Rasa at {environment.rasa_url} knows no message of a conversation {conversation_id!r}.")
    return tracker


def open_input(path: Path | None) -> IO[bytes]:
    """A file, or standard input for "-". Errors: BadInput."""
    if path is None or str(path) == "-":
        return sys.stdin.buffer
    try:
        return path.open("rb")
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from error
