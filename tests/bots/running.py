"""A bot with the plugin, running: trained in fewer epochs, its Rasa server, its action server and the desk."""

import hashlib
import os
import re
import secrets
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML

from scripts.child import Child
from scripts.clients import AgentClient
from scripts.stack import ACTIONS, BOT, DESK, RASA, ROOT, SERVER, free_ports
from scripts.supervisor import Supervisor
from scripts.training import QUIET
from tests.bots.public import PublicBot

EPOCHS = {"DIETClassifier": 8, "ResponseSelector": 2, "TEDPolicy": 2, "UnexpecTEDIntentPolicy": 1}
LEAVINGS = re.compile(r"(^|/)(__pycache__|\.rasa)(/|$)|\.(db|db-\w+|pyc)$")
"""What Rasa, Python and the bot's own actions write by themselves when they run."""
INSTALLED_FIRST = (
    "import os, sys, sysconfig; "
    "sys.path[:0] = [path for path in (os.environ['PYTHONPATH'], sysconfig.get_path('purelib')) if path]; "
)
"""In a bot that has copies of packages in its folder, the installed ones are taken all the same."""
SERVE = INSTALLED_FIRST + "import runpy; runpy.run_module('rasa_sdk', run_name='__main__')"
LOAD = INSTALLED_FIRST + "import rasa_sdk.executor as e; e.ActionExecutor().register_package('actions')"
PRIVATE = ("HANDOFF_", "OPENAI_", "RASA_")


def files_of(folder: Path) -> dict[str, str]:
    """Each file's digest by its path."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    named = ((str(path.relative_to(folder)), path) for path in found)
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in named if not LEAVINGS.search(name)}


def bots_python_path(folder: Path) -> Path:
    """What `pip install rasa-handoff` brings into a bot's environment: the wheel, unpacked."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


