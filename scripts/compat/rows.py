"""What is tried."""

from dataclasses import dataclass
from pathlib import Path

from scripts.stack import ROOT

FOLDER = ROOT / ".compat"


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
    Row("calm", "3.11", ("rasa-pro",)),
)
