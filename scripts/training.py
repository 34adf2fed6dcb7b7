"""Trains the reference bot when something it is made of has changed; otherwise it takes no time.

TrainingError    Rasa refused or failed; the text ends with what Rasa said
"""

import fcntl
import hashlib
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.child import Child

ROOT = Path(__file__).resolve().parents[1]
MODEL = ROOT / "models/bot.tar.gz"
MADE_OF = (
    "config.yml",
    "domain.yml",
    "data",
    "rasa_handoff/policy.py",
    "rasa_handoff/tokenizer.py",
    "requirements/bot.txt",
)
STEP = re.compile(r"Starting to train component '(?P<name>\w+)'")
EPOCH = re.compile(r"Epochs:\s+(?P<percent>\d+)%")
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONUNBUFFERED": "1",
}


class TrainingError(Exception):
    """The bot could not be trained; the text ends with what Rasa said."""


def trained(root: Path = ROOT) -> Path:
    """The model of the bot as it stands, trained if need be. Errors: TrainingError."""
    model = root / MODEL.relative_to(ROOT)
    mark = model.with_name("fingerprint")
    model.parent.mkdir(exist_ok=True)
    with one_at_a_time(model.parent):
        wanted = fingerprint(root)
        if model.exists() and mark.exists() and mark.read_text() == wanted:
            return model
        mark.unlink(missing_ok=True)
        train(root, model)
        mark.write_text(wanted)
    return model


def fingerprint(root: Path) -> str:
    """Changes when the content or the name of anything that the bot is made of does."""
    found = [path for name in MADE_OF for path in sorted(walk(root / name))]
    digest = hashlib.sha256()
    for path in found:
        digest.update(f"{path.relative_to(root)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def walk(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (each for each in path.rglob("*.yml") if each.is_file())
    elif path.exists():
        yield path


def train(root: Path, model: Path, bot: Path | None = None) -> None:
    """Run `rasa train`, telling on standard output how far it is; `bot` is the `bin` folder of Rasa's environment."""
    out = ("--out", model.parent, "--fixed-model-name", model.name.removesuffix(".tar.gz"))
    log = model.with_name("training.log")
    log.unlink(missing_ok=True)
    rasa = Child(
        "rasa train",
        ((bot or root / ".venv-bot/bin") / "rasa", "train", *out),
        log=log,
        folder=root,
        environment={**os.environ, **QUIET},
    )
    print("Training the bot (a minute or two, and only when it has changed)", flush=True)
    started = time.monotonic()
    rasa.start()
    try:
        with log.open() as said:
            while rasa.exit_code() is None:
                for line in said:
                    tell(line, time.monotonic() - started)
                time.sleep(0.2)
        code = rasa.exit_code()
    finally:
        rasa.stop()
    if code or not model.exists():
        raise TrainingError(
            f"rasa train ended with exit code {code}. All it said is in {log}; the end:\n{rasa.tail(25)}"
        )
    print(f"Trained in {time.monotonic() - started:.0f} s", flush=True)


def tell(line: str, seconds: float) -> None:
    """Show on one line where the training is. Rasa's own output is for its log."""
    step, epoch = STEP.search(line), EPOCH.search(line)
    if step:
        print(f"  {seconds:4.0f} s  {step['name']}", flush=True)
    elif epoch and sys.stdout.isatty():
        print(f"          {epoch['percent']} %", end="\r", flush=True)


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Wait while somebody else trains here: afterwards there is nothing left to do."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    try:
        trained()
    except TrainingError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
