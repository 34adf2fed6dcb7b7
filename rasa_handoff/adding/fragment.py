"""What the plugin brings to a bot: the package's copy, made from the reference bot by `python -m scripts.fragment`."""

from collections.abc import Collection
from functools import cache
from importlib import resources
from string import Template
from typing import Any

from ruamel.yaml import YAML

from rasa_handoff.adding.entries import lines_of
from rasa_handoff.adding.inserting import Addition, Piece
from rasa_handoff.adding.outline import outline

SECTIONS = ("intents", "entities", "slots", "forms", "actions", "responses")
DATA = ("nlu.yml", "rules.yml", "responses.yml")
POLICY = "rasa_handoff.policy.HandoffPolicy"
FALLBACK = "action_default_fallback"
FALLBACK_IMPORT = "import rasa_handoff.actions.fallback"


@cache
def text_of(name: str) -> str:
    """A file of the fragment."""
    return (resources.files("rasa_handoff") / "fragment" / name).read_text(encoding="utf-8")


@cache
def domain() -> tuple[Addition, ...]:
    """What the domain gets, section by section."""
    return tuple(section("domain.yml", key) for key in SECTIONS)


@cache
def section(file: str, key: str) -> Addition:
    """A section of a file of the fragment."""
    text = text_of(file)
    found = outline(text, file).sections[key]
    tree = YAML(typ="safe", pure=True).load(text)[key]
    pieces = [
        Piece(name, tuple(lines), tree[number if found.is_list else name])
        for number, (name, lines) in enumerate(lines_of(text, found))
    ]
    return Addition(key, found.is_list, tuple(pieces))


def policies(*, defaults: bool, rules: bool) -> Addition:
    """Our policy; before it those that Rasa takes by default, or, for a bot without one, a RulePolicy that answers our
    rules and leaves its fallback as it was.
    """
    every = section("config.yml", "policies")
    ours = every.pieces[-1]
    if defaults:
        return every
    alone = {"name": "RulePolicy", "enable_fallback_prediction": False}
    lines = ("# For the plugin's rules alone.", "- name: RulePolicy", "  enable_fallback_prediction: false")
    before = (Piece("RulePolicy", lines, alone),) if rules else ()
    return Addition("policies", True, (*before, ours))


def data_file(name: str, without: Collection[str]) -> list[str]:
    """The lines of a training data file, without the examples of these intents."""
    lines = text_of(name).splitlines()
    if name != "nlu.yml" or not without:
        return lines
    dropped = {line for one in section(name, "nlu").pieces if str(one.value["intent"]) in without for line in one.lines}
    return [line for line in lines if line not in dropped or line.strip() in ("", "examples: |")]


def actions_file(*, fallback: bool) -> list[str]:
    """The module that the action server loads; `fallback` when the bot has no fallback of its own."""
    lines = text_of("handoff.py").splitlines()
    return [line for line in lines if fallback or not line.startswith(FALLBACK_IMPORT)]


def settings_file(**values: Any) -> list[str]:
    """handoff.yml for a bot."""
    return Template(text_of("handoff.yml")).substitute(values).splitlines()
