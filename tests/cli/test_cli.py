"""The command line: agents are added and listed, and errors say what to do."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rasa_handoff.cli import app
from rasa_handoff.core.routing import Role
from rasa_handoff.stores import open_store

SETTINGS = """
departments: [{id: support, name: Support}, {id: trust, name: Trust}]
agents: [{id: ana, name: Ana, department: support, skills: [orders], max_chats: 2}]
"""


class Home:
    def __init__(self, folder: Path) -> None:
        self.settings = folder / "handoff.yml"
        self.settings.write_text(SETTINGS)
        self.url = f"sqlite:///{folder / 'handoff.sqlite'}"

    def run(self, *arguments: str, typed: str = "", **environment: str) -> Result:
        values = {"HANDOFF_CONFIG": str(self.settings), "HANDOFF_DATABASE_URL": self.url, "COLUMNS": "200"}
        return CliRunner().invoke(app, arguments, input=typed, env=values | environment)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def ready(home: Home) -> Home:
    assert home.run("db", "upgrade").exit_code == 0
    return home


def test_an_agent_is_added_with_a_password_from_standard_input(ready: Home) -> None:
    result = ready.run(
        "agents", "add", "dora", "--name", "Dora <b>Lind</b>", "--department", "trust", "--language", "sv",
        "--password-stdin", typed="a secret\n",
    )  # fmt: skip
    assert result.stdout.strip() == "Added dora (Dora <b>Lind</b>, trust)."
    store = open_store(ready.url)
    assert store.agent("dora").languages == frozenset({"sv"})
    hashed = store.password_hash("dora")
    assert hashed is not None
    assert hashed.startswith("$argon2id$")


def test_an_agent_of_whom_nothing_is_said_speaks_the_bots_language(ready: Home) -> None:
    ready.settings.write_text(SETTINGS + "language: de\n")
    ready.run("agents", "add", "dora", "--password-stdin", typed="a secret\n")
    assert open_store(ready.url).agent("dora").languages == frozenset({"de"})


def test_what_is_left_out_stays_as_it_was(ready: Home) -> None:
    ready.run("agents", "add", "dora", "--name", "Dora", "--skill", "orders", "--password-stdin", typed="first\n")
    before = open_store(ready.url).password_hash("dora")
    result = ready.run("agents", "add", "dora", "--max-chats", "5")
    assert result.stdout.startswith("Changed dora (Dora, support)")
    store = open_store(ready.url)
    assert (store.agent("dora").max_chats, store.agent("dora").skills) == (5, {"orders": 1})
    assert store.password_hash("dora") == before


def test_who_stands_in_the_settings_file_is_changed_there_and_gets_a_password_here(ready: Home) -> None:
    assert "ana stands in" in ready.run("agents", "add", "ana", "--max-chats", "5").stderr
    assert ready.run("agents", "add", "ana", "--password-stdin", typed="a secret\n").exit_code == 0


def test_a_password_leaves_role_and_address_as_they_are(ready: Home) -> None:
    told = ("--role", "supervisor", "--email", "dora@example.com")
    ready.run("agents", "add", "dora", *told, "--password-stdin", typed="first\n")
    ready.run("agents", "add", "dora", "--password-stdin", typed="second\n")
    dora = open_store(ready.url).agent("dora")
    assert (dora.role, dora.email) == (Role.SUPERVISOR, "dora@example.com")


def test_the_agents_of_the_settings_file_are_listed(ready: Home) -> None:
    listed = ready.run("agents", "list").stdout
    assert "Ana" in listed
    assert "0/2" in listed


def test_an_empty_password_is_refused(ready: Home) -> None:
    result = ready.run("agents", "add", "ana", "--password-stdin", typed="\n")
    assert result.exit_code == 1
    assert "password is empty" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("agents", "add", "x", "--department", "moon"), "no department 'moon' in handoff.yml; known: support, trust"),
        (("agents", "add", "x", "--language", "klingon"), "no language 'klingon'. Write a code of ISO 639-1"),
        (("agents", "add", "x", "--email", "nowhere"), "'nowhere' is no e-mail address"),
        (("agents", "add", " "), "The id is empty"),
    ],
)
def test_a_wrong_agent_is_refused(ready: Home, arguments: tuple[str, ...], said: str) -> None:
    result = ready.run(*arguments)
    assert result.exit_code == 1
    assert said in result.stderr


@pytest.mark.parametrize("command", [("agents", "list"), ("desk",)])
def test_a_database_without_tables_says_which_command_makes_them(home: Home, command: tuple[str, ...]) -> None:
    result = home.run(*command)
    assert result.exit_code == 1
    assert "rasa-handoff db upgrade" in result.stderr


def test_a_database_that_is_not_there_is_named_without_its_password(home: Home) -> None:
    url = "postgresql://me:secret@127.0.0.1:9/handoff"
    result = home.run("db", "upgrade", HANDOFF_DATABASE_URL=url)
    assert result.exit_code == 1
    assert "127.0.0.1" in result.stderr
    assert "secret" not in result.stderr


def test_a_wrong_setting_stops_the_desk_with_file_line_and_key(ready: Home) -> None:
    ready.settings.write_text("detector:\n  max_turn: 3\n")
    result = ready.run("desk")
    assert result.exit_code == 1
    assert f"{ready.settings}, line 2: detector.max_turn" in result.stderr.replace("\n", "")


def test_a_wrong_environment_variable_is_named(ready: Home) -> None:
    result = ready.run("agents", "list", HANDOFF_LLM_TIMEOUT="soon")
    assert result.exit_code == 1
    assert "HANDOFF_LLM_TIMEOUT" in result.stderr
