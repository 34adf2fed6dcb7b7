"""What Slack says of blocks and dialogs (https://docs.slack.dev/reference/block-kit): shapes and limits."""

from collections.abc import Iterator, Sequence
from typing import Any

Json = dict[str, Any]

_KEYS = {
    "header": {"type", "text", "block_id"},
    "section": {"type", "text", "fields", "block_id"},
    "actions": {"type", "elements", "block_id"},
    "context": {"type", "elements", "block_id"},
    "input": {"type", "label", "element", "optional", "block_id"},
    "button": {"type", "text", "action_id", "url", "value", "style"},
    "static_select": {"type", "action_id", "options", "initial_option"},
    "plain_text_input": {"type", "action_id", "multiline", "max_length"},
    "modal": {"type", "callback_id", "private_metadata", "title", "submit", "close", "blocks"},
}


def problems(blocks: Sequence[Json], most: int = 50) -> Iterator[str]:
    if not 1 <= len(blocks) <= most:
        yield f"{len(blocks)} blocks"
    ids = [one["block_id"] for one in blocks if "block_id" in one]
    if len(ids) != len(set(ids)):
        yield f"the same block_id twice: {ids}"
    for one in blocks:
        yield from _keys(one)
        yield from _block(one)


def problems_of_modal(view: Json) -> Iterator[str]:
    yield from _keys(view)
    for part in ("title", "submit", "close"):
        yield from _text(view[part], 24, "plain_text")
    if len(view["private_metadata"]) > 3000 or len(view["callback_id"]) > 255:
        yield "private_metadata or callback_id too long"
    yield from problems(view["blocks"], 100)


def _keys(one: Json) -> Iterator[str]:
    if one.get("type") not in _KEYS:
        yield f"no such thing: {one.get('type')}"
    elif one.keys() - _KEYS[one["type"]]:
        yield f"{one['type']} has no {one.keys() - _KEYS[one['type']]}"


def _block(one: Json) -> Iterator[str]:
    match one["type"]:
        case "header":
            yield from _text(one["text"], 150, "plain_text")
        case "section":
            if not one.get("text") and not one.get("fields"):
                yield "a section of nothing"
            if "text" in one:
                yield from _text(one["text"], 3000)
            yield from _count("fields", one.get("fields", [{}]), 10)
            for field in one.get("fields", ()):
                yield from _text(field, 2000)
        case "context":
            yield from _count("elements", one["elements"], 10)
            for element in one["elements"]:
                yield from _text(element, 3000)
        case "actions":
            yield from _count("elements", one["elements"], 25)
            actions = [element["action_id"] for element in one["elements"]]
            if len(actions) != len(set(actions)):
                yield f"the same action_id twice: {actions}"
            for element in one["elements"]:
                yield from _keys(element)
                yield from _button(element)
        case "input":
            yield from _text(one["label"], 2000, "plain_text")
            yield from _keys(one["element"])
            yield from _input(one["element"])


def _button(one: Json) -> Iterator[str]:
    yield from _text(one["text"], 75, "plain_text")
    if len(one["action_id"]) > 255 or len(one.get("value", "")) > 2000 or len(one.get("url", "")) > 3000:
        yield "a button's action_id, value or url is too long"
    if one.get("style", "primary") not in ("primary", "danger"):
        yield f"no such style: {one['style']}"


def _input(one: Json) -> Iterator[str]:
    if one["type"] == "plain_text_input" and not 1 <= one["max_length"] <= 3000:
        yield "max_length of an input"
    if one["type"] == "static_select":
        yield from _count("options", one["options"], 100)
        for option in one["options"]:
            yield from _text(option["text"], 75, "plain_text")
            if not 1 <= len(option["value"]) <= 150:
                yield "an option's value"
        if one["initial_option"] not in one["options"]:
            yield "the initial_option is none of the options"


def _count(what: str, some: Sequence[object], most: int) -> Iterator[str]:
    if not 1 <= len(some) <= most:
        yield f"{len(some)} {what}"


def _text(one: Json, most: int, kind: str | None = None) -> Iterator[str]:
    allowed = {"plain_text": {"type", "text", "emoji"}, "mrkdwn": {"type", "text", "verbatim"}}
    if one.get("type") not in ({kind} if kind else allowed):
        yield f"no {kind or 'text'}: {one}"
    elif one.keys() - allowed[one["type"]]:
        yield f"a text has no {one.keys() - allowed[one['type']]}"
    elif not 1 <= len(one["text"]) <= most:
        yield f"a text of {len(one['text'])} characters where {most} have room"
