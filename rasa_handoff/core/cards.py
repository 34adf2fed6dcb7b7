"""Payment card numbers, found by their check digit (Luhn) and masked but for the last four digits.

One long number in ten has a right check digit by chance, order numbers too; so the first digit must be a card issuer's.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

_BETWEEN = "[ \u00a0\u200b.\u2013-]{0,2}"
_RUN = re.compile(rf"\d(?:{_BETWEEN}\d){{12,}}")
_GROUP = re.compile(r"\d+")
_SHORTEST, _LONGEST = 13, 19
_ISSUERS = frozenset(range(2, 7))  # the first digits of ISO/IEC 7812 that banks and merchants issue
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def without_cards(text: str) -> str:
    """The text with every card number (13 to 19 digits, also in groups) shown as •••• and its last four digits."""
    return _RUN.sub(_masked_run, text)


def is_card(digits: str) -> bool:
    """The digits have a card number's length, first digit and check digit."""
    return any(end - start == len(digits) for start, end in _cards([int(digit) for digit in digits], [0, len(digits)]))


def _masked_run(match: re.Match[str]) -> str:
    """A run may hold more than the card ("12 4111 1111 ..."): every sequence of whole groups that is one is hidden."""
    run = match.group()
    places = [at for at, character in enumerate(run) if character.isdigit()]
    bounds = [0, *accumulate(len(group) for group in _GROUP.findall(run))]
    shown, upto = "", 0
    for start, end in _merged(_cards([int(run[at]) for at in places], bounds)):
        first, after = places[start], places[end - 1] + 1
        shown += f"{run[upto:first]}•••• {''.join(run[at] for at in places[end - 4 : end])}"
        upto = after
    return shown + run[upto:]


def _cards(digits: Sequence[int], bounds: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where card numbers start and end among `digits`, at the groups' `bounds`; each window is checked in one step."""
    sums = [[0, *accumulate(d if at % 2 == odd else _DOUBLED[d] for at, d in enumerate(digits))] for odd in (0, 1)]
    for first, start in enumerate(bounds[:-1]):
        if digits[start] not in _ISSUERS:
            continue
        for end in bounds[first + 1 : first + 1 + _LONGEST]:
            total = sums[(end - 1) % 2]
            if _SHORTEST <= end - start <= _LONGEST and (total[end] - total[start]) % 10 == 0:
                yield start, end


def _merged(spans: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
