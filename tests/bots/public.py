"""Public Rasa 3 bots of different shapes, fetched into $HANDOFF_BOTS as they are, outside the repository.

The first is the one that `rasa init` makes, which is always there.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.stack import BOT

SECONDS_TO_FETCH = 120


@dataclass(frozen=True)
class PublicBot:
    """A bot by its repository and the commit it was tried at; `folder` is where it is in there.

    `asks` is how a customer asks for a person; `wired` are the intents that `add` should find. `dropped` are parts of
    the pipeline that want a download, and so are left out when it is trained here; `wants` is what its actions import.
    """

    repository: str
    commit: str
    folder: str = "."
    options: tuple[str, ...] = ()
    asks: str = "I want to talk to a human"
    wired: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.repository}/{self.folder}".removesuffix("/.")

    def where(self, option: str, default: str) -> str:
        """The path that an option of `add` gives, such as --domain."""
        return self.options[self.options.index(option) + 1] if option in self.options else default


INIT = "rasa init"
OLD_YAML = "ruamel.yaml<0.18"
BOTS = (
    PublicBot(INIT, ""),
    PublicBot(
        "RasaHQ/financial-demo",
        "7627cebef1571d55855b886cf4ac20459af9566c",
        wired=("trigger_handoff", "human_handoff"),
        dropped=("SpacyNLP", "SpacyEntityExtractor"),
        wants=("python-dateutil", "pytz", OLD_YAML),
    ),
    PublicBot(
        "RasaHQ/helpdesk-assistant",
        "2e9f2258c6648488bd02af86ea2803de5a9fde04",
        wired=("trigger_handoff", "human_handoff"),
        wants=(OLD_YAML,),
    ),
    PublicBot("RasaHQ/rasa-3.x-form-examples", "019029cb17a0e7bdd437f2ebcf645a1de0c839c5", folder="03-conditions"),
    PublicBot("RasaHQ/rasa-3.x-form-examples", "019029cb17a0e7bdd437f2ebcf645a1de0c839c5", folder="05-validation"),
    PublicBot(
        "KI-Campus/chatbot-kim",
        "e6b98cf8ee1dc16f3aee8dbc1711eb0335d0c65b",
        folder="rasa/KI-Campus_de",
        asks="Ich möchte mit einem Menschen sprechen",
        wired=("human_handoff",),
    ),
    PublicBot(
        "KI-Campus/chatbot-kim",
        "e6b98cf8ee1dc16f3aee8dbc1711eb0335d0c65b",
        folder="rasa/KI-Campus_en",
        wired=("human_handoff",),
    ),
    PublicBot(
        "shenoy-anurag/data-science-chatbot", "fd3ad32cfed8db485df45c911481f99255e79281", wired=("human_handoff",)
    ),
    PublicBot(
        "TheE4g1eClaw/UAM-C-chatbot",
        "30fe29998013a71d4040b4c3b9a7fac03ae531d4",
        options=("--domain", "domain"),
        asks="Quiero hablar con una persona",
    ),
    PublicBot(
        "fedeStaffo/ChatBot_Rasa",
        "2c9c9b78a04ef21bff8ee5f4def25956a1f72b95",
        options=("--domain", "domains"),
        asks="Vorrei parlare con un operatore umano",
    ),
    PublicBot("purnasrm/RASA3_testbot", "88ad4b4c14b4b938b82f06bc23eab4c59436fdd7", options=("--domain", "domain")),
    PublicBot(
        "Deepam-Rai/social_media_chatbot", "6bcba6f338fb1b9b701d1cdbe2ba05681da0b4bf", options=("--domain", "domain")
    ),
    PublicBot("jeunesseAfricaine/hand-over", "22bb6042d06ea098b2207915ffe66527ac836aee"),
    PublicBot(
        "RasaHQ/conversational-ai-course-3.x",
        "f5331237c7e10ec8923855e147abca6d9b9a3276",
        folder="video-09-2-custom-forms",
    ),
    PublicBot("v-rowjee/Chatbot-Engine", "3ce1b43ca5e2bec45c9fdb613303941e5ec4ea4b"),
)


def fetched(bot: PublicBot) -> Path:
    """The bot's folder in a checkout, which is fetched when it is not there yet. Skips where it cannot be had."""
    if bot.repository == INIT:
        return next((BOT.parent / "lib").glob("python*/site-packages/rasa/cli/initial_project"))
    checkout = Path(os.environ["HANDOFF_BOTS"]) / bot.repository
    if not checkout.exists():
        fetch(bot, checkout)
    return checkout / bot.folder


def fetch(bot: PublicBot, checkout: Path) -> None:
    checkout.mkdir(parents=True)
    commands = (
        ("init", "--quiet"),
        ("fetch", "--quiet", "--depth", "1", f"https://github.com/{bot.repository}", bot.commit),
        ("checkout", "--quiet", "FETCH_HEAD"),
    )
    for command in commands:
        try:
            done = subprocess.run(["git", *command], cwd=checkout, timeout=SECONDS_TO_FETCH, check=False)
        except subprocess.TimeoutExpired:
            done = None
        if done is None or done.returncode:
            subprocess.run(["rm", "-rf", checkout], check=True)
            pytest.skip(f"{bot.repository} cannot be had from here")
