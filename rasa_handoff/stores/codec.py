"""Frozen dataclasses to plain JSON values and back, and JSON to text. Effects and events are tagged by class name."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, get_args

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from rasa_handoff.core.effects import Effect, Wake
from rasa_handoff.core.handoff import Event, Timed
from rasa_handoff.core.package import ContextPackage

T = TypeVar("T")
Json = dict[str, Any]

_EFFECTS: Mapping[str, type[Effect]] = {kind.__name__: kind for kind in get_args(Effect)}
_TIMED: Mapping[str, type[Timed]] = {kind.__name__: kind for kind in get_args(Timed)}


_ADAPTERS: dict[type, TypeAdapter[Any]] = {}


def _adapter(kind: type) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)  # takes milliseconds, using it microseconds
    return _ADAPTERS[kind]


def encode(value: object) -> Json:
    """A dataclass as JSON values. Times in ISO 8601, durations too, sets as lists."""
    plain: Json = _adapter(type(value)).dump_python(value, mode="json")
    return plain


class Written(str):
    """JSON that is text already."""

    __slots__ = ()


def written(value: object) -> Written:
    """What `encode` gives, as JSON text; in half the time of doing one after the other."""
    try:
        return Written(_adapter(type(value)).dump_json(value).decode())
    except PydanticSerializationError:  # half a character, which UTF-8 has no bytes for
        return Written(to_text(encode(value)))


def decode(kind: type[T], plain: object) -> T:
    """The inverse of `encode`. Fields that are unknown are passed over, missing ones have their default."""
    decoded: T = _adapter(kind).validate_python(_upgraded(plain) if kind is ContextPackage else plain)
    return decoded


def decode_text(kind: type[T], text: str) -> T:
    """The inverse of `encode`, from JSON text."""
    decoded: T = _adapter(kind).validate_json(text)
    return decoded


def _upgraded(plain: Any) -> Any:
    """A package as an earlier version stored it: what was tried were texts alone."""
    tried = [{"text": one} if isinstance(one, str) else one for one in plain["attempted_solutions"]]
    return {**plain, "attempted_solutions": tried}


def encode_effect(effect: Effect) -> tuple[str, Json]:
    """The effect's class name and its fields."""
    plain = encode(effect)
    if isinstance(effect, Wake):
        plain["event"]["type"] = type(effect.event).__name__
    return type(effect).__name__, plain


def decode_effect(name: str, plain: Json) -> Effect:
    """The inverse of `encode_effect`."""
    kind = _EFFECTS[name]
    if kind is not Wake:
        return decode(kind, plain)
    event = decode(_TIMED[plain["event"]["type"]], plain["event"])
    return decode(Wake, {**plain, "event": event})


def kind_of(event: Event) -> str:
    """The event's class name in snake case, the `kind` of its log entry."""
    return _snake_case(type(event).__name__)


@cache
def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def storable(text: str) -> str:
    """The text without lone surrogates, which no database takes: half a character becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def to_text(plain: object) -> str:
    """JSON as it is stored. NUL is written as an escape, so PostgreSQL takes it."""
    if isinstance(plain, Written):
        return plain
    return storable(json.dumps(plain, ensure_ascii=False, separators=(",", ":")))
