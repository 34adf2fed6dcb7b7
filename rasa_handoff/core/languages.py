"""Which language a text is in, roughly: by its script, and among Latin ones by the words that every sentence needs."""

import re
from collections.abc import Collection

from rasa_handoff.core.text import listed

_SCRIPTS = {
    "zh": "\u3400-\u4dbf\u4e00-\u9fff",
    "ja": "\u3040-\u30ff",
    "ko": "\uac00-\ud7af",
    "ar": "\u0600-\u06ff",
    "hi": "\u0900-\u097f",
    "ru": "\u0400-\u04ff",
    "el": "\u0370-\u03ff",
    "he": "\u0590-\u05ff",
    "th": "\u0e00-\u0e7f",
}
_IN_SCRIPT = {language: re.compile(f"[{letters}]") for language, letters in _SCRIPTS.items()}
_LATIN = re.compile("[A-Za-zÀ-ɏ\u1e00-\u1eff]")

STOPS = {
    "en": listed("""
        the, a, an, and, or, of, to, in, on, for, with, is, are, was, were, be, been, has, have, had, it, its, this,
        that, they, their, them, he, she, his, her, i, my, me, you, your, we, our, not, no, do, does, did, but, by,
        from, at,
        as, can, could, would, will, still, about, after, because, what, which, who, when, where, how, there, yet"""),
    "de": listed("""
        der, die, das, ein, eine, einen, einem, und, oder, von, zu, in, im, auf, für, mit, ist, sind, war, wurde, hat,
        haben, es, sie, er, ich, mein, meine, mir, nicht, kein, keine, aber, bei, aus, an, als, kann, wird, noch, dass,
        den, dem, des, zum, zur, wie, was, wo, wann, ihre, seine, sich, auch, nach, über, bitte, doch"""),
    "fr": listed("""
        le, la, les, un, une, des, et, ou, de, du, à, au, en, pour, avec, est, sont, était, a, ont, il, elle, je,
        mon, ma,
        mes, me, ne, pas, mais, par, sur, que, qui, ce, cette, son, sa, ses, dans, se, sans, plus, encore, été,
        vous"""),
    "es": listed("""
        el, la, los, las, un, una, y, o, de, del, a, al, en, para, con, es, son, fue, ha, han, no, pero, por, que, se,
        su, sus, mi, mis, me, lo, le, este, esta, como, ya, aún, todavía, más, yo, muy, está, hay"""),
    "it": listed("""
        il, lo, la, i, gli, le, un, una, e, o, di, del, della, a, al, in, per, con, è, sono, era, ha, hanno, non, ma,
        da,
        che, si, suo, sua, mio, mia, mi, questo, questa, come, ancora, più, anche, ho, nel"""),
    "pt": listed("""
        o, a, os, as, um, uma, e, ou, de, do, da, em, no, na, para, com, é, são, foi, tem, não, mas, por, que, se, seu,
        sua, meu, minha, me, este, esta, como, ainda, mais, eu, já, ao, está"""),
    "nl": listed("""
        de, het, een, en, of, van, te, in, op, voor, met, is, zijn, was, heeft, hebben, niet, geen, maar, bij, uit, aan,
        als, dat, die, dit, ik, mijn, mij, zij, hij, hun, haar, nog, ook, er, wordt, om, naar, je, u"""),
    "pl": listed("""
        i, lub, w, z, na, do, od, dla, jest, są, był, była, ma, nie, ale, przez, że, się, jego, jej, ich, mój, moja, mi,
        mnie, to, ten, ta, jak, jeszcze, już, po, o, za, czy, co"""),
    "vi": listed("""
        và, của, là, có, không, cho, với, trong, được, này, đó, một, các, những, tôi, mình, bạn, họ, đã, đang, sẽ, chưa,
        nhưng, vì, về, để, khi, thì"""),
}
_WORDS = {language: frozenset(stops) for language, stops in STOPS.items()}
ALL_STOPS = frozenset(word for stops in STOPS.values() for word in stops)
_CLEARLY = 2  # words by which a Latin language must show


def language_of(text: str, words: Collection[str]) -> str | None:
    """An ISO 639-1 code, or None when it does not show. `words` are the text's, lower case."""
    counts = {language: len(pattern.findall(text)) for language, pattern in _IN_SCRIPT.items()}
    script = max(counts, key=lambda language: counts[language])
    if counts[script] > len(_LATIN.findall(text)) / 2:
        return "ja" if counts["ja"] else script
    shown = {language: sum(word in stops for word in words) for language, stops in _WORDS.items()}
    best, second = sorted(shown.values())[:-3:-1]
    if best < _CLEARLY or best == second:
        return None
    return max(shown, key=lambda language: shown[language])
