"""Small bots on disk, and what adding the plugin makes of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rasa_handoff.adding.clashes import Advice
from rasa_handoff.adding.files import write
from rasa_handoff.adding.layout import Layout, layout
from rasa_handoff.adding.plan import Plan, adding, removing
from rasa_handoff.adding.reading import parsed

DOMAIN = """version: "3.1"
intents:
  - greet
  - affirm
responses:
  utter_greet:
  - text: "Hi"
"""
CONFIG = """language: en
pipeline:
- name: WhitespaceTokenizer
policies:
- name: MemoizationPolicy
- name: RulePolicy
"""
RULES = """version: "3.1"
rules:
- rule: greet
  steps:
  - intent: greet
  - action: utter_greet
"""
ACTIONS = """from rasa_sdk import Action


class Hello(Action):
    def name(self):
        return "action_hello"
"""
USUAL: Mapping[str, str | None] = {
    "domain.yml": DOMAIN,
    "config.yml": CONFIG,
    "data/rules.yml": RULES,
    "endpoints.yml": "action_endpoint:\n  url: http://localhost:5055/webhook\n",
    "credentials.yml": "rest:\n",
    "actions/__init__.py": "",
    "actions/actions.py": ACTIONS,
}


class Made:
    """A bot in a folder: the usual files, with `changes` to them (None: there is no such file)."""

    def __init__(self, folder: Path, changes: Mapping[str, str | None] | None = None, **options: Path) -> None:
        self.folder, self.options = folder, options
        for name, text in {**USUAL, **(changes or {})}.items():
            if text is not None:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(text.encode("utf-8"))
        self.before = self.files()

    @property
    def layout(self) -> Layout:
        return layout(self.folder, **self.options)

    def plan(self) -> Plan:
        return adding(self.layout)

    def add(self) -> Plan:
        plan = self.plan()
        write(plan.changes)
        return plan

    def remove(self) -> Plan:
        plan = removing(self.layout)
        write(plan.changes)
        return plan

    def advice(self) -> list[Advice]:
        return list(self.plan().advice)

    def told(self) -> str:
        return "\n".join(f"{one.what} -> {one.mend}" for one in self.advice())

    def files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()
        }

    def text(self, name: str) -> str:
        return (self.folder / name).read_bytes().decode("utf-8")

    def tree(self, name: str) -> Any:
        return parsed(self.text(name), self.folder / name)
