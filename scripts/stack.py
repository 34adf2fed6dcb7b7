"""The whole stack on free ports of this machine: Rasa server, action server, desk with courier.

`make run` runs this module; the demo, the journeys and the benchmarks use `Stack`.
"""

import argparse
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from scripts import training
from scripts.child import Child
from scripts.clients import AgentClient
from scripts.supervisor import StackError, Supervisor

ROOT = Path(__file__).resolve().parents[1]
SERVER = ROOT / ".venv/bin"
BOT = ROOT / ".venv-bot/bin"
RASA, ACTIONS, DESK = "rasa", "actions", "desk"


class Stack(Supervisor):
    """The three processes, over the databases and logs in `folder`; starting takes as long as Rasa loads its model.

    `settings` is the handoff.yml, `database_url` the store (SQLite in `folder` unless given), `action_package` what the
    action server loads, `credentials` Rasa's channels, `endpoints` its stores; with a `rasa_token` Rasa's API wants it,
    and the desk has it; `server` and `bot` are the `bin` folders of the two environments.
    `environment` comes on top of `inherited`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        model: Path = training.MODEL,
        settings: Path = ROOT / "handoff.yml",
        database_url: str | None = None,
        action_package: str = "actions",
        credentials: Path = ROOT / "credentials.yml",
        endpoints: Path = ROOT / "endpoints.yml",
        rasa_token: str | None = None,
        server: Path = SERVER,
        bot: Path = BOT,
        environment: Mapping[str, str] | None = None,
        inherited: Mapping[str, str] = os.environ,
        patience: float = 300.0,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        folder, self._server = folder.resolve(), server
        rasa, actions, desk = free_ports(3)
        self.rasa_url, self.actions_url, self.desk_url = (f"http://127.0.0.1:{port}" for port in (rasa, actions, desk))
        self.environment = {
            **inherited,
            **training.QUIET,
            # Cookies of customers and agents outlive a restart of the desk.
            "HANDOFF_SECRET": inherited.get("HANDOFF_SECRET") or kept_secret(folder),
            "PYTHONPATH": str(ROOT),
            "SANIC_HOST": "127.0.0.1",
            "RASA_ACTION_URL": f"{self.actions_url}/webhook",
            "RASA_TRACKER_DB": str(folder / "rasa.sqlite"),
            "SHOP_DATABASE": str(folder / "shop.sqlite"),
            "HANDOFF_CONFIG": str(settings.resolve()),
            "HANDOFF_DATABASE_URL": database_url or f"sqlite:///{folder / 'handoff.sqlite'}",
            "HANDOFF_RASA_URL": self.rasa_url,
            **({"HANDOFF_RASA_TOKEN": rasa_token} if rasa_token else {}),
            **(environment or {}),
        }
        here = ("--host", "127.0.0.1", "--port", str(desk))
        serve = ("run", "--enable-api", "--interface", "127.0.0.1", "--port", str(rasa), "--model", model.resolve())
        parts = ("--credentials", credentials.resolve(), "--endpoints", endpoints.resolve())
        token = ("--auth-token", rasa_token) if rasa_token else ()
        commands: dict[str, tuple[str | Path, ...]] = {
            RASA: (bot / "rasa", *serve, *parts, *token),
            ACTIONS: (server / "python", "-m", "rasa_sdk", "--actions", action_package, "--port", str(actions)),
            DESK: (server / "rasa-handoff", "desk", *here),
        }
        health = {
            RASA: f"{self.rasa_url}/status" + (f"?token={rasa_token}" if rasa_token else ""),
            ACTIONS: f"{self.actions_url}/health",
            DESK: f"{self.desk_url}/healthz",
        }
        children = {
            name: Child(name, command, log=folder / f"{name}.log", folder=ROOT, environment=self.environment)
            for name, command in commands.items()
        }
        super().__init__(folder, children, health, patience=patience, say=say)

    def open(self) -> None:
        """Start Rasa first: it takes longest and can do without the handoff database."""
        self.start(RASA, wait=False)
        self.run("db", "upgrade")
        self.start()

    def run(self, *arguments: str, typed: str = "") -> str:
        """The output of `rasa-handoff ARGUMENTS`, in the stack's environment, with `typed` on its input.

        Errors: StackError.
        """
        command = [str(self._server / "rasa-handoff"), *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, input=typed, text=True, capture_output=True, check=False
        )
        if done.returncode:
            raise StackError(f"`rasa-handoff {' '.join(arguments)}` failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def agent(self, agent_id: str, *options: str) -> AgentClient:
        """Give the agent (a new one, when it is not known) a password of its own; returns it signed in."""
        password = secrets.token_urlsafe(12)
        self.run("agents", "add", agent_id, "--password-stdin", *options, typed=f"{password}\n")
        return AgentClient(self.desk_url, agent_id, password)


def kept_secret(folder: Path) -> str:
    """The folder's secret, made on first use; only its owner can read it."""
    kept = folder / "secret"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(32))
    return kept.read_text()


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all different.

    They are below those that the kernel gives to clients: such a one may be gone before the server has started.
    """
    found: set[int] = set()
    while len(found) < count:
        port = secrets.choice(range(15_000, 32_000))
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found.add(port)
    return list(found)


def end_on_sigterm() -> None:
    """Turn SIGTERM into an ordinary exit, which closes the stack and waits for that."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the stack until Ctrl-C.")
    parser.add_argument("--folder", type=Path, default=ROOT / ".run/stack", help="databases and logs (kept)")
    folder: Path = parser.parse_args().folder
    end_on_sigterm()
    try:
        with Stack(folder, model=training.trained(), say=print) as stack:
            print(f"Chat page  {stack.desk_url}/chat\nDesk       {stack.desk_url}\nRasa       {stack.rasa_url}")
            print(f"Logs       {stack.folder}\nCtrl-C ends it.", flush=True)
            stack.watch()
    except KeyboardInterrupt:
        return 130
    except (StackError, training.TrainingError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
