"""Taking over: the conversation, who is in it, what is to be read there, and then the Interaction that finds an agent.

Each step is known again: the conversation by its unique name, its participant by identity, our messages by their
attribute, the Interaction by the task that it made. So a second try does what the first has not.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from rasa_handoff.channel import Case, Opened
from rasa_handoff.channels import briefing
from rasa_handoff.channels.twilio.api import Exists, Missing, Twilio
from rasa_handoff.channels.twilio.hooks import FILTERS
from rasa_handoff.channels.twilio.package import attributes, head, transcript
from rasa_handoff.channels.twilio.reading import CUSTOMER, OURS, of_api
from rasa_handoff.channels.twilio.settings import TwilioChannelSettings
from rasa_handoff.core.text import clipped

Json = dict[str, Any]
BOT = "Bot"


class Opening:
    def __init__(self, twilio: Twilio, settings: TwilioChannelSettings, hook_url: str | None) -> None:
        self._twilio = twilio
        self._settings = settings
        self._hook_url = hook_url

    async def open(self, case: Case, effect_id: str, *, again: bool) -> Opened:
        """Errors: Unreachable, Refused."""
        found, new = await self._conversation(case, effect_id, again=again)
        conversation, customer = str(found["sid"]), f"{CUSTOMER}{case.handoff.id}"
        await self._join(conversation, customer, case)
        await self._listen(conversation, new=new)
        top = await self._explain(conversation, case, new=new)
        opened = None if new else await self._running(conversation)
        opened = opened or await self._interact(conversation, attributes(case, customer))
        return Opened(conversation, {"customer": customer, "head": top, **opened})

    async def _conversation(self, case: Case, effect_id: str, *, again: bool) -> tuple[Json, bool]:
        name = f"rasa-handoff-{effect_id}"
        if again:
            with suppress(Missing):
                return await self._twilio.get("conversations", "Conversations", name), False
        try:
            made = await self._twilio.post(
                "conversations",
                "Conversations",
                UniqueName=name,
                FriendlyName=clipped(briefing.headline(case), 256),
                Attributes={OURS: case.handoff.id},
            )
        except Exists:
            return await self._twilio.get("conversations", "Conversations", name), False
        return made, True

    async def _join(self, conversation: str, customer: str, case: Case) -> None:
        with suppress(Exists):
            await self._twilio.post("conversations", "Users", Identity=customer, FriendlyName=briefing.customer(case))
        with suppress(Exists):
            await self._twilio.post("conversations", "Conversations", conversation, "Participants", Identity=customer)

    async def _listen(self, conversation: str, *, new: bool) -> None:
        """Have Twilio tell us of this conversation; without an address of ours, the service's webhook has to."""
        if self._hook_url is None:
            return
        at = ("conversations", "Conversations", conversation, "Webhooks")
        if not new:
            there = (await self._twilio.get(*at)).get("webhooks") or []
            if any((one.get("configuration") or {}).get("url") == self._hook_url for one in there):
                return
        told: Mapping[str, Any] = {
            "Target": "webhook",
            "Configuration__Url": self._hook_url,
            "Configuration__Method": "post",
            "Configuration__Filters": list(FILTERS),
        }
        await self._twilio.post(*at, **told)

    async def _explain(self, conversation: str, case: Case, *, new: bool) -> str:
        """Put the package at the top, where an agent finds it without a plugin; the message that is kept up to date."""
        said = [] if new else [of_api(one) for one in await self._twilio.messages(conversation)]
        there = {one.ours: one.sid for one in said}
        parts: Sequence[tuple[str, str]] = [
            *((f"transcript-{number}", part) for number, part in enumerate(transcript(case), 1)),
            ("context", head(case)),
        ]
        for name, text in parts:
            if name not in there:
                made = await self._twilio.post(
                    "conversations",
                    "Conversations",
                    conversation,
                    "Messages",
                    Author=BOT,
                    Body=text,
                    Attributes={OURS: name},
                )
                there[name] = str(made["sid"])
        return there["context"]

    async def _running(self, conversation: str) -> dict[str, str] | None:
        """The Interaction that an earlier try has made."""
        wanted = f"conversationSid == {json.dumps(conversation)}"
        found = await self._twilio.get("taskrouter", "Tasks", EvaluateTaskAttributes=wanted)
        for task in found.get("tasks") or []:
            told = json.loads(task.get("attributes") or "{}")
            if told.get("conversationSid") == conversation and told.get("flexInteractionSid"):
                return {
                    "interaction": str(told["flexInteractionSid"]),
                    "channel": str(told.get("flexInteractionChannelSid", "")),
                    "task": str(task["sid"]),
                }
        return None

    async def _interact(self, conversation: str, routed: Json) -> dict[str, str]:
        channel = {
            "type": "web",
            "initiated_by": "customer",
            "properties": {"media_channel_sid": conversation},
        }
        properties = {
            "workspace_sid": self._settings.workspace,
            "workflow_sid": self._settings.workflow,
            "task_channel_unique_name": self._settings.task_channel,
            "attributes": routed,
        }
        made = await self._twilio.post("flex-api", Channel=channel, Routing={"properties": properties})
        task = ((made.get("routing") or {}).get("properties") or {}).get("sid", "")
        return {"interaction": str(made["sid"]), "channel": str(made["channel"]["sid"]), "task": str(task)}
