"""Tries the versions that docs/reference/compatibility.md speaks of: `make test-compat [ONLY=part of a name]`.

Each row gets an environment of its own under `.compat/` (kept; uv makes it, and fetches a Python that is not here).
Then the demo's conversation is played through the real processes: the bot, trained by the row's Rasa, hands over,
agent and customer talk, the bot goes on. A row of the bot's side runs the tests of the policy first; a row of the
server's side also tests of the stores and of what stands on them, where those run (Python 3.11). Prints a table and
keeps nothing of it.
"""

import argparse
import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from scripts import demo, training
from scripts.clients import TooLate
from scripts.stack import BOT, ROOT, SERVER, Stack, end_on_sigterm
from scripts.supervisor import StackError

FOLDER = ROOT / ".compat"
UV = ROOT / ".uv/bin/uv"
TESTS = ("tests/contracts", "tests/service", "tests/actions", "tests/settings", "tests/courier", "tests/webhooks")
# PyYAML 5.4.1, which Rasa 3.6 pins, has no wheel for Python 3.10 and is not built by Cython 3.
BUILT_WITH = "cython<3\n"


@dataclass(frozen=True)
class Row:
    """What is tried: packages on a Python, for the bot's environment or the server's."""

    side: str
    python: str
    packages: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.side}, Python {self.python}, {', '.join(self.packages) or 'newest of everything'}"

    @property
    def folder(self) -> Path:
        plain = "-".join((self.side, self.python, *self.packages)).replace("=", "").replace("<", "")
        return FOLDER / plain

    @property
    def bin(self) -> Path:
        return self.folder / "bin"


ROWS = (
    Row("bot", "3.8", ("rasa==3.6.0",)),
    Row("bot", "3.8", ("rasa==3.6.21",)),
    Row("bot", "3.9", ("rasa==3.6.21",)),
    Row("bot", "3.10", ("rasa==3.6.0",)),
    Row("bot", "3.10", ("rasa==3.6.21",)),
    Row("server", "3.10", ("rasa-sdk==3.6.2",)),
    Row("server", "3.10", ()),
    Row("server", "3.11", ("sqlalchemy==2.0.0",)),
    Row("server", "3.11", ()),
    Row("server", "3.12", ()),
    Row("server", "3.13", ()),
)


class Failed(Exception):
    """A command of a row did not end well; the text ends with what it said."""


def attempt(row: Row) -> str:
    """What was tried of the row. Errors: Failed, TooLate, StackError, TrainingError, httpx.HTTPError."""
    install(row)
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
        training.train(ROOT, row.folder / "models/bot.tar.gz", row.bin)
        converse(row, SERVER, row.bin, row.folder / "models/bot.tar.gz")
        return "policy tests, training, handoff and return"
    converse(row, row.bin, BOT, training.trained())
    if row.python == "3.10":
        return "handoff and return"
    run(row.bin / "python", "-m", "pytest", *TESTS)
    return "handoff and return, store contracts"


def install(row: Row) -> None:
    """Make the environment, unless it is there."""
    done = row.folder / "installed"
    if done.exists():
        return
    shutil.rmtree(row.folder, ignore_errors=True)
    run(UV, "venv", "--quiet", "--python", row.python, row.folder)
    into = (UV, "pip", "install", "--quiet", "--python", row.folder)
    if row.side == "bot":
        (row.folder / "built-with").write_text(BUILT_WITH)
        run(*into, *row.packages, "setuptools<81", "--build-constraints", row.folder / "built-with")
    else:
        tests = ("--requirements", ROOT / "requirements/dev.in") if row.python != "3.10" else ()
        run(*into, "--editable", f"{ROOT}[server]", *row.packages, *tests)
    done.touch()


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
    asked = ("rasa",) if row.side == "bot" else ("rasa-sdk", "sqlalchemy")
    code = "import sys, importlib.metadata as m; print(*(f'{n} {m.version(n)}' for n in sys.argv[1:]), sep=', ')"
    done = subprocess.run([row.bin / "python", "-c", code, *asked], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def results(rows: Iterator[Row], console: Console) -> Iterator[tuple[str, ...]]:
    for row in rows:
        began = time.monotonic()
        console.print(f"{row.name} ...")
        try:
            outcome, what = "works", attempt(row)
        except (Failed, TooLate, StackError, training.TrainingError, httpx.HTTPError) as error:
            outcome, what = "FAILED", str(error)
            console.print(what, markup=False, highlight=False)
        yield row.side, row.python, versions(row), outcome, what.splitlines()[0], f"{time.monotonic() - began:.0f}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Try the versions that rasa-handoff says it works with.")
    parser.add_argument("only", nargs="?", default="", help="only rows with this in their name")
    only = parser.parse_args().only
    end_on_sigterm()
    console = Console(width=None if sys.stdout.isatty() else 140)
    table = Table("side", "Python", "versions", "outcome", "tried", "seconds")
    outcomes = []
    for result in results((row for row in ROWS if only in row.name), console):
        table.add_row(*result)
        outcomes.append(result[3])
    console.print(table)
    return 0 if outcomes and set(outcomes) == {"works"} else 1


if __name__ == "__main__":
    sys.exit(main())
