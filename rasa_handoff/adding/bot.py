"""A bot as it stands: what its files say, without what the plugin added to them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rasa_handoff.adding.layout import Layout
from rasa_handoff.adding.marks import BEGIN, END, torn, without
from rasa_handoff.adding.reading import Step, entries, names_returned, parsed, policy_names, read, steps_of
from rasa_handoff.core.errors import BadInput

DOMAIN_KEYS = ("intents", "entities", "slots", "forms", "actions", "responses")

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """A story or a rule, and the file it stands in."""

    name: str
    file: Path
    steps: tuple[Step, ...]


class Bot:
    """Reads each file once. Errors of all: BadInput, with the file and what is wrong."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._texts: dict[Path, str] = {}
        self._trees: dict[tuple[Path, bool], Json] = {}

    def text(self, path: Path) -> str:
        """A file to the byte; "" when there is none."""
        if path not in self._texts:
            self._texts[path] = read(path) if path.is_file() else ""
        return self._texts[path]

    def own(self, path: Path) -> str:
        """A file as it was without us."""
        text = self.text(path)
        if torn(text):
            raise BadInput(
                f"{path}: a line `{BEGIN} ...` or `{END}` has lost its other half. Put it back, or take out by hand"
            )
        return without(text)

    @cached_property
    def domain(self) -> dict[str, dict[str, Any]]:
        """What is in the domain by section and name, ours left out."""
        return self._domain(without_ours=True)

    @cached_property
    def present(self) -> dict[str, dict[str, Any]]:
        """What is in the domain by section and name, with ours."""
        return self._domain(without_ours=False)

    @cached_property
    def config(self) -> Json:
        return self._mapping(self.layout.config)

    @cached_property
    def present_policies(self) -> set[str]:
        """The names of the policies, with ours."""
        return set(policy_names(self._mapping(self.layout.config, without_ours=False).get("policies")))

    @cached_property
    def present_endpoints(self) -> Json:
        return self._mapping(self.layout.endpoints, without_ours=False)

    @cached_property
    def versions(self) -> dict[Path, str]:
        """The training data format that each file of the domain says it has, where it says so."""
        trees = {path: self._mapping(path) for path in self.layout.domain_files()}
        return {path: str(tree["version"]) for path, tree in trees.items() if "version" in tree}

    @cached_property
    def endpoints(self) -> Json:
        return self._mapping(self.layout.endpoints)

    @cached_property
    def credentials(self) -> Json:
        return self._mapping(self.layout.credentials)

    @cached_property
    def settings(self) -> Json:
        """handoff.yml, as it is."""
        return self._mapping(self.layout.settings, without_ours=False)

    @cached_property
    def stories(self) -> list[Story]:
        """The bot's own stories and rules."""
        return [story for path in self.layout.data_files() for story in self._stories(path)]

    @cached_property
    def action_classes(self) -> dict[str, Path]:
        """The names of the actions that the bot's code has, as far as they are written out, and where."""
        return {name: path for path in self.layout.action_files() for name in names_returned(self.own(path))}

    def _domain(self, *, without_ours: bool) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {key: {} for key in DOMAIN_KEYS}
        for path in self.layout.domain_files():
            tree = self._mapping(path, without_ours=without_ours)
            for key in DOMAIN_KEYS:
                found[key] |= entries(tree.get(key))
        return found

    def _stories(self, path: Path) -> Iterator[Story]:
        text = self.own(path)
        if "stories:" not in text and "rules:" not in text:
            return
        tree = self._mapping(path)
        for kind in ("stories", "rules"):
            for one in tree.get(kind) or ():
                if isinstance(one, Mapping):
                    name = str(one.get("story") or one.get("rule") or "")
                    yield Story(name, path, tuple(steps_of(one.get("steps") or ())))

    def _mapping(self, path: Path, *, without_ours: bool = True) -> Json:
        if (path, without_ours) not in self._trees:
            tree = parsed(self.own(path) if without_ours else self.text(path), path)
            self._trees[path, without_ours] = tree if isinstance(tree, Mapping) else {}
        return self._trees[path, without_ours]
