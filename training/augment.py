"""The corpus again as typed on a phone: slips, no accents, no capitals, short spellings, two in one, one many times."""

import random
import re
import unicodedata
from collections.abc import Iterator, Sequence

from training.corpus import Row

_NEAR = {"q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok",
         "o": "ipl", "p": "ol",
         "a": "qsz", "s": "awdx", "d": "sefc", "f": "drgv", "g": "fthb", "h": "gyjn", "j": "hukm", "k": "jil",
         "l": "kop",
         "z": "asx", "x": "zsdc", "c": "xdfv", "v": "cfgb", "b": "vghn", "n": "bhjm", "m": "njk"}  # fmt: skip
_SHORT = {
    "en": {"you": "u", "your": "ur", "please": "pls", "are": "r", "to": "2", "for": "4", "because": "cuz",
         "thanks": "thx",
           "someone": "sum1", "somebody": "sumbody", "people": "ppl", "about": "abt", "want": "wnt", "speak": "spk",
           "with": "wid", "this": "dis", "would": "wud", "could": "cud", "can": "cn", "talk": "tlk",
           "going to": "gonna",
           "want to": "wanna", "what": "wat", "human": "hooman", "have": "hav", "give": "giv", "my": "ma"},
    "de": {"nicht": "nich", "ich": "i", "bitte": "bidde", "eine": "ne", "einen": "nen", "mit": "mid", "ist": "is",
           "jemand": "jmd", "jemanden": "jmd", "und": "u", "vielleicht": "vllt", "habe": "hab"},
    "es": {"que": "q", "por": "x", "porque": "pq", "quiero": "kiero", "para": "pa", "favor": "fa", "también": "tmb",
           "con": "cn", "hablar": "ablar", "necesito": "nesesito"},
    "pt": {"você": "vc", "vocês": "vcs", "porque": "pq", "também": "tb", "não": "n", "quero": "qro", "por favor": "pfv",
           "que": "q", "hoje": "hj", "falar": "flr", "com": "c"},
    "fr": {"quelqu'un": "qqn", "pour": "pr", "avec": "avc", "vous": "vs", "je suis": "jsuis", "que": "q", "veux": "ve",
           "parler": "parlé", "s'il vous plaît": "svp", "beaucoup": "bcp", "quoi": "koi", "est": "é"},
    "it": {"perché": "xke", "non": "nn", "che": "ke", "per": "x", "con": "cn", "qualcuno": "qlcn", "comunque": "cmq",
           "voglio": "vojo", "parlare": "parlar"},
    "nl": {"even": "ff", "ik": "k", "het": "t", "een": "n", "met": "mt", "alsjeblieft": "aub", "iemand": "iemnd",
           "niet": "nie", "spreken": "spreke"},
    "pl": {"proszę": "pls", "z": "z", "jest": "je", "człowiekiem": "czlowiekem", "nie": "ne", "dzień dobry": "dzdobry"},
    "vi": {"không": "ko", "được": "dc", "với": "vs", "người": "ng", "gì": "j", "nhân viên": "nv", "tôi": "t",
           "muốn": "mún", "quá": "wa", "biết": "bít", "rồi": "r"},
    "hi-Latn": {"hai": "h", "nahi": "nhi", "baat": "bat", "mujhe": "muje", "karni": "krni", "karna": "krna",
         "kya": "kia"},
}  # fmt: skip


def augmented(rows: Sequence[Row], seed: int) -> Iterator[Row]:
    """Some variants of every row, the same for the same seed."""
    chance = random.Random(seed)
    by_language: dict[str, list[Row]] = {}
    for row in rows:
        by_language.setdefault(row.lang, []).append(row)
    for row in rows:
        for text in _variants(row, chance):
            if text != row.text:
                yield Row(text, row.lang, row.labels)
        if chance.random() < 0.05:
            yield Row(chance.choice([" ", ", ", "! "]).join([row.text] * chance.randrange(3, 9)), row.lang, row.labels)
        if chance.random() < 0.35:
            yield _joined(row, chance.choice(by_language[row.lang]), chance)


def _variants(row: Row, chance: random.Random) -> Iterator[str]:
    yield _slipped(row.text, chance)
    plain = _plain(row.text, chance)
    yield plain if chance.random() < 0.5 else _slipped(plain, chance)
    if chance.random() < 0.4:
        yield _short(plain, row.lang, chance)


def _joined(row: Row, other: Row, chance: random.Random) -> Row:
    pair = [row, other] if chance.random() < 0.5 else [other, row]
    between = chance.choice([". ", ", ", " ", "\n", "! "])
    text = between.join(one.text.rstrip(".") for one in pair)
    return Row(text, row.lang, row.labels | other.labels)


def _slipped(text: str, chance: random.Random) -> str:
    """One slip in every sentence-length of words, always in a word that matters (longer ones first)."""
    parts = text.split(" ")
    able = [at for at, part in enumerate(parts) if sum(map(str.isalpha, part)) > 3 and part[:1].lower() < "\u0370"]
    for _ in range(1 + len(parts) // 9):
        if able:
            at = chance.choice(able)
            parts[at] = _slip(parts[at], chance)
    return " ".join(parts)


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word)) if chance.random() < 0.9 else 0
    kind = chance.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1 and at + 1 < len(word):
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 2:
        return word[:at] + chance.choice(_NEAR.get(word[at].lower(), word[at])) + word[at + 1 :]
    return word[:at] + chance.choice(_NEAR.get(word[at].lower(), word[at])) + word[at:]


def _plain(text: str, chance: random.Random) -> str:
    """Without accents, without marks, in one case: some of it."""
    if chance.random() < 0.6:
        text = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", text)).replace("ł", "l").replace("đ", "d")
        text = unicodedata.normalize("NFC", text)
    if chance.random() < 0.6:
        text = re.sub(r"[^\w\s\u0900-\u097f\u064b-\u065f]", "", text)
    return text.upper() if chance.random() < 0.1 else text.lower()


def _short(text: str, lang: str, chance: random.Random) -> str:
    """The spelling of short messages."""
    for long, short in _SHORT.get(lang, {}).items():
        if chance.random() < 0.7:
            text = re.sub(rf"\b{re.escape(long)}\b", short, text)
    return text
