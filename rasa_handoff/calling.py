"""Quick actions that call an address: a signed POST, as webhooks are, with the run's id as its idempotency key.

The receiver gets `{"id", "action", "agent": {"id", "name"}, "handoff_id", "conversation_id", "fields": {...}}`. What it
answers is told to the agent: the `message` of a JSON object, or else that it was done.
"""

import json
from collections.abc import Mapping
from time import time

import httpx

from rasa_handoff.core.effects import RunAction
from rasa_handoff.core.errors import Refused, Unreachable, problem_of
from rasa_handoff.core.text import clipped
from rasa_handoff.retrying import may_pass, retry_after
from rasa_handoff.signing import signed

_LONGEST = 1_000  # characters of an answer that an agent is shown
_LONGEST_PAUSE = 30.0


class Caller:
    """Calls addresses. `keys` sign, by the quick action's id. Not thread-safe: belongs to the courier's event loop."""

    def __init__(self, keys: Mapping[str, bytes], timeout: float = 10.0) -> None:
        self._keys = keys
        self._http = httpx.AsyncClient(timeout=timeout, follow_redirects=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def call(self, run: RunAction, handoff_id: str, conversation_id: str) -> str:
        """What the receiver says to the agent. Errors: Unreachable (try again), Refused (no use in that)."""
        key = self._keys.get(run.action_id)
        if key is None:
            raise Refused(f"The quick action {run.action_id!r} has no key in HANDOFF_WEBHOOK_SECRETS.")
        body = _body(run, handoff_id, conversation_id)
        headers = signed(key, run.run_id, int(time()), body)
        headers |= {"content-type": "application/json; charset=utf-8", "idempotency-key": run.run_id}
        try:
            response = await self._http.post(run.target, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(f"{run.target} did not answer ({problem_of(error)}).") from error
        return _told(run, response)


def _body(run: RunAction, handoff_id: str, conversation_id: str) -> bytes:
    told = {
        "id": run.run_id,
        "action": run.action_id,
        "agent": {"id": run.agent_id, "name": run.agent_name},
        "handoff_id": handoff_id,
        "conversation_id": conversation_id,
        "fields": dict(run.fields),
    }
    return json.dumps(told, ensure_ascii=False).encode(errors="replace")


def _told(run: RunAction, response: httpx.Response) -> str:
    message = _message(response)
    if response.is_success:
        return message or "Done."
    said = f"{run.target} answered {response.status_code}" + (f": {message}" if message else "")
    if may_pass(response.status_code):
        raise Unreachable(said, retry_after(response.headers.get("retry-after"), _LONGEST_PAUSE))
    raise Refused(said)


def _message(response: httpx.Response) -> str:
    """What the answer says in its `message` (or `error`), if it is a JSON object."""
    try:
        told = response.json()
    except ValueError:
        return ""
    found = (told.get("message") or told.get("error")) if isinstance(told, dict) else None
    return clipped(found, _LONGEST) if isinstance(found, str) else ""
