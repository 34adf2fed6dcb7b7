"""Looks whether everything a handoff needs is there: settings, store, agents, Rasa with its model, action server, desk.

Each check stands alone: it works while the others fail, and says what is wrong with what mends it.
"""

import io
import json
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from rasa_handoff.core.backports import StrEnum
from rasa_handoff.core.effects import Notice
from rasa_handoff.core.errors import HandoffError, Unreachable
from rasa_handoff.settings import Environment, Settings, load_settings
from rasa_handoff.stores import open_store
from rasa_handoff.wiring import endpoints

POLICY = "rasa_handoff.policy.HandoffPolicy"
SLOTS = ("handoff_status", "handoff")
ACTIONS = (
    "action_handoff_gate",
    "action_handoff_initiate",
    "action_handoff_route",
    "action_handoff_inform",
    "action_handoff_resume",
)
INTENTS = (Notice.ACCEPTED.value, Notice.UPDATE.value, Notice.RETURNED.value)
TIMEOUT = 5.0

Json = dict[str, Any]


class State(StrEnum):
    """Whether it is as it should be. `NOTE` is worth knowing and nothing wrong."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at and found; `mend` is what to do about it."""

    about: str
    state: State
    what: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts answer, without a path."""

    rasa: str
    actions: str
    desk: str


def findings(environment: Environment, addresses: Addresses, models: Path) -> Iterator[Finding]:
    """All findings, in the order in which they are worth mending; `models` is the folder of Rasa's. Never raises."""
    settings: Settings | None = None
    try:
        settings = load_settings(environment.config)
        yield Finding("settings", State.OK, f"{environment.config} is right")
    except HandoffError as error:
        yield Finding("settings", State.WRONG, str(error), f"mend {environment.config}")
    yield from _guarded("store", lambda: _store(environment, settings))
    if settings is not None:
        wanted = settings
        yield from _guarded("webhooks", lambda: _webhooks(environment, wanted))
    yield from _model(environment)
    with httpx.Client(timeout=TIMEOUT, trust_env=False) as http:
        yield from _guarded("rasa", lambda: _rasa(http, environment, addresses.rasa, models))
        yield from _guarded("action server", lambda: _actions(http, addresses.actions))
        yield from _guarded("desk", lambda: _desk(http, addresses.desk))


