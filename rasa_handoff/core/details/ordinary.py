"""Words that are no names: `data/ordinary.txt`, the common vocabulary of many languages, read at first use."""

from functools import cache
from importlib.resources import files

from rasa_handoff.core.text import listed

# What the vocabulary lacks or has as something else: places of a name that never hold one.
_BESIDE = frozenset(
    listed("""
        ssn, pin, cvv, otp, asap, idk, lol, thx, pls, plz, ok, okay, hai, hallo, bye, nope, yep, yeah, monday,
        tuesday, wednesday, thursday, friday, saturday, sunday, january, february, march, april, may, june, july,
        august, september, october, november, december, jan, feb, mar, apr, jun, jul, aug, sep, sept, oct, nov, dec,
        am, pm, english, german, spanish, french, italian, dutch, polish, portuguese, american, british, indian,
        chinese, pizza, soda, beer, salad, salads, seat, seats, boarding, flight, mins, hrs, usd, eur, gbp, via,
        gmail, hotmail, skype, outlook, paypal, visa, iban, pretty, quite, rather, fairly, extremely, totally, super,
        kinda, sort, kind, phone, email, mail, whatsapp, lunch, dinner, breakfast, brunch, tonight, noon, midnight,
        android, iphone, windows, none, nothing
    """)
)

# Given names that are words as well, somewhere: with a capital they are names.
_GIVEN = frozenset(
    listed("""
        anna, ana, anne, art, ben, bill, bob, carla, carol, clara, dan, dawn, dean, drew, eva, faith, frank, grace,
        grant, guy, hans, hope, ivy, jack, jan, jane, jean, john, jose, joy, julia, karl, kim, laura, lee, leo, lily,
        lisa, luis, maria, mario, mark, mary, max, miles, nick, olga, pat, paul, ray, rob, rose, ruby, sam, sara,
        sarah, sergio, sue, tim, tom, victor, will, xavier
    """)
)


def is_given_name(word: str) -> bool:
    """The word is written as a name and is one that people are given, whatever else it may mean."""
    return word[:1].isupper() and word.casefold() in _GIVEN


def is_ordinary(word: str) -> bool:
    """The word, in whatever case, belongs to the common vocabulary."""
    folded = word.casefold().replace("’", "'")
    return folded in _BESIDE or folded in _vocabulary()


@cache
def _vocabulary() -> frozenset[str]:
    source = files("rasa_handoff").joinpath("data/ordinary.txt").read_text(encoding="utf-8")
    return frozenset(source.split())
