"""What in a bot may get in a handoff's way, each with what to do about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rasa_handoff.adding.bot import Bot
from rasa_handoff.adding.existing import Existing
from rasa_handoff.adding.facts import has_rules, own_fallback, spoken
from rasa_handoff.adding.fragment import FALLBACK, POLICY, domain
from rasa_handoff.adding.inserting import Addition
from rasa_handoff.core.errors import BadInput

PRIORITY = 7
"""HandoffPolicy's. Rasa's own are at most 6."""
HEARD = frozenset(["en", "de", "es", "pt", "fr", "it", "nl", "pl", "hi", "ar", "zh", "vi"])
"""What the classifier was taught: see docs/explanation/detector.md."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to know; `mend` is what to do about it, and where it is urgent it is a `warning`."""

    what: str
    mend: str = ""
    warning: bool = True


def advice(bot: Bot, found: Existing) -> Iterator[Advice]:
    """In the order in which it is worth reading. Errors: BadInput, when the plugin cannot be added to such a bot."""
    _refuse(bot)
    yield from _existing(bot, found)
    yield from _names(bot)
    yield from _policies(bot)
    yield from _endpoints(bot)
    yield from _forms(bot)
    yield from _actions(bot)
    yield from _words(bot)
    yield from _around(bot)


def _refuse(bot: Bot) -> None:
    recipe = bot.config.get("recipe", "default.v1")
    if recipe != "default.v1":
        raise BadInput(
            f"{bot.layout.config} uses the recipe {recipe}; `add` only knows default.v1. Put {POLICY} into your graph "
            "yourself, beside your other policies"
        )
    if any(name.endswith("FlowPolicy") for name in bot.present_policies):
        raise BadInput(
            f"{bot.layout.config} has a FlowPolicy: this is a bot for Rasa Pro (CALM); `add` is for Rasa 3.6"
        )
    for path, version in bot.versions.items():
        if not version.startswith("3"):
            raise BadInput(f"{path} is of format {version}. Bring the bot to Rasa 3 first: `rasa data migrate`")
    clashing = [name for section in domain() if section.key == "slots" for name in _theirs(bot, section)]
    if clashing:
        raise BadInput(f"The bot has its own slot {' and '.join(clashing)}, which the plugin needs: rename yours first")


def _existing(bot: Bot, found: Existing) -> Iterator[Advice]:
    if found.intents:
        yield Advice(
            f"The bot knows requests for a person already: {', '.join(found.intents)}. They start a handoff now "
            "(detector.request_intents in handoff.yml), before the rules and stories that answer them",
            "take out of the list whichever means something else",
            warning=False,
        )
    if found.doubtful:
        yield Advice(
            f"These may be requests for a person too: {', '.join(found.doubtful)}",
            "add whichever is one to detector.request_intents in handoff.yml",
            warning=False,
        )
    for name, stories in found.actions.items():
        files = ", ".join(sorted({bot.layout.named(story.file) for story in stories}))
        where = f"; it runs in {files}" if files else ""
        yield Advice(
            f"The bot has its own handover, {name}{where}. After a request for a person it no longer comes to that",
            f"elsewhere in rules and stories put action_handoff_initiate in its place, or have {name} end with "
            'FollowupAction("action_handoff_initiate")',
        )


def _names(bot: Bot) -> Iterator[Advice]:
    for section in domain():
        theirs = _theirs(bot, section)
        if theirs and section.key == "responses":
            what = f"The bot has its own {', '.join(theirs)}: they stay, and are what customers read"
            yield Advice(what, warning=False)
        elif theirs:
            what = f"The bot has its own {section.key} {', '.join(theirs)}, names that the plugin uses for other things"
            yield Advice(what, "rename yours, then run `rasa-handoff add` again")


def _theirs(bot: Bot, section: Addition) -> list[str]:
    """Our names for which the bot has something else: a bot may have ours from before, written by hand."""
    if section.key == "actions":
        return [one.name for one in section.pieces if one.name in bot.action_classes and one.name != FALLBACK]
    there = bot.domain[section.key]
    return [one.name for one in section.pieces if one.name in there and there[one.name] != one.value]


