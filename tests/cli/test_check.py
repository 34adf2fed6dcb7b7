"""`rasa-handoff check`: each part that is missing is named with what mends it, whatever else is missing."""

import json
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rasa_handoff.checking.bot import ACTIONS, GATE, INTENTS, POLICY, RESPONSES, SLOTS
from rasa_handoff.cli import app

DOMAIN = {
    "slots": {name: {"mappings": [{"type": "custom", "action": GATE}]} for name in SLOTS},
    "actions": [*ACTIONS],
    "intents": [*INTENTS],
    "responses": {key: [{"text": "Hello"}] for key in RESPONSES},
}
SETTINGS = """
departments: [{id: support, name: Support}, {id: trust, name: Trust}]
agents: [{id: ana, name: Ana, department: support}, {id: eve, name: Eve, department: trust}]
"""


@dataclass
class Servers:
    """Rasa, action server and desk at one address, each answering as told."""

    url: str = ""
    answers: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    told = Servers()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = told.answers.get(self.path.partition("?")[0])
            body = json.dumps(answer).encode()
            self.send_response(404 if answer is None else answer if isinstance(answer, int) else 200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    told.answers = {
        "/version": {"version": "3.6.21"},
        "/domain": DOMAIN,
        "/status": {"model_file": a_model(tmp_path, POLICY).name},
        "/actions": [{"name": name} for name in ACTIONS],
        "/healthz": {"status": "ok", "courier": "running"},
    }
    yield told
    server.shutdown()
    server.server_close()


def a_model(folder: Path, policy: str, **others: int) -> Path:
    """Trained with the policy, and with others of these priorities."""
    nodes = {name: {"uses": name, "config": {"priority": priority}} for name, priority in others.items()}
    metadata = json.dumps({"train_schema": {"nodes": {"policy": {"uses": policy}, **nodes}}}).encode()
    with tarfile.open(folder / f"{policy}.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("metadata.json")
        member.size = len(metadata)
        archive.addfile(member, BytesIO(metadata))
    return folder / f"{policy}.tar.gz"


class Checked:
    """What the command finds in a folder with settings and a store."""

    def __init__(self, folder: Path, url: str, *, ready: bool = True) -> None:
        (folder / "handoff.yml").write_text(SETTINGS, encoding="utf-8")
        self.environment = {
            "HANDOFF_CONFIG": str(folder / "handoff.yml"),
            "HANDOFF_DATABASE_URL": f"sqlite:///{folder}/handoff.sqlite",
            "HANDOFF_RASA_URL": url,
        }
        self.options = ("--actions", url, "--desk", url, "--models", str(folder))
        if ready:
            self.run("db", "upgrade")
            for name in ("ana", "eve"):
                self.run("agents", "add", name, "--password-stdin", typed="secret\n")

    def run(self, *arguments: str, typed: str = "") -> Any:
        return CliRunner().invoke(app, arguments, env=self.environment, input=typed)

    def wrong(self) -> dict[str, str]:
        """By what it is about: what is wrong, and what mends it."""
        result = self.run("check", *self.options, "--json")
        found = json.loads(result.stdout)
        assert all(one["mend"] for one in found if one["state"] == "wrong"), found
        wrong = {one["about"]: f"{one['what']} -> {one['mend']}" for one in found if one["state"] == "wrong"}
        assert result.exit_code == bool(wrong)
        return wrong


def test_where_everything_is_there_nothing_is_wrong(tmp_path: Path, servers: Servers) -> None:
    checked = Checked(tmp_path, servers.url)
    assert checked.wrong() == {}
    told = checked.run("check", *checked.options)
    assert told.exit_code == 0
    assert "serves our actions" in told.stdout


def test_where_nothing_runs_everything_is_named_with_what_starts_it(tmp_path: Path) -> None:
    wrong = Checked(tmp_path, "http://127.0.0.1:9", ready=False).wrong()
    assert "agents" not in wrong  # the store that is missing is said once
    assert "rasa-handoff db upgrade" in wrong["store"]
    assert "rasa run --enable-api" in wrong["rasa"]
    assert "python -m rasa_sdk" in wrong["action server"]
    assert "rasa-handoff desk" in wrong["desk"]


def test_a_department_without_anybody_who_can_sign_in_is_named(tmp_path: Path, servers: Servers) -> None:
    checked = Checked(tmp_path, servers.url, ready=False)
    checked.run("db", "upgrade")
    checked.run("agents", "add", "ana", "--password-stdin", typed="secret\n")
    assert "rasa-handoff agents add eve" in checked.wrong()["agents"]


def test_what_mends_a_missing_password_does(tmp_path: Path, servers: Servers) -> None:
    checked = Checked(tmp_path, servers.url, ready=False)
    checked.run("db", "upgrade")
    while "agents" in (wrong := checked.wrong()):
        command = wrong["agents"].partition("-> rasa-handoff ")[2].split()
        assert checked.run(*command, "--password-stdin", typed="secret\n").exit_code == 0
    assert wrong == {}


@pytest.mark.parametrize(
    ("path", "answer", "about", "told"),
    [
        ("/version", {"version": "2.8.1"}, "rasa", "rasa==3.6"),
        ("/domain", {**DOMAIN, "slots": {}}, "model", "lacks the slots handoff_status"),
        ("/domain", {**DOMAIN, "responses": {}}, "model", "lacks the responses utter_handoff_announce"),
        ("/domain", {**DOMAIN, "slots": {key: {} for key in SLOTS}}, "model", f"action: {GATE}"),
        ("/domain", None, "rasa", "rasa run --enable-api"),
        ("/domain", 401, "rasa", "HANDOFF_RASA_TOKEN"),
        ("/domain", 409, "rasa", "rasa train"),
        ("/actions", [{"name": "action_hello"}], "action server", "import rasa_handoff.actions"),
        ("/healthz", None, "desk", "answered 404"),
        ("/healthz", 503, "desk", "/healthz says which part"),
    ],
)
def test_a_part_that_is_not_as_it_must_be_is_named(
    tmp_path: Path, servers: Servers, path: str, answer: Any, about: str, told: str
) -> None:
    servers.answers[path] = answer
    wrong = Checked(tmp_path, servers.url).wrong()
    assert list(wrong) == [about]
    assert told in wrong[about]


def test_a_model_trained_without_the_policy_is_found_out(tmp_path: Path, servers: Servers) -> None:
    servers.answers["/status"] = {"model_file": str(a_model(tmp_path, "rasa.RulePolicy"))}
    assert POLICY in Checked(tmp_path, servers.url).wrong()["model"]


def test_a_policy_that_would_outvote_ours_is_found_out(tmp_path: Path, servers: Servers) -> None:
    servers.answers["/status"] = {"model_file": str(a_model(tmp_path, POLICY, RulePolicy=9, Memoization=6))}
    assert "RulePolicy has the priority 9, HandoffPolicy 7" in Checked(tmp_path, servers.url).wrong()["model"]


def test_a_model_that_cannot_be_read_from_here_is_no_fault(tmp_path: Path, servers: Servers) -> None:
    servers.answers["/status"] = {"model_file": "/elsewhere/model.tar.gz"}
    assert Checked(tmp_path, servers.url).wrong() == {}


def test_wrong_settings_do_not_keep_the_rest_from_being_looked_at(tmp_path: Path, servers: Servers) -> None:
    checked = Checked(tmp_path, servers.url)
    (tmp_path / "handoff.yml").write_text("detector: {max_turn: 3}", encoding="utf-8")
    assert set(checked.wrong()) == {"settings"}


def with_webhook(checked: Checked, folder: Path, url: str) -> None:
    (folder / "handoff.yml").write_text(f"{SETTINGS}\nwebhooks: [{{id: crm, url: '{url}/hook'}}]", encoding="utf-8")
    checked.environment["HANDOFF_WEBHOOK_SECRETS"] = json.dumps({"crm": f"whsec_{'QUFB' * 8}"})


def test_a_webhook_at_which_nothing_answers_is_found_out(tmp_path: Path, servers: Servers) -> None:
    checked = Checked(tmp_path, servers.url)
    with_webhook(checked, tmp_path, servers.url)
    assert checked.wrong() == {}
    with_webhook(checked, tmp_path, "http://127.0.0.1:9")
    assert "change the url of 'crm'" in checked.wrong()["webhooks"]


def test_a_mail_server_that_does_not_answer_is_found_out(tmp_path: Path, servers: Servers) -> None:
    checked = Checked(tmp_path, servers.url)
    checked.environment["HANDOFF_SMTP_URL"] = "smtp://127.0.0.1:9"
    assert "HANDOFF_SMTP_URL" in checked.wrong()["mail"]
