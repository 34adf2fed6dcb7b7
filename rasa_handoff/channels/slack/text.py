"""Slack's way to write text, both ways (https://docs.slack.dev/messaging/formatting-message-text)."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

_PART = re.compile(r"<([^<>]*)>")
_SKIN = re.compile(r":(?:skin-tone-[2-6]):")
_EMOJI = re.compile(r":([a-z0-9_+'-]+):")


def escaped(text: str) -> str:
    """Text that Slack shows as it is, and in which nobody is mentioned."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str, names: Mapping[str, str], emoji: Mapping[str, str]) -> str:
    """What a person reads where Slack's text is shown; `names` of people by their ids, `emoji` by their names."""
    shown = _EMOJI.sub(lambda match: emoji.get(match[1], match[0]), _SKIN.sub("", text) if emoji else text)
    parts = _PART.split(shown)
    return "".join(unescape(part) if i % 2 == 0 else _reference(part, names) for i, part in enumerate(parts))


def mentioned(text: str) -> set[str]:
    """The ids of the people that a text mentions."""
    return set(re.findall(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>", text))


def emoji_of(blocks: Any) -> dict[str, str]:
    """The emoji in a message's rich text: what Slack calls them, and what they are."""
    found = {}
    for one in _objects(blocks):
        name, code = one.get("name"), one.get("unicode")
        if one.get("type") == "emoji" and isinstance(name, str) and isinstance(code, str):
            found[name] = _characters(code)
    return {name: character for name, character in found.items() if character}


def written(value: Any) -> Iterator[str]:
    """All that people may have written in a part of a payload."""
    for one in _objects(value):
        for key, text in one.items():
            if key in _WRITTEN and isinstance(text, str) and text:
                yield text


_WRITTEN = frozenset({"text", "fallback", "title", "name", "preview", "preview_highlight", "initial_comment", "value"})


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            yield one
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)


def _reference(part: str, names: Mapping[str, str]) -> str:
    """What is between < and >: somebody, a channel, a command, or a link."""
    target, _, label = part.partition("|")
    target, label = unescape(target), unescape(label)
    match target[:1]:
        case "@":
            return f"@{label or names.get(target[1:], 'somebody')}"
        case "#":
            return f"#{label or 'channel'}"
        case "!":
            return label or f"@{target[1:].partition('^')[0]}"
        case _:
            return _link(target, label)


def _link(target: str, label: str) -> str:
    address = target.removeprefix("mailto:").removeprefix("tel:")
    known = not label or label in (target, address) or address.endswith(f"//{label}")
    return address if known else f"{label} ({address})"


def _characters(code: str) -> str:
    try:
        return "".join(chr(int(one, 16)) for one in code.split("-"))
    except (ValueError, OverflowError):
        return ""
