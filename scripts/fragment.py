"""Writes rasa_handoff/fragment/ from the reference bot: `python -m scripts.fragment`. A test fails when it is stale.

What the plugin brings to a bot stands in one place, the reference bot, where it is tried; `rasa-handoff add` takes it
from the package.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from rasa_handoff.adding.entries import lines_of
from rasa_handoff.adding.outline import outline

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "rasa_handoff/fragment"
DATA = ("nlu.yml", "rules.yml", "responses.yml")
OURS = re.compile(
    r"(EXTERNAL_)?handoff(_\w+)?|utter_handoff_\w+"
    r"|action_(ask_)?handoff_\w+|validate_handoff_\w+|action_default_fallback"
)
SECTIONS = ("intents", "entities", "slots", "forms", "actions", "responses")
HEAD = ['version: "3.1"', ""]


def files() -> dict[Path, str]:
    """Each generated file with what should stand in it."""
    made = {FOLDER / name: (ROOT / "data/handoff" / name).read_text(encoding="utf-8") for name in DATA}
    actions = (ROOT / "actions/handoff.py").read_text(encoding="utf-8")
    return {**made, FOLDER / "domain.yml": domain(), FOLDER / "handoff.py": actions}


def domain() -> str:
    """The plugin's part of the reference bot's domain, with its comments. Each entry stands alone, without aliases."""
    text = (ROOT / "domain.yml").read_text(encoding="utf-8")
    found = outline(text, "domain.yml")
    tree = _yaml().load(text)
    lines = list(HEAD)
    for key in SECTIONS:
        section = found.sections[key]
        lines += [f"{key}:"]
        for number, (name, own) in enumerate(lines_of(text, section)):
            if OURS.fullmatch(name):
                entry = tree[key][number if section.is_list else name]
                standing = _standing(name, own, entry, section.is_list)
                lines += [section.indent + line for line in standing if line]
        lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def _standing(name: str, lines: list[str], entry: Any, is_list: bool) -> Iterator[str]:
    """The lines, with whatever an alias stands for written out."""
    comments = [line for line in lines if not line or line.startswith("#")]
    if not any(re.search(r"[&*]\w+$", line) for line in lines[len(comments) :]):
        yield from lines
        return
    yield from comments
    stream = io.StringIO()
    _yaml().dump([entry] if is_list else {name: _without_anchors(entry)}, stream)
    yield from (line for line in stream.getvalue().splitlines() if line.strip() and not line.lstrip().startswith("#"))


def _without_anchors(node: Any) -> Any:
    if hasattr(node, "anchor"):
        node.anchor.value = None
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _without_anchors(child)
    return node


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    yaml.representer.ignore_aliases = lambda *_: True
    return yaml


def main() -> None:
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
