"""The `rasa-handoff` command. What a command needs it imports itself: `detect` starts without store and model."""

import sys
from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from rasa_handoff.commands.add import add
from rasa_handoff.commands.check import check
from rasa_handoff.commands.common import plain_errors
from rasa_handoff.commands.detect import detect
from rasa_handoff.commands.evaluate import evaluate
from rasa_handoff.commands.explain import explain
from rasa_handoff.commands.people import erase, export, prune
from rasa_handoff.commands.replay import replay
from rasa_handoff.commands.show import show
from rasa_handoff.commands.simulate import simulate
from rasa_handoff.commands.waits import waits
from rasa_handoff.core.errors import NotFound, SettingsError
from rasa_handoff.core.routing import Agent, Role
from rasa_handoff.settings import load_environment

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Human handoff for Rasa.")
agents_app = typer.Typer(no_args_is_help=True, help="The human agents.")
db_app = typer.Typer(no_args_is_help=True, help="The store.")
app.add_typer(agents_app, name="agents")
app.add_typer(db_app, name="db")
for command in (add, detect, explain, replay, evaluate, simulate, waits, show, check, export, erase, prune):
    app.command()(command)


@app.command()
def desk(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 5080,
) -> None:
    """Run the agents' desk, the reference chat page and the courier."""
    import uvicorn

    from rasa_handoff.desk.app import create_app
    from rasa_handoff.wiring import build, seed

    with plain_errors():
        parts = build(load_environment())
        seed(parts.store, parts.settings)
        channels = parts.channels()
        asgi = create_app(parts, parts.courier(parts.bot(), channels), parts.pruner(), channels)
        # No page speaks WebSockets, and those of rasa-sdk 3.6 are too old for uvicorn.
        uvicorn.run(asgi, host=host, port=port, log_level="warning", ws="none")


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Create the store's tables, or bring them up to date."""
    from rasa_handoff.stores.migrations import upgrade

    with plain_errors():
        environment = load_environment()
        upgrade(environment.database_url)
        typer.echo("The store is up to date.")


@agents_app.command("list")
def agents_list() -> None:
    """Show the agents, their departments and loads."""
    from rasa_handoff.wiring import build, seed

    with plain_errors():
        parts = build(load_environment())
        seed(parts.store, parts.settings)
        agents = parts.store.agents()
    table = Table("id", "name", "department", "skills", "languages", "chats", "presence")
    for agent in sorted(agents, key=lambda agent: agent.id):
        skills = ", ".join(f"{name} {level}" if level > 1 else name for name, level in sorted(agent.skills.items()))
        languages, chats = ", ".join(sorted(agent.languages)), f"{agent.active_chats}/{agent.max_chats}"
        table.add_row(agent.id, agent.name, agent.department, skills, languages, chats, agent.presence.value)
    Console().print(table)


@agents_app.command("add")
def agents_add(
    id: Annotated[str, typer.Argument(help="The sign-in.")],
    name: Annotated[str | None, typer.Option(help="What customers see.")] = None,
    department: Annotated[
        str | None, typer.Option(help="A department of handoff.yml; the first when left out.")
    ] = None,
    skill: Annotated[
        list[str] | None,
        typer.Option(help="A name, or a name and its level (`refunds:3`); may be given several times."),
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option(help="ISO 639-1; may be given several times. The bot's when left out.")
    ] = None,
    max_chats: Annotated[int | None, typer.Option(min=1, help="Handoffs at once.")] = None,
    role: Annotated[Role | None, typer.Option(help="A supervisor sees and passes on everybody's.")] = None,
    email: Annotated[str | None, typer.Option(help="By it takeover channels know them.")] = None,
    password_stdin: Annotated[bool, typer.Option(help="Read the password from standard input.")] = False,
) -> None:
    """Add an agent, or change one; what is left out stays. Asks for a password on a terminal."""
    from rasa_handoff.wiring import build, seed

    with plain_errors():
        if not id.strip():
            raise SettingsError("The id is empty. Give the agent a sign-in, such as `dora`.")
        parts = build(load_environment())
        seed(parts.store, parts.settings)
        changes = (name, department, skill, language, max_chats, role, email)
        if any(changes) and id in [one.id for one in parts.settings.agents]:
            raise SettingsError(
                f"{id} stands in {parts.environment.config}: change it there. Only the password is set here."
            )
        known = _known(parts.store.agent, id)
        departments = [one.id for one in parts.settings.departments]
        wanted = department or (known.department if known else departments[0])
        if wanted not in departments:
            raise NotFound(f"There is no department {wanted!r} in handoff.yml; known: {', '.join(departments)}.")
        agent = Agent(
            id=id,
            name=name or (known.name if known else id),
            department=wanted,
            skills=_levels(skill) if skill else (known.skills if known else {}),
            languages=frozenset(_languages(language) or (known.languages if known else [parts.settings.language])),
            max_chats=max_chats or (known.max_chats if known else 3),
            role=role or (known.role if known else Role.AGENT),
            email=_address(email) if email else (known.email if known else None),
        )
        new = parts.store.add_agent(agent, _password(password_stdin))
    typer.echo(f"{'Added' if new else 'Changed'} {agent.id} ({agent.name}, {agent.department}).")


def _known(find: Callable[[str], Agent], id: str) -> Agent | None:
    try:
        return find(id)
    except NotFound:
        return None


def _address(written: str) -> str:
    """Errors: SettingsError."""
    from rasa_handoff.contact import email_address

    address = email_address(written)
    if address is None:
        raise SettingsError(f"{written!r} is no e-mail address. Write one such as dora@example.com.")
    return address


def _languages(codes: list[str] | None) -> list[str]:
    """Errors: SettingsError."""
    from rasa_handoff.settings.languages import LANGUAGES

    unknown = next((code for code in codes or () if code not in LANGUAGES), None)
    if unknown is not None:
        raise SettingsError(f"There is no language {unknown!r}. Write a code of ISO 639-1, such as en or pt.")
    return codes or []


def _levels(skills: list[str]) -> dict[str, int]:
    """`refunds` is at level 1, `refunds:3` at level 3."""
    levels = {}
    for skill in skills:
        name, colon, level = skill.partition(":")
        if not name or (colon and not (level.isdecimal() and int(level) > 0)):
            raise SettingsError(f"{skill!r} is no skill. Write a name, or a name and a level from 1: refunds:3")
        levels[name] = int(level) if colon else 1
    return levels


def _password(from_stdin: bool) -> str | None:
    """The hash of the password typed or piped in; None when there is none, and the old one stays."""
    from argon2 import PasswordHasher

    if from_stdin:
        piped = sys.stdin.readline().rstrip("\n")
        if not piped:
            raise SettingsError("The password is empty. Pipe one in, or leave --password-stdin out.")
        return PasswordHasher().hash(piped)
    if not sys.stdin.isatty():
        return None
    typed = typer.prompt("Password (empty: leave as it is)", default="", hide_input=True, show_default=False)
    return PasswordHasher().hash(typed) if typed else None
