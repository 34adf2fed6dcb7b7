"""Payment card numbers, found by their check digit (Luhn) and masked but for the last four digits."""

import re

_BETWEEN = "[ \u00a0\u200b.\u2013-]{0,2}"
_RUN = re.compile(rf"\d(?:{_BETWEEN}\d){{12,}}")
_GROUP = re.compile(r"\d+")
_SHORTEST, _LONGEST = 13, 19


def masked(text: str) -> str:
    """The text with every card number (13 to 19 digits, also in groups) shown as •••• and its last four digits."""
    return _RUN.sub(_masked_run, text)


def _masked_run(match: re.Match[str]) -> str:
    """A run may hold more than the card ("12 4111 1111 ..."): every sequence of whole groups is tried."""
    run, shown, upto = match.group(), "", 0
    groups = [(group.start(), group.end()) for group in _GROUP.finditer(run)]
    for first, (start, _) in enumerate(groups):
        end = _card_end(run, groups[first : first + _LONGEST]) if start >= upto else None
        if end is not None:
            shown += f"{run[upto:start]}•••• {run[:end][-4:]}"
            upto = end
    return shown + run[upto:]


def _card_end(run: str, groups: list[tuple[int, int]]) -> int | None:
    """Where the longest card number that starts with the first group ends."""
    digits, longest = "", None
    for start, end in groups:
        digits += run[start:end]
        if len(digits) > _LONGEST:
            break
        longest = end if is_card(digits) else longest
    return longest


def is_card(digits: str) -> bool:
    """The digits have a card number's length and check digit."""
    if not _SHORTEST <= len(digits) <= _LONGEST:
        return False
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0
