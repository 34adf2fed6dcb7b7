"""Posts, and how ours are known again: each carries its effect's id in its metadata.

Slack has no idempotency keys (https://docs.slack.dev/messaging/message-metadata is what there is): before a post that
may have arrived is repeated, it is looked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from rasa_handoff.channels.http import Json
from rasa_handoff.channels.slack.api import SlackApi, SlackRefused
from rasa_handoff.core.conversation import Author

CARD, TRANSCRIPT, MESSAGE, NOTICE = "card", "transcript", "message", "notice"
_TYPE = "rasa_handoff_"
log = structlog.get_logger()
_EARLIER = 300  # seconds that our clock may be ahead of Slack's
_ICONS = {
    Author.CUSTOMER: ":bust_in_silhouette:",
    Author.BOT: ":robot_face:",
    Author.AGENT: ":headphones:",
    Author.SYSTEM: ":information_source:",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a post goes: a channel, or a thread in it."""

    channel: str
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """What is posted. `files` are the ids of those that will follow it. `name` stands where an app's own would."""

    kind: str
    id: str
    text: str
    blocks: Sequence[Json] = ()
    name: str | None = None
    author: Author | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Posted:
    """A post as Slack has it. `files`: see `Post`."""

    ts: str
    files: tuple[str, ...] = field(default=())


class Posting:
    def __init__(self, api: SlackApi) -> None:
        self._api = api

    async def post(self, spot: Spot, post: Post) -> Posted:
        """Errors: Unreachable, Refused."""
        named: Json = {"username": post.name, "icon_emoji": _ICONS[post.author]} if post.author else {}
        payload: Json = {"id": post.id, **({"files": list(post.files)} if post.files else {})}
        answer = await self._api.call(
            "chat.postMessage",
            channel=spot.channel,
            thread_ts=spot.thread,
            text=post.text,
            blocks=list(post.blocks) or None,
            mrkdwn=False,
            unfurl_links=False,
            unfurl_media=False,
            metadata={"event_type": f"{_TYPE}{post.kind}", "event_payload": payload},
            **named,
        )
        return Posted(str(answer["ts"]), post.files)

    async def found(self, spot: Spot, kind: str, id: str, since: datetime | None = None) -> Posted | None:
        """Our post of this id, if it is there. In a channel it is looked for from `since` on.

        Where we may not look, it is not: what stands there twice is better than what does not. Errors: Unreachable.
        """
        try:
            return await self._looked_for(spot, kind, id, since)
        except SlackRefused as error:
            log.warning("slack_post_not_looked_for", channel=spot.channel, error=str(error))
            return None

    async def _looked_for(self, spot: Spot, kind: str, id: str, since: datetime | None) -> Posted | None:
        where: Json = {"channel": spot.channel, "include_all_metadata": True}
        if spot.thread is None:
            oldest = since.timestamp() - _EARLIER if since else 0.0
            seen = self._api.messages("conversations.history", oldest=f"{oldest:.6f}", **where)
        else:
            seen = self._api.messages("conversations.replies", ts=spot.thread, **where)
        async for message in seen:
            if _is(message, kind, id):
                files = message["metadata"]["event_payload"].get("files") or ()
                return Posted(str(message["ts"]), tuple(str(one) for one in files))
        return None


def _is(message: Mapping[str, object], kind: str, id: str) -> bool:
    metadata = message.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("event_type") != f"{_TYPE}{kind}":
        return False
    payload = metadata.get("event_payload")
    return isinstance(payload, dict) and payload.get("id") == id and "bot_id" in message
