"""What `add` and `--remove` would change, file by file, without changing anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa_handoff.adding import fragment
from rasa_handoff.adding.bot import Bot
from rasa_handoff.adding.clashes import Advice, advice
from rasa_handoff.adding.existing import Existing, existing
from rasa_handoff.adding.facts import first_settings, has_rules, own_fallback
from rasa_handoff.adding.inserting import Addition, inserted, whole_file
from rasa_handoff.adding.layout import Layout
from rasa_handoff.adding.marks import blocks, marked, torn


@dataclass(frozen=True, slots=True)
class Change:
    """A file before and after, to the byte; None: there is no such file."""

    path: Path
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The files that change, and what to know about it."""

    changes: tuple[Change, ...]
    advice: tuple[Advice, ...]


def adding(layout: Layout) -> Plan:
    """Everything a handoff needs and the bot lacks. Errors: BadInput."""
    bot = Bot(layout)
    found = existing(bot)
    made = _Adding(bot, found)
    told = (*advice(bot, found), *made.told)
    changes = (Change(path, bot.text(path) if path.exists() else None, text) for path, text in made.files.items())
    return Plan(tuple(one for one in changes if one.before != one.after), told)


def removing(layout: Layout) -> Plan:
    """Every line of ours taken out. Settings that somebody has changed stay, since nothing reads them then. Errors:
    BadInput.
    """
    bot = Bot(layout)
    changes, told = [], []
    for path in layout.all_files():
        text = bot.text(path)
        found = blocks(text)
        if not found and not torn(text):
            continue
        name = layout.named(path)
        changed = any(block.changed for block in found)
        if changed and path == layout.settings:
            told.append(Advice(f"{name} was changed since it was added: it stays", "delete it, if you need it no more"))
            continue
        if changed:
            told.append(Advice(f"{name}: lines of ours were changed since; they go with the rest"))
        rest = bot.own(path)
        whole = any(block.file for block in found)
        if whole and rest.strip():
            told.append(
                Advice(
                    f"{name} was ours, and there is something of yours in it: that stays", "see whether it stands alone"
                )
            )
        gone = not rest and whole
        changes.append(Change(path, text, None if gone else rest))
    if not changes and "handoff_status" in bot.present["slots"]:
        what = "The plugin is in this bot without the comments by which `--remove` knows its lines"
        told.append(Advice(what, "take out by hand what begins with handoff, EXTERNAL_handoff and utter_handoff"))
    return Plan(tuple(changes), tuple(told))


class _Adding:
    """The files as they should be, and what to know about them."""

    def __init__(self, bot: Bot, found: Existing) -> None:
        self.bot = bot
        self.layout = bot.layout
        self.files: dict[Path, str] = {}
        self.told: list[Advice] = []
        self._domain()
        self._data()
        self._insert(self.layout.config, self._policies())
        self._endpoints()
        self._actions()
        self._settings(found)

    def _domain(self) -> None:
        domain = self.layout.domain
        if domain.is_file():
            self._insert(domain, *(self._lacking(one, self.bot.present) for one in fragment.domain()))
            return
        lacking = [self._lacking(one, self.bot.domain) for one in fragment.domain()]
        if any(one.pieces for one in lacking):
            self._own(_free(self.bot, domain / "handoff.yml", domain / "rasa_handoff.yml"), _domain_lines(lacking))

    def _lacking(self, section: Addition, names: Mapping[str, Mapping[str, Any]]) -> Addition:
        """What of the section is not among the names. A fallback of the bot's own need not stand in its domain."""
        present = set(names[section.key]) | ({fragment.FALLBACK} if own_fallback(self.bot) else set())
        return Addition(section.key, section.is_list, tuple(one for one in section.pieces if one.name not in present))

    def _data(self) -> None:
        data = self.layout.data
        theirs = [name for name in fragment.DATA if not _is_ours(self.bot, data / "handoff" / name)]
        folder = data / ("rasa_handoff" if theirs else "handoff")
        for name in fragment.DATA:
            if self.bot.text(data / "handoff" / name) == fragment.text_of(name):
                continue  # somebody put it there by hand
            self._own(folder / name, fragment.data_file(name, without=set(self.bot.domain["intents"])))

    def _policies(self) -> Addition:
        if fragment.POLICY in self.bot.present_policies:
            return Addition("policies", True, ())
        defaults = self.bot.config.get("policies") is None
        return fragment.policies(defaults=defaults, rules=not defaults and not has_rules(self.bot))

    def _endpoints(self) -> None:
        path = self.layout.endpoints
        if not path.exists() or any(block.file for block in blocks(self.bot.text(path))):
            self._own(path, fragment.text_of("endpoints.yml").splitlines())
        elif not self.bot.present_endpoints.get("action_endpoint"):
            self._insert(path, fragment.section("endpoints.yml", "action_endpoint"))

    def _actions(self) -> None:
        """A module of our own in their package; in a bot with a single module, lines at its end."""
        path, bot = self.layout.actions, self.bot
        if any("rasa_handoff.actions" in bot.text(file) for file in self.layout.action_files()):
            return
        lines = fragment.actions_file(fallback=not own_fallback(bot))
        if path.suffix == ".py":
            self.files[path] = _appended(bot.text(path), lines)
            return
        if not path.exists():
            self._own(path / "__init__.py", ['"""What the action server loads."""'])
        self._own(_free(bot, path / "handoff.py", path / "handoff_plugin.py"), lines)

    def _settings(self, found: Existing) -> None:
        path = self.layout.settings
        if not path.exists():
            self.files[path] = whole_file(first_settings(self.bot, found))
            return
        detector = self.bot.settings.get("detector") or {}
        unheard = [name for name in found.intents if name not in (detector.get("request_intents") or ())]
        if unheard:
            what = f"handoff.yml is there already and stays. Its detector.request_intents lacks {', '.join(unheard)}"
            self.told.append(Advice(what, "add those with which a customer asks for a person", warning=False))

    def _insert(self, path: Path, *additions: Addition) -> None:
        self.files[path] = inserted(self.bot.text(path), additions, str(path))

    def _own(self, path: Path, lines: Sequence[str]) -> None:
        """A file of ours. What somebody has changed between our marks stays, and so does what stands beside them."""
        text, wanted = self.bot.text(path), whole_file(lines)
        ours = next((block for block in blocks(text) if block.file), None)
        if ours is None:
            self.files[path] = wanted
        elif ours.changed:
            what = f"{self.layout.named(path)} was changed since it was added: it stays as it is"
            self.told.append(Advice(what, "to get ours, delete it and add again"))
        elif wanted.splitlines()[0] not in text:  # an older version's
            self.files[path] = text[: ours.start] + wanted + text[ours.end :]


def _domain_lines(sections: Sequence[Addition]) -> list[str]:
    lines = ["# The handoff plugin's part of the domain.", 'version: "3.1"']
    for section in (one for one in sections if one.pieces):
        indent = "" if section.is_list else "  "
        lines += ["", f"{section.key}:", *(indent + line for line in section.lines())]
    return lines


def _appended(text: str, lines: Sequence[str]) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    written = newline.join(marked(lines))
    return text + written + newline if not text or text.endswith("\n") else text + newline + written


def _free(bot: Bot, *paths: Path) -> Path:
    """The first path that is not somebody else's."""
    return next((path for path in paths if _is_ours(bot, path)), paths[-1])


def _is_ours(bot: Bot, path: Path) -> bool:
    """Or nobody's yet."""
    return not path.exists() or any(block.file for block in blocks(bot.text(path)))
