"""JSON lines in and out. What is broken is named by its line, and never stops who wants to go on."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rasa_handoff.core.errors import BadInput

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """An object and where it stands: "FILE, line 3"."""

    where: str
    value: Json


Rows = Iterator[Row]
OnBad = Callable[[BadInput], None]


def strict(problem: BadInput) -> None:
    """The way to deal with what is broken that stops at it."""
    raise problem


def rows(lines: Iterable[bytes], name: str, bad: OnBad = strict) -> Rows:
    """The objects of JSON lines; empty lines are passed over, what is none goes to `bad`."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        try:
            yield Row(where, parsed(line, where))
        except BadInput as problem:
            bad(problem)


def parsed(line: bytes, where: str) -> Json:
    """One object. Errors: BadInput."""
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadInput(f"{where}: not UTF-8 (byte {error.start + 1} of the line)") from error
    except json.JSONDecodeError as error:
        raise BadInput(f"{where}: not JSON: {error.msg} at character {error.pos + 1}") from error
    except (RecursionError, ValueError) as error:
        raise BadInput(f"{where}: not JSON that can be read: {error}") from error
    if not isinstance(value, dict):
        raise BadInput(f"{where}: expected an object {{...}}, found {kind_of(value)}")
    return value


def field(row: Json, name: str, kind: type[Any] | tuple[type[Any], ...], where: str, default: Any = ...) -> Any:
    """A field of the right kind; `default` when it is missing or null. Errors: BadInput."""
    value = row.get(name)
    if value is None and default is not ...:
        return default
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        expected = " or ".join(dict.fromkeys(_KINDS[one] for one in kinds))
        found = kind_of(value) if name in row else "nothing"
        raise BadInput(f"{where}: `{name}` should be {expected}, found {found}")
    return value


_KINDS: dict[type[Any], str] = {
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


def kind_of(value: object) -> str:
    return _KINDS.get(type(value), type(value).__name__)


def written(value: object) -> str:
    """One line of JSON; half a surrogate pair, which UTF-8 has no bytes for, stays escaped."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value)
    return text
