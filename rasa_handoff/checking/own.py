"""What is ours: the versions in this environment, handoff.yml, the store, the agents, webhooks, mail, the model."""

import sys
from collections.abc import Iterator
from importlib.metadata import version

import httpx

from rasa_handoff import __version__
from rasa_handoff.checking.findings import Finding, Situation, State
from rasa_handoff.core.errors import HandoffError, Refused, Unreachable, problem_of
from rasa_handoff.core.routing import Presence
from rasa_handoff.mail.smtp import smtp_of
from rasa_handoff.settings import load_settings
from rasa_handoff.stores import open_store
from rasa_handoff.wiring import endpoints

_THERE = (Presence.ONLINE, Presence.BUSY)


def versions(_: Situation) -> Iterator[Finding]:
    """What is installed here, which is what the action server and the desk run on."""
    have = f"rasa-handoff {__version__} on Python {sys.version_info.major}.{sys.version_info.minor}"
    packages = ", ".join(f"{name} {version(name)}" for name in ("rasa-sdk", "SQLAlchemy"))
    yield Finding("versions", State.OK, f"{have} with {packages}")
    if not version("rasa-sdk").startswith("3.6."):
        what = "with this rasa-sdk, endpoints.yml must not have enable_selective_domain: true; 3.6 alone knows it"
        yield Finding("versions", State.NOTE, what)


def settings(situation: Situation) -> Iterator[Finding]:
    """handoff.yml."""
    file = situation.environment.config
    try:
        load_settings(file)
    except HandoffError as error:
        yield Finding("settings", State.WRONG, str(error), f"change {file}")
    else:
        yield Finding("settings", State.OK, f"{file} is right")


def store(situation: Situation) -> Iterator[Finding]:
    """The database and its tables."""
    open_store(situation.environment.database_url)
    yield Finding("store", State.OK, "reachable, and its tables are up to date")


def agents(situation: Situation) -> Iterator[Finding]:
    """Of every department somebody can sign in. Says nothing where the store cannot be had: its own check does."""
    try:
        found = open_store(situation.environment.database_url)
    except HandoffError:
        return
    told = situation.settings
    known = {one.id: one.agent() for one in told.agents} if told else {}
    known |= {agent.id: agent for agent in found.agents()}
    can_sign_in = {id for id in known if found.password_hash(id)}
    for department in told.departments if told else ():
        yield _staffed(department.id, {id for id, one in known.items() if one.department == department.id}, can_sign_in)
    if can_sign_in and not any(agent.presence in _THERE for agent in known.values()):
        yield Finding("agents", State.NOTE, "nobody is at the desk just now", "sign in at the desk")


def _staffed(department: str, members: set[str], can_sign_in: set[str]) -> Finding:
    add = f"rasa-handoff agents add {min(members, default='NAME')}"
    if not members:
        return Finding("agents", State.WRONG, f"nobody is in {department}", f"{add} --department {department}")
    if not members & can_sign_in:
        return Finding("agents", State.WRONG, f"nobody of {department} has a password", add)
    return Finding("agents", State.OK, f"{len(members & can_sign_in)} of {department} can sign in")


def webhooks(situation: Situation) -> Iterator[Finding]:
    """Each webhook has its key, and something answers there: an OPTIONS request, so that no event is sent."""
    told = endpoints(situation.environment, situation.settings) if situation.settings else {}
    for id, endpoint in told.items():
        try:
            situation.http.options(endpoint.url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            what = f"nothing answers at {endpoint.url} ({problem_of(error)})"
            yield Finding("webhooks", State.WRONG, what, f"start what listens there, or change the url of {id!r}")
        else:
            yield Finding("webhooks", State.OK, f"{id} has its key, and something answers at {endpoint.url}")


def mail(situation: Situation) -> Iterator[Finding]:
    """The mail server lets us in. No e-mail is sent."""
    url = situation.environment.smtp_url
    if url is None:
        what = "none: what customers ask by e-mail is answered from the desk's list"
        yield Finding("mail", State.NOTE, what, "set HANDOFF_SMTP_URL to have a server")
        return
    server = smtp_of(url.get_secret_value())
    try:
        server.check()
    except (Refused, Unreachable) as error:
        yield Finding("mail", State.WRONG, str(error), "change HANDOFF_SMTP_URL, or start the mail server")
    else:
        yield Finding("mail", State.OK, f"{server.host}:{server.port} lets us in")


def language_model(situation: Situation) -> Iterator[Finding]:
    """Whether there is one; it is not called."""
    environment = situation.environment
    if environment.llm_api_key or environment.openai_api_key or environment.llm_base_url:
        what = f"{environment.llm_model} is configured (it was not called)"
        yield Finding("language model", State.OK, what)
    else:
        yield Finding("language model", State.NOTE, "none: summaries are drafts", "set HANDOFF_LLM_API_KEY to have one")


def secret(situation: Situation) -> Iterator[Finding]:
    """Sessions outlive the desk."""
    if situation.environment.secret is None:
        what = "HANDOFF_SECRET is not set: agents and web chats are signed out whenever the desk restarts"
        yield Finding("desk", State.NOTE, what, 'export HANDOFF_SECRET="$(openssl rand -hex 32)", and keep it')
