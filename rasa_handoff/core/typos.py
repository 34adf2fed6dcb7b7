"""Key words with one slip of the finger: a table made once, so that reading a word is one look-up."""

from collections.abc import Iterable
from string import ascii_lowercase

_KEYS = (
    "human", "agent", "agents", "person", "people", "operator", "representative", "someone", "somebody", "manager",
    "supervisor", "assistant", "advisor", "adviser", "speak", "speaking", "talking", "chatting", "contact",
    "contacting", "transfer", "connect", "assistance", "customer", "service",
)  # fmt: skip
_OWN_WORDS = frozenset({
    "manage", "managed", "manages", "persona", "parson", "persons", "humane", "humans", "steak", "sneak", "peak",
    "speaks", "spear", "contract", "contacts", "contracting", "connects", "transfers", "assistants", "advisors",
    "customers", "services", "operators", "managers", "taking", "tasking", "stalking", "walking", "balking", "chatting",
    "agents", "agent", "peopled", "peoples", "customs", "serviced", "operate", "chanting", "charting", "calking",
    "supervisors", "advisory", "assistances", "representatives", "urgent",
})  # fmt: skip
_SHORT = {"tlak": "talk", "talkk": "talk", "takl": "talk", "tallk": "talk", "somone": "someone", "smeone": "someone",
          "repersentative": "representative", "represenative": "representative", "hooman": "human", "ppl": "people",
          "opperator": "operator", "wth": "with", "wiht": "with", "wirh": "with", "witj": "with", "wih": "with",
          "u": "you", "ur": "your", "r": "are", "pls": "please", "plz": "please", "plese": "please"}  # fmt: skip


def _one_slip(word: str) -> Iterable[str]:
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    for left, right in splits:
        if right:
            yield left + right[1:]
            yield from (left + letter + right[1:] for letter in ascii_lowercase)
        if len(right) > 1:
            yield left + right[1] + right[0] + right[2:]
        yield from (left + letter + right for letter in ascii_lowercase)


_MEANT = {
    slip: key for key in _KEYS for slip in _one_slip(key) if slip not in _OWN_WORDS and slip not in _KEYS
} | _SHORT


def meant(words: Iterable[str]) -> list[str]:
    """The words with slips in key words put right ("opertor" is "operator"; "contract" stays what it is)."""
    return [_MEANT.get(word, word) for word in words]