def _policies(bot: Bot) -> Iterator[Advice]:
    policies = bot.config.get("policies")
    if policies is None:
        what = "config.yml names no policies, so Rasa takes its own; they are written out now, and stay in effect"
        yield Advice(what, warning=False)
    for policy in policies or ():
        priority = policy.get("priority") if isinstance(policy, Mapping) else None
        if isinstance(priority, int) and priority >= PRIORITY and policy.get("name") != POLICY:
            what = f"{policy.get('name')} has priority {priority}: with {PRIORITY} or more it talks over a human"
            yield Advice(what, f"give it less than {PRIORITY}")
    if policies is not None and not has_rules(bot):
        yield Advice(
            "config.yml has no RulePolicy, which the plugin's rules and forms need: one is added, without its fallback",
            warning=False,
        )


def _endpoints(bot: Bot) -> Iterator[Advice]:
    server = bot.endpoints.get("action_endpoint")
    if isinstance(server, Mapping) and server.get("enable_selective_domain"):
        yield Advice(
            "endpoints.yml has enable_selective_domain: the server's rasa-sdk answers such calls with error 449, so no "
            "action would run",
            "take it out, or run the action server with rasa-sdk 3.6.2",
        )
    if bot.layout.credentials.is_file() and "rest" not in bot.credentials:
        yield Advice(
            "credentials.yml has no `rest:`, through which the desk's chat page speaks to the bot",
            "add it, if you want to try that page; your own channels do not need it",
            warning=False,
        )


def _forms(bot: Bot) -> Iterator[Advice]:
    forms = bot.domain["forms"].items()
    ignoring = [name for name, form in forms if isinstance(form, Mapping) and form.get("ignored_intents")]
    if ignoring:
        yield Advice(
            f"Rasa does not run the gate on the ignored_intents of {', '.join(ignoring)}: who asks for a person with "
            "one of them is not heard, and no human reads it",
            "use not_intent in the slots' mappings instead",
        )
    greedy = [name for name, slot in bot.domain["slots"].items() if _takes_any_text(slot)]
    if greedy:
        yield Advice(
            f"The slots {', '.join(greedy)} are filled with whatever text comes, also with the news that an agent has "
            "answered the bot's question, should it come while a form asks for them",
            "where the bot asks agents (action_handoff_ask), add not_intent: [EXTERNAL_handoff_answered, "
            "EXTERNAL_handoff_unanswered] to their from_text mappings",
            warning=False,
        )


def _takes_any_text(slot: Any) -> bool:
    mappings = (slot.get("mappings") or ()) if isinstance(slot, Mapping) else ()
    texts = [one for one in mappings if isinstance(one, Mapping) and one.get("type") == "from_text"]
    return any(not one.get("intent") and not one.get("not_intent") for one in texts)


def _actions(bot: Bot) -> Iterator[Advice]:
    if own_fallback(bot):
        yield Advice(
            "The bot has its own action_default_fallback: it stays. Messages that no policy was sure of do not count "
            "as misses then; those of a low NLU confidence do",
            'have it end with FollowupAction("action_handoff_initiate") where you give up',
            warning=False,
        )
    if "action_validate_slot_mappings" in bot.domain["actions"]:
        yield Advice(
            "The bot has action_validate_slot_mappings: Rasa runs it after the gate, on every turn",
            "write no validate_handoff or validate_handoff_status into it, and let it return nothing for other slots",
            warning=False,
        )


def _words(bot: Bot) -> Iterator[Advice]:
    language = spoken(bot)
    if language == "en":
        return
    yield Advice(
        f"The bot speaks {language}; the responses that are added are English",
        "translate the utter_handoff_* responses before customers read them: docs/how-to/change-the-words.md",
    )
    if language not in HEARD:
        yield Advice(
            f"The detector was taught {', '.join(sorted(HEARD))}: in {language} it does not hear requests for a "
            "person, topics or tone",
            "have an intent for a person, in detector.request_intents, and topics in your own words",
        )


def _around(bot: Bot) -> Iterator[Advice]:
    layout = bot.layout
    if layout.domain == layout.root / "domain.yml" and (layout.root / "domain").is_dir():
        yield Advice(
            "There is a domain.yml and a folder domain/; like Rasa we take the file", "--domain domain, if not"
        )
    if layout.domain.name != "domain.yml" or layout.data.name != "data":
        yield Advice(
            f"Train with it so: rasa train --domain {layout.named(layout.domain)} --data {layout.named(layout.data)}",
            warning=False,
        )
    if bot.config.get("importers"):
        yield Advice(
            "config.yml has importers of its own: they must read the domain and the data folder of this bot",
            warning=False,
        )
    if bot.config.get("assistant_id") in (None, "placeholder_default"):
        yield Advice(
            "config.yml has no assistant_id of its own; Rasa warns of that, and events of several bots look alike",
            "assistant_id: a-name-of-yours",
            warning=False,
        )