def _guarded(about: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except HandoffError as error:
        yield Finding(about, State.WRONG, str(error))


def _store(environment: Environment, settings: Settings | None) -> Iterator[Finding]:
    store = open_store(environment.database_url)
    yield Finding("store", State.OK, "reachable and up to date")
    agents = {agent.id: agent.department for agent in store.agents()}
    agents |= {agent.id: agent.department for agent in settings.agents} if settings else {}
    can_sign_in = {id for id in agents if store.password_hash(id)}
    for department in settings.departments if settings else ():
        members = {id for id, where in agents.items() if where == department.id}
        add = f"rasa-handoff agents add NAME --department {department.id}"
        if not members:
            yield Finding("agents", State.WRONG, f"nobody is in {department.id}", add)
        elif not members & can_sign_in:
            who = sorted(members)[0]
            yield Finding("agents", State.WRONG, f"nobody of {department.id} has a password", add.replace("NAME", who))
        else:
            yield Finding("agents", State.OK, f"{len(members & can_sign_in)} of {department.id} can sign in")


def _webhooks(environment: Environment, settings: Settings) -> Iterator[Finding]:
    ids = ", ".join(endpoints(environment, settings))
    if ids:
        yield Finding("webhooks", State.OK, f"have their keys: {ids}")


def _model(environment: Environment) -> Iterator[Finding]:
    if not (environment.llm_api_key or environment.openai_api_key or environment.llm_base_url):
        yield Finding("language model", State.NOTE, "none: summaries are drafts", "set HANDOFF_LLM_API_KEY to have one")
    else:
        yield Finding("language model", State.OK, f"{environment.llm_model} is configured (it was not called)")


def _rasa(http: httpx.Client, environment: Environment, url: str, models: Path) -> Iterator[Finding]:
    token = environment.rasa_token
    params = {"token": token.get_secret_value()} if token else {}
    start = "rasa run --enable-api, with --auth-token where HANDOFF_RASA_TOKEN is set"
    version = str(_get(http, "Rasa", f"{url}/version", start)["version"])
    state = State.OK if version.startswith("3.6.") else State.WRONG
    yield Finding("rasa", state, f"Rasa {version} at {url}", "" if state is State.OK else "pip install 'rasa==3.6.*'")
    domain = _get(http, "Rasa", f"{url}/domain", start, params)
    yield from _domain(domain)
    yield from _policy(_get(http, "Rasa", f"{url}/status", start, params), models)


def _domain(domain: Json) -> Iterator[Finding]:
    have = {
        "slots": set(domain.get("slots") or {}),
        "actions": {str(one) for one in domain.get("actions") or ()},
        "intents": {next(iter(one)) if isinstance(one, Mapping) else str(one) for one in domain.get("intents") or ()},
    }
    missing = {"slots": SLOTS, "actions": ACTIONS, "intents": INTENTS}
    for part, names in missing.items():
        if lacking := [name for name in names if name not in have[part]]:
            what = f"its domain lacks the {part} {', '.join(lacking)}"
            yield Finding("model", State.WRONG, what, "add them, then rasa train")
            return
    yield Finding("model", State.OK, "its domain knows the handoff")


def _policy(status: Json, models: Path) -> Iterator[Finding]:
    """The model's file says with which policies it was trained; Rasa tells its name, and here is where it may lie."""
    named = Path(str(status.get("model_file") or ""))
    file = named if named.is_file() else models / named.name
    metadata = _metadata(file)
    if metadata is None:
        yield Finding("model", State.NOTE, f"{file} is not here, so its policies are not known", "--models FOLDER")
    elif POLICY in {node.get("uses") for node in metadata["train_schema"]["nodes"].values()}:
        yield Finding("model", State.OK, f"{file.name} was trained with {POLICY}")
    else:
        mend = f"- name: {POLICY} in config.yml, then rasa train"
        yield Finding("model", State.WRONG, f"{file.name} lacks the policy", mend)


def _metadata(file: Path) -> Json | None:
    try:
        with tarfile.open(file) as archive:
            member = archive.extractfile("metadata.json")
            found: Json = json.load(member or io.BytesIO(b"{}"))
    except (OSError, tarfile.TarError, KeyError, ValueError):
        return None
    return found if "train_schema" in found else None


def _actions(http: httpx.Client, url: str) -> Iterator[Finding]:
    start = "python -m rasa_sdk --actions actions"
    names = {one["name"] for one in _get(http, "The action server", f"{url}/actions", start)}
    lacking = [name for name in ACTIONS if name not in names]
    if lacking:
        what = f"the one at {url} does not have {', '.join(lacking)}"
        yield Finding("action server", State.WRONG, what, "import rasa_handoff.actions in a module under actions/")
    else:
        yield Finding("action server", State.OK, f"serves our actions at {url}")


def _desk(http: httpx.Client, url: str) -> Iterator[Finding]:
    told = _get(http, "The desk", f"{url}/healthz", "rasa-handoff desk")
    yield Finding("desk", State.OK, f"{told['status']} at {url}; the courier is {told['courier']}")


def _get(http: httpx.Client, whose: str, url: str, start: str, params: Mapping[str, str] | None = None) -> Any:
    """The JSON there. Errors: Unreachable, with what to do."""
    try:
        response = http.get(url, params=params, headers={"accept": "application/json"})
        response.raise_for_status()
        return response.json()
    except httpx.HTTPStatusError as error:
        raise Unreachable(f"{whose} answered {error.response.status_code} to {url}. Start it so: {start}") from error
    except (httpx.HTTPError, ValueError) as error:
        raise Unreachable(f"{whose} does not answer at {url}. Start it so: {start}") from error
