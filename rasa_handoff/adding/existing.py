"""What a bot has already: intents with which a customer asks for a person, and actions that hand over."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rasa_handoff.adding.bot import Bot, Story
from rasa_handoff.adding.fragment import domain

# By the words in a name: somebody to talk to, and what one wants of them. In the languages that bots are named in.
_PEOPLE = """
human humans person people agent agents operator operators representative representatives rep staff someone advisor
adviser supervisor manager consultant employee colleague helpdesk
mensch menschen mitarbeiter mitarbeiterin berater beraterin kundenberater ansprechpartner kundenservice kundendienst
humano humana persona agente asesor asesora operador operadora representante empleado
humain humaine personne conseiller conseillere operateur operatrice
pessoa atendente atendimento umano umana operatore medewerker mens
orang manusia petugas insan temsilci czlowiek konsultant
"""
_UNMISTAKABLE = """
human operator representative livechat mensch mitarbeiter kundenberater humano humana humain humaine umano operador
operatore operateur atendente conseiller asesor medewerker
"""
_WISHES = """
talk speak chat connect contact call reach request transfer escalate escalation live real handoff handover hand
sprechen reden verbinden kontakt kontaktieren echt echter hablar contactar contacto quiero parler contacter
parlare parla contatto falar contato praten spreken bicara hubungi gorusme
"""
_TALKS = "talk speak connect sprechen reden verbinden hablar parler parlare falar praten"
_DESKS = "support service care team helpdesk kundenservice atencion assistenza atendimento"
_LONGINGS = "i ask need needs want wants get a please quiero moechte will with"
_OTHERWISE = "are is am check challenge bot robot not no deny denied decline cancel stop if who resources rights error"
_HANDOVERS = "handoff handover hand_off hand_over takeover escalate escalation livechat live_chat"
PEOPLE, UNMISTAKABLE, WISHES = (frozenset(words.split()) for words in (_PEOPLE, _UNMISTAKABLE, _WISHES))
TALKS, DESKS = frozenset(_TALKS.split()), frozenset(_DESKS.split())
LONGINGS, OTHERWISE = frozenset(_LONGINGS.split()), frozenset(_OTHERWISE.split())
HANDOVERS = tuple(_HANDOVERS.split())
SCRIPTS = ("人工", "客服", "真人", "оператор", "человек", "担当者", "상담원")


@dataclass(frozen=True, slots=True)
class Existing:
    """`intents` ask for a person; `doubtful` ones may; `actions` hand over, with the stories that run them."""

    intents: tuple[str, ...]
    doubtful: tuple[str, ...]
    actions: dict[str, tuple[Story, ...]]


def existing(bot: Bot) -> Existing:
    """What the bot has, ours left out."""
    names = [name for name in bot.domain["intents"] if name not in _ours("intents")]
    actions = {
        name: tuple(story for story in bot.stories if name in _actions(story))
        for name in bot.domain["actions"]
        if name not in _ours("actions") and not name.startswith("utter_") and hands_over(name.removeprefix("action_"))
    }
    saying = [name for name in bot.domain["responses"] if hands_over(name.removeprefix("utter_"))]
    leading = set(_leading_to(bot.stories, [*actions, *saying]))
    intents = [name for name in names if asks_for_a_person(name) or (name in leading and hands_over(name))]
    doubtful = [name for name in names if name not in intents and (hands_over(name) or name in leading)]
    return Existing(tuple(intents), tuple(doubtful), actions)


def asks_for_a_person(intent: str) -> bool:
    """By its name: `talk_to_human`, `Mitarbeiter`, `request-live-agent`; not `check_human`, nor `insurance_agent`."""
    if any(word in intent.lower() for word in SCRIPTS):
        return True
    words = set(_words(intent))
    if words & OTHERWISE:
        return False
    if words & TALKS and words & DESKS:
        return True
    if not words & PEOPLE:
        return False
    longed_for = words & UNMISTAKABLE and (len(words) <= 2 or words & LONGINGS)
    return bool(words & WISHES) or words <= PEOPLE or bool(longed_for)


def hands_over(name: str) -> bool:
    """By its name: a handoff, or somebody to talk to. Not a no to one."""
    words = _words(name)
    if set(words) & OTHERWISE:
        return False
    return asks_for_a_person(name) or any(word in "_".join(words) for word in HANDOVERS)


def _words(name: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return [word.lower() for word in re.split(r"[^A-Za-z\u00c0-\u024f]+", apart) if word]


def _actions(story: Story) -> set[str]:
    return {step.name for step in story.steps if step.kind == "action"}


def _leading_to(stories: Iterable[Story], actions: Iterable[str]) -> Iterator[str]:
    """The intents after which one of the actions runs in the same turn."""
    wanted = set(actions)
    for story in stories:
        intents: list[str] = []
        answered = False
        for step in story.steps:
            if step.kind == "intent":
                intents, answered = (intents if not answered else []) + [step.name], False
            else:
                answered = True
                if step.name in wanted:
                    yield from intents


def _ours(section: str) -> set[str]:
    return {piece.name for one in domain() if one.key == section for piece in one.pieces}
