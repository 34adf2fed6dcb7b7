"""The Rasa server as the courier needs it: `ports.Bot` over its HTTP API.

A call that may or may not have arrived is never simply repeated: on a repeat the tracker is searched for the effect's
id first. What we write there carries it: the agent's message in its metadata, a notice as an entity, and the bot's
answer to a notice as `heard` in the `handoff` slot, which the gate sets.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import httpx

from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.errors import Refused, Unreachable, problem_of
from rasa_handoff.rasa import running

# Rasa's rest channel answers a request and cannot be pushed to; its customers read the desk's chat stream.
_PULLED_CHANNELS = frozenset({"rest", "", None})

_UNADDRESSABLE = (
    "Rasa's HTTP API cannot reach the conversation {!r}: its id may only have ASCII letters, digits and "
    "signs that need no escaping in a URL. Have the channel's connector give such ids."
)

_NO_TRACE = (
    "It cannot be told whether {} ran: it said and set nothing. Look at the action server's log before you run it "
    "again."
)

Json = dict[str, Any]


class RasaClient:
    """One Rasa server. Not thread-safe: belongs to the courier's event loop."""

    def __init__(self, url: str, token: str | None = None, timeout: float = 10.0) -> None:
        self._url = url.rstrip("/")
        params = {"token": token} if token else {}
        self._http = httpx.AsyncClient(base_url=self._url, params=params, timeout=timeout)

    async def close(self) -> None:
        await self._http.aclose()

    async def say(
        self,
        conversation_id: str,
        text: str,
        metadata: Mapping[str, Any],
        *,
        again: bool,
        attachments: Sequence[Attachment] = (),
        push: bool = True,
    ) -> bool:
        """See `ports.Bot.say`."""
        effect_id = metadata["effect_id"]
        if again:
            tracker = await self._tracker(conversation_id)
            if any(_handoff_metadata(event).get("effect_id") == effect_id for event in tracker["events"]):
                return _is_pulled(tracker)
        pushes = {"output_channel": "latest", "execute_side_effects": "true"} if push else {}
        query = {**pushes, "include_events": "NONE"}
        said = _said(text, attachments, metadata)
        tracker = await self._call("POST", conversation_id, "tracker/events", json=said, params=query)
        return _is_pulled(tracker)

    async def trigger(self, conversation_id: str, intent: str, effect_id: str, *, again: bool) -> Sequence[Json]:
        """See `ports.Bot.trigger`."""
        if again:
            tracker = await self._tracker(conversation_id)
            if _heard(tracker) == effect_id:
                return _unpushed(tracker, lambda event: _names_effect(event, effect_id))
        body = {"name": intent, "entities": [{"entity": "handoff_effect", "value": effect_id}]}
        query = {"output_channel": "latest", "include_events": "AFTER_RESTART"}
        reply = await self._call("POST", conversation_id, "trigger_intent", json=body, params=query)
        if _heard(reply["tracker"]) != effect_id:
            raise Unreachable("Rasa took the notice, but its action server did not. Is the action server up?")
        return _unpushed(reply["tracker"], lambda event: _names_effect(event, effect_id))

    async def run(
        self, conversation_id: str, action: str, run: Mapping[str, Any], slots: Mapping[str, Any], *, again: bool
    ) -> tuple[str, Sequence[Json]]:
        """See `ports.Bot.run`."""
        run_id = str(run["id"])
        found = running.trace((await self._tracker(conversation_id))["events"], run_id, action) if again else None
        if found is None:
            await self._events(conversation_id, running.marked(run, slots))
        if found is None or not found.executed:
            query = {"output_channel": "latest", "include_events": "NONE"}
            await self._call("POST", conversation_id, "execute", json={"name": action}, params=query)
        return await self._came_to(conversation_id, action, run_id)

    async def _came_to(self, conversation_id: str, action: str, run_id: str) -> tuple[str, Sequence[Json]]:
        tracker = await self._tracker(conversation_id)
        found = running.trace(tracker["events"], run_id, action)
        if found is None or not found.executed:
            raise Unreachable(f"Rasa has not run {action}. Does the bot's domain have it, and the slot handoff_action?")
        if not found.closed:
            await self._events(conversation_id, running.ended())
        if not found.traces:
            raise Refused(_NO_TRACE.format(action))
        unpushed = running.spoken(tracker["events"], run_id, action) if _is_pulled(tracker) else []
        return found.text, unpushed

    async def _events(self, conversation_id: str, events: list[Json]) -> None:
        await self._call("POST", conversation_id, "tracker/events", json=events, params={"include_events": "NONE"})

    async def set_slots(self, conversation_id: str, slots: Mapping[str, Any]) -> None:
        """See `ports.Bot.set_slots`."""
        events = [{"event": "slot", "name": name, "value": value} for name, value in slots.items()]
        await self._events(conversation_id, events)

    async def record(self, conversation_id: str, text: str, message_id: str, *, again: bool) -> None:
        """See `ports.Bot.record`."""
        if again:
            events = (await self._tracker(conversation_id))["events"]
            if any(_is_message(event, message_id) for event in events):
                return
        said = {"event": "user", "text": text, "parse_data": {"text": text}, "metadata": {"message_id": message_id}}
        await self._events(conversation_id, [said])

    async def slots(self, conversation_id: str) -> Json:
        """The conversation's slots, by name."""
        tracker = await self._call("GET", conversation_id, "tracker", params={"include_events": "NONE"})
        slots: Json = tracker["slots"]
        return slots

    async def tracker(self, conversation_id: str) -> Json:
        """The whole tracker. A conversation that Rasa does not know has one without messages. Errors: Unreachable."""
        return await self._tracker(conversation_id)

    async def send(self, conversation_id: str, text: str, message_id: str, *, again: bool) -> Sequence[Json]:
        """See `ports.Bot.send`."""
        if again:
            tracker = await self._tracker(conversation_id)
            if any(_is_message(event, message_id) for event in tracker["events"]):
                return _answers(tracker, lambda event: _is_message(event, message_id))
        body = {"sender": conversation_id, "message": text, "metadata": {"message_id": message_id}}
        messages: list[Json] = await self._request("POST", "/webhooks/rest/webhook", json=body)
        return messages

    async def _tracker(self, conversation_id: str) -> Json:
        return await self._call("GET", conversation_id, "tracker", params={"include_events": "ALL"})

    async def _call(self, method: str, conversation_id: str, what: str, **options: Any) -> Json:
        require_addressable(conversation_id)
        answer: Json = await self._request(method, f"/conversations/{conversation_id}/{what}", **options)
        return answer

    async def _request(self, method: str, path: str, **options: Any) -> Any:
        try:
            response = await self._http.request(method, path, **options)
            response.raise_for_status()
            return response.json()
        except httpx.HTTPStatusError as error:
            raise Unreachable(_refusal(self._url, error.response)) from error
        except (httpx.HTTPError, ValueError) as error:
            problem = problem_of(error)
            raise Unreachable(f"The Rasa server at {self._url} did not answer ({problem}). Is it running?") from error


