"""The part of handoff.yml about what agents can have done with one press."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, HttpUrl

from rasa_handoff.core.quick import ALWAYS, QuickAction, wrong_placeholders
from rasa_handoff.core.runs import Kind
from rasa_handoff.settings.sections import STRICT

KNOWN_DETAILS = frozenset(
    """
    account amount booking booking_id booking_reference date email invoice invoice_id name order_id phone policy product
    ticket ticket_id
    """.split()  # noqa: SIM905
)


def _template(value: str) -> str:
    if wrong := wrong_placeholders(value):
        raise ValueError(wrong)
    return value


Template = Annotated[str, AfterValidator(_template)]


class RunSettings(BaseModel):
    """An action of the bot that is run in the conversation."""

    model_config = STRICT

    action: str = Field(min_length=1, description="Its name in the domain.")
    slots: dict[str, Template] = Field({}, description="The slots it is given, with placeholders.")


class CallSettings(BaseModel):
    """An address that is called. The key that signs the call stands in HANDOFF_WEBHOOK_SECRETS, by the action's id."""

    model_config = STRICT

    url: Annotated[HttpUrl, Field(strict=False)] = Field(description="Where it goes. Redirects are not followed.")
    fields: dict[str, Template] = Field({}, description="What is sent, with placeholders.")


class QuickActionSettings(BaseModel):
    """A button beside an agent's composer. It does one thing: `rasa`, `http` or `reply`.

    Placeholders are `{order_id}` and other key details by their kind, slots of `detail_slots`, and `{agent_name}`,
    `{channel}`, `{conversation_id}`, `{customer_id}`, `{customer_name}`, `{handoff_id}`, `{intent}`, `{reason}`,
    `{summary}`. `{customer_name|there}` says what stands there when it is unknown.
    """

    model_config = STRICT

    id: str = Field(pattern="^[a-z0-9_-]+$", description="What the audit log calls it, and its key.")
    label: str = Field(min_length=1, max_length=40, description="What the button says.")
    rasa: RunSettings | None = Field(None, description="Runs an action of the bot.")
    http: CallSettings | None = Field(None, description="Calls an address.")
    reply: Template | None = Field(None, min_length=1, description="Puts this text into the composer.")
    changes: bool = Field(True, description="Whether the agent is asked before it runs. A `reply` changes nothing.")
    confirm: Template = Field("", description="What the agent is asked, with placeholders.")

    def action(self) -> QuickAction:
        if self.rasa:
            kind, target, fields = Kind.RASA, self.rasa.action, self.rasa.slots
        elif self.http:
            kind, target, fields = Kind.HTTP, str(self.http.url), self.http.fields
        else:
            kind, target, fields = Kind.REPLY, "", {"text": self.reply or ""}
        changes = self.changes and kind is not Kind.REPLY
        return QuickAction(self.id, self.label, kind, target, dict(fields), changes, self.confirm)


def misfits_of(actions: list[QuickActionSettings], slots: list[str]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What is wrong with them beyond each key by itself."""
    known = {*ALWAYS, *KNOWN_DETAILS, *slots}
    for number, one in enumerate(actions):
        done = [name for name in ("rasa", "http", "reply") if getattr(one, name) is not None]
        if len(done) != 1:
            found = f"found {' and '.join(done)}" if done else "found none"
            yield ("quick_actions", number), f"a quick action does one of rasa, http and reply; {found}"
        for name in one.action().placeholders:
            if name not in known:
                text = f"there is no placeholder {{{name}}}; known: {', '.join(sorted(known))}"
                yield ("quick_actions", number, *done[:1]), f"{text}. Slots are known when detail_slots has them"
