"""Quick actions: what an agent can have done with one press, and the placeholders in what it says."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rasa_handoff.core.errors import BadMessage
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.package import ContextPackage
from rasa_handoff.core.runs import Kind

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?:\|([^{}|]*))?\}")
_BRACE = re.compile(r"[{}]")
LONGEST_VALUE = 500  # characters that stand for one placeholder

ALWAYS = (
    "agent_name", "channel", "conversation_id", "customer_id", "customer_name", "handoff_id", "intent", "reason",
    "summary",
)  # fmt: skip
"""The placeholders of every conversation; a customer's name and an intent may be unknown."""


@dataclass(frozen=True, slots=True)
class QuickAction:
    """`target` is the bot's action or the address. `fields` are the slots it is given, or what is sent, by name; of a
    reply, its `text`. They may have placeholders: `{order_id}`, or `{customer_name|there}` for when there is none.
    `changes`: the agent is asked before it runs, with `confirm` if there is one.
    """

    id: str
    label: str
    kind: Kind
    target: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    changes: bool = True
    confirm: str = ""

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Those it uses, each once, in order."""
        return tuple(dict.fromkeys(name for text in self._texts() for name, _ in _PLACEHOLDER.findall(text)))

    def filled(self, values: Mapping[str, str]) -> dict[str, str]:
        """The fields with their values. Errors: BadMessage, which names what is missing."""
        _require(self, values)
        return {name: _filled(text, values) for name, text in self.fields.items()}

    def asked(self, values: Mapping[str, str]) -> str:
        """What the agent is asked before it runs, with what is known; "…" for what is not."""
        known = {**dict.fromkeys(self.placeholders, "…"), **{name: value for name, value in values.items() if value}}
        return _filled(self.confirm, known)

    def missing(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """The placeholders without a value and without words for that case."""
        texts = self.fields.values()
        needed = {name for text in texts for name, other in _needs(text) if not other}
        return tuple(name for name in self.placeholders if name in needed and not values.get(name))

    def _texts(self) -> Iterable[str]:
        return (*self.fields.values(), self.confirm)


def values_of(handoff: Handoff, package: ContextPackage, agent_name: str) -> dict[str, str]:
    """What the placeholders stand for in this conversation; of several details of a kind, the first that is shown."""
    details = {detail.kind: detail.value for detail in reversed(package.details)}
    always = {
        "agent_name": agent_name,
        "channel": handoff.channel,
        "conversation_id": package.conversation_id,
        "customer_id": package.customer_id,
        "customer_name": package.customer_name or "",
        "handoff_id": handoff.id,
        "intent": package.intent or "",
        "reason": package.reason.value,
        "summary": " ".join(handoff.summary.sentences),
    }
    return {name: value[:LONGEST_VALUE] for name, value in {**details, **always}.items()}


def wrong_placeholders(text: str) -> str | None:
    """What is wrong with the braces of a text, if anything is."""
    left = _BRACE.search(_PLACEHOLDER.sub("", text))
    return "a { or } that is not part of a placeholder such as {order_id}" if left else None


def _require(action: QuickAction, values: Mapping[str, str]) -> None:
    if missing := action.missing(values):
        named = ", ".join(name.replace("_", " ") for name in missing)
        raise BadMessage(f"{action.label} needs what this conversation does not have: {named}. Fill it in first.")


def _needs(text: str) -> list[tuple[str, bool]]:
    """The placeholders of a text, each with whether it has other words."""
    return [(found[1], found[2] is not None) for found in _PLACEHOLDER.finditer(text)]


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found[1]) or found[2] or "", text)