class Running:
    """One bot's folder, and beside it, in `aside`, what this suite needs of its own."""

    def __init__(self, bot: PublicBot, folder: Path, aside: Path, site: Path) -> None:
        self.bot, self.folder, self.aside = bot, folder, aside
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(PRIVATE)}
        self.environment = {**inherited, **QUIET, "PYTHONPATH": str(site), "PYTHONWARNINGS": "default"}
        aside.mkdir(exist_ok=True)

    def handoff(self, *arguments: str, typed: str = "", environment: dict[str, str] | None = None) -> str:
        """What `rasa-handoff ARGUMENTS` says, in the bot's folder."""
        command = [str(SERVER / "rasa-handoff"), *arguments]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, **(environment or {})},
            input=typed,
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def add(self, *more: str) -> str:
        return self.handoff("add", *self.bot.options, *more, "--yes")

    def own_packages(self) -> dict[str, str]:
        """For the servers' environment: what the bot's own actions import, installed aside. Nothing of Rasa's side."""
        folder = self.aside / "packages"
        if not self.bot.wants:
            return {"PYTHONPATH": ""}
        if not folder.exists():
            command = [
                ROOT / ".uv/bin/uv",
                "pip",
                "install",
                "--quiet",
                "--python",
                SERVER / "python",
                "--target",
                folder,
            ]
            subprocess.run([*map(str, command), *self.bot.wants], check=True)
        return {"PYTHONPATH": str(folder)}

    def problems(self) -> tuple[int, set[str]]:
        """The exit code of `rasa data validate`, and all it warns of."""
        done = self._rasa("data", "validate", *self._data(), "--config", "config.yml")
        told = re.findall(r"(?:UserWarning|FutureWarning|ERROR|WARNING)\W+(.+)", done.stdout + done.stderr)
        return done.returncode, {line.strip() for line in told if "SQLAlchemy" not in line}

    def train(self) -> Path:
        """A model, trained in fewer epochs and without the parts that want a download."""
        config = self.aside / "config.yml"
        config.write_text(self._quick((self.folder / "config.yml").read_text(encoding="utf-8")), encoding="utf-8")
        out = ("--out", str(self.aside / "models"), "--fixed-model-name", "bot")
        done = self._rasa("train", *self._data(), "--config", str(config), *out)
        model = self.aside / "models/bot.tar.gz"
        assert model.exists(), (done.stdout + done.stderr)[-4000:]
        return model

    def _quick(self, config: str) -> str:
        yaml = YAML()
        tree = yaml.load(config)
        if tree.get("pipeline"):
            tree["pipeline"] = [one for one in tree["pipeline"] if one["name"] not in self.bot.dropped]
        for one in [*(tree.get("pipeline") or ()), *(tree.get("policies") or ())]:
            if one["name"] in EPOCHS:
                one["epochs"] = EPOCHS[one["name"]]
        if tree.get("imports"):
            tree["imports"] = [str((self.folder / one).resolve()) for one in tree["imports"]]
        with (self.aside / "quick.yml").open("w+", encoding="utf-8") as file:
            yaml.dump(tree, file)
            file.seek(0)
            return file.read()

    def _data(self) -> Iterator[str]:
        yield from ("--domain", self.bot.where("--domain", "domain.yml"), "--data", self.bot.where("--data", "data"))

    def _rasa(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [str(BOT / "rasa"), *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, text=True, capture_output=True, check=False, timeout=900
        )


class Served(Supervisor):
    """The bot's three processes on free ports; `actions` is what the action server loads."""

    def __init__(self, running: Running, model: Path, actions: str) -> None:
        rasa, actions_port, desk = free_ports(3)
        aside = running.aside
        self.rasa_url, self.desk_url = f"http://127.0.0.1:{rasa}", f"http://127.0.0.1:{desk}"
        self.running = running
        endpoints, credentials = aside / "endpoints.yml", aside / "credentials.yml"
        endpoints.write_text(f"action_endpoint: {{url: 'http://127.0.0.1:{actions_port}/webhook'}}\n")
        credentials.write_text("rest:\n")
        self.store = {
            "HANDOFF_CONFIG": str(running.folder / "handoff.yml"),
            "HANDOFF_DATABASE_URL": f"sqlite:///{aside / 'handoff.sqlite'}",
            "HANDOFF_RASA_URL": self.rasa_url,
            "HANDOFF_SECRET": secrets.token_urlsafe(32),
            "SANIC_HOST": "127.0.0.1",
        }
        serve = ("run", "--enable-api", "--interface", "127.0.0.1", "--port", str(rasa), "--model", str(model))
        commands = {
            RASA: (BOT / "rasa", *serve, "--endpoints", str(endpoints), "--credentials", str(credentials)),
            ACTIONS: (SERVER / "python", "-c", SERVE, "--actions", actions, "--port", str(actions_port)),
            DESK: (SERVER / "rasa-handoff", "desk", "--host", "127.0.0.1", "--port", str(desk)),
        }
        health = {
            RASA: f"{self.rasa_url}/status",
            ACTIONS: f"http://127.0.0.1:{actions_port}/health",
            DESK: f"{self.desk_url}/healthz",
        }
        servers = {**running.environment, **self.store, **running.own_packages()}
        children = {
            name: Child(
                name,
                command,
                log=aside / f"{name}.log",
                folder=running.folder,
                environment={**running.environment, **self.store} if name == RASA else servers,
            )
            for name, command in commands.items()
        }
        super().__init__(aside, children, health)

    def open(self) -> None:
        self.start(RASA, wait=False)
        self.running.handoff("db", "upgrade", environment=self.store)
        self.start(ACTIONS)
        self.start()

    def agent(self, id: str) -> AgentClient:
        """A new agent, signed in."""
        password = secrets.token_urlsafe(12)
        add = ("agents", "add", id, "--name", id.title(), "--password-stdin")
        self.running.handoff(*add, typed=f"{password}\n", environment=self.store)
        return AgentClient(self.desk_url, id, password)


def served(running: Running, model: Path) -> Served:
    """With the bot's own actions where what they import is here, else with ours alone."""
    package = "actions"
    check = [str(SERVER / "python"), "-c", LOAD]
    ready = {**running.environment, "HANDOFF_CONFIG": str(running.folder / "handoff.yml")}
    ready |= {"HANDOFF_DATABASE_URL": f"sqlite:///{running.aside / 'handoff.sqlite'}", **running.own_packages()}
    running.handoff("db", "upgrade", environment=ready)
    done = subprocess.run(
        check, cwd=running.folder, env=ready, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode:
        (ours,) = [path for path in (running.folder / "actions").glob("*.py") if ">>> rasa-handoff" in path.read_text()]
        package = f"actions.{ours.stem}"
        why = [line for line in done.stderr.splitlines() if re.match(r"\w*Error", line)]
        print(f"{running.bot.name}: its own actions do not load here: {(why or ['?'])[-1][:200]}")
    return Served(running, model, package)