def _said(text: str, attachments: Sequence[Attachment], metadata: Mapping[str, Any]) -> list[Json]:
    """The bot's events of a message: its text, and each attachment."""
    about = {"handoff": dict(metadata)}
    events: list[Json] = [{"event": "bot", "text": text, "data": {}, "metadata": about}] if text.strip() else []
    for one in attachments:
        data = {"image": one.url} if one.kind == "image" else {"attachment": one.url}
        events.append({"event": "bot", "text": None, "data": data, "metadata": about})
    return events


def require_addressable(conversation_id: str) -> None:
    """See that Rasa's HTTP API can name the conversation: it does not decode "%20", and would take the id for another.

    Errors: Refused.
    """
    path = f"/conversations/{conversation_id}"
    with suppress(httpx.InvalidURL, ValueError):
        if httpx.URL(f"http://rasa{path}").raw_path.partition(b"?")[0] == path.encode():
            return
    raise Refused(_UNADDRESSABLE.format(conversation_id))


def _refusal(url: str, response: httpx.Response) -> str:
    if response.status_code in (401, 403):
        return f"The Rasa server at {url} refused us: set HANDOFF_RASA_TOKEN to the token it was started with."
    if response.status_code == 404:
        return f"The Rasa server at {url} has no HTTP API: start it with `rasa run --enable-api`."
    return f"The Rasa server at {url} answered {response.status_code}: {response.text[:200]}"


def _heard(tracker: Json) -> Any:
    return ((tracker.get("slots") or {}).get("handoff") or {}).get("heard")


def _handoff_metadata(event: Json) -> Json:
    found = (event.get("metadata") or {}).get("handoff")
    return found if isinstance(found, dict) else {}


def _is_message(event: Json, message_id: str) -> bool:
    return event.get("event") == "user" and (event.get("metadata") or {}).get("message_id") == message_id


def _names_effect(event: Json, effect_id: str) -> bool:
    entities = (event.get("parse_data") or {}).get("entities") or []
    return event.get("event") == "user" and any(
        entity.get("entity") == "handoff_effect" and entity.get("value") == effect_id for entity in entities
    )


def _is_pulled(tracker: Json) -> bool:
    return tracker.get("latest_input_channel") in _PULLED_CHANNELS


def _unpushed(tracker: Json, asked: Callable[[Json], bool]) -> list[Json]:
    return _answers(tracker, asked) if _is_pulled(tracker) else []


def _answers(tracker: Json, asked: Callable[[Json], bool]) -> list[Json]:
    """What the bot said between the user event that `asked` and the next one, as the rest channel would give it."""
    answers: list[Json] = []
    found = False
    for event in tracker["events"]:
        if event.get("event") == "user":
            found = asked(event)
            answers = [] if found else answers
        elif found and event.get("event") == "bot" and not _handoff_metadata(event):
            data = {key: value for key, value in (event.get("data") or {}).items() if value}
            answers.append({**data, "text": event.get("text")})
    return answers
