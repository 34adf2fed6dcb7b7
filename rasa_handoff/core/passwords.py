"""Passwords, PINs, card security and one-time codes in a message, masked: named by a word, or asked for by the bot."""

import re

from rasa_handoff.core.text import listed

HIDDEN = "••••"
_HINTS = (
    "pass", "pwd", "kennwort", "contraseñ", "clave", "senha", "wachtwoord", "hasło", "pin", "cvv", "cvc", "code",
    "código", "otp", "tan", "prüf", "cryptogramme", "parol",
)  # fmt: skip
_WORD = (
    r"(?:pass ?words?|passwor[dt]|passcode|passphrase|pwd|kennwort|contraseña|clave|mot de passe|senha|wachtwoord|"
    r"hasło)"
)
_CODE = (
    r"(?:pin(?:[ -]?(?:code|number|nummer|nr))?|cv[vc]2?|security code|sicherheitscode|prüf(?:nummer|ziffer)|"
    r"código de seguridad|code de sécurité|código de segurança|cryptogramme|otp|one[- ]time (?:pass)?code|"
    r"verification code|bestätigungscode|einmalcode|m?tan)"
)
_IS = r"(?:is|was|ist|war|lautet|es|est|é|è|jest)"
_GAP = "[ \t]{0,3}"
_NAMED_CODE = re.compile(
    rf"(\b{_CODE}\b{_GAP}(?:(?:number|no|nr)\b\.?{_GAP})?(?:{_IS}\b{_GAP})?[\"']?[:=#,-]?{_GAP}[\"']?)"
    r"\d(?:[ -]?\d){2,7}(?![\w•]|[.,]\d)",
    re.IGNORECASE,
)
_CODE_FIRST = re.compile(
    rf"(?<!\w)\d{{3,8}}(?=[ \t]{_GAP}{_IS}[ \t]{_GAP}(?:my|the|meine?|mi|mon|ma|la)[ \t]{_GAP}(?:{_CODE}|{_WORD})\b)",
    re.IGNORECASE,
)
_NAMED_WORD = re.compile(
    rf"(\b{_WORD}\b{_GAP}(?:{_IS}\b(?P<mark>{_GAP}[:=])?|[\"']?[:=]){_GAP}[\"'“”«]?)"
    r"([^\s\"'“”«»•][^\s\"”»]{2,63})",
    re.IGNORECASE,
)
_WORD_AND_DIGITS = re.compile(
    rf"(\b{_WORD}[ \t]{{1,3}})(?:(?=[^\s\d]{{0,40}}\d)\S{{4,64}}|[a-z]{{1,12}} \d{{2,8}}\b)", re.IGNORECASE
)
_AFTER_CARD = re.compile(
    rf"({HIDDEN} \d{{4}}[ ,;]{{1,3}}(?:exp\w*\.?[ :]{{0,2}})?\d\d ?/ ?\d\d(?:\d\d)?[ ,;]{{1,3}})\d{{3,4}}\b", re.I
)
# "my password is wrong" tells no password.
_NO_SECRET = frozenset(
    listed("""
        not, wrong, incorrect, expired, invalid, lost, forgotten, the, my, your, ok, okay, correct, right, fine, no,
        too, being, required, locked, reset, changed, changing, asked, asking, rejected, refused, needed, missing,
        weak, secure, strong, safe, old, new, never, always, still, working, broken, unknown, blocked, compromised,
        stolen, hacked, leaked, unable, it, what, why, how, falsch, weg, abgelaufen, ungültig, nicht, vergessen,
        gesperrt, incorrecta, incorrecto, inválida, olvidada, incorrect, expiré, oublié, faux, sbagliata, scaduta,
        errada
    """)
)
_ASKS = re.compile(
    r"[?¿？]|\b(?:please|enter|type|provide|give|tell|share|confirm|need|bitte|por favor|s['’]il|proszę)\b", re.I
)
_ASKED_WORD = re.compile(rf"\b{_WORD}\b", re.IGNORECASE)
_ASKED_CODE = re.compile(rf"\b{_CODE}\b", re.IGNORECASE)
_DIGITS = re.compile(r"(?<![\w.,/•-])\d(?:[ -]?\d){2,5}(?![\w/]|[.,-]\d)")
_ALL_DIGITS = re.compile(r"[ .]*(?:[^\W\d]+[ ,:]+){0,3}(\d(?:[ -]?\d){2,7})[ .!]*")
_MIXED = re.compile(r"(?<!\S)(?=\S*\d)(?=\S*[^\W\d_])\S{4,64}|(?<!\S)(?=\S*[!@#$%^&*+=])\S{4,64}")
_ALONE = re.compile(r"(\s*(?:(?:it['’]?s|it is|sure|ok|okay|yes|here|my|is|the|password)[ ,:]+){0,5})(\S{3,64})\s*")
_REPLIES = frozenset(
    listed("""
        yes, no, yep, nope, yeah, sure, okay, why, help, what, stop, cancel, skip, forgot, forgotten, later, never,
        agent, human, sorry, idk, hello, thanks, none, unknown, ja, nein, hilfe, warum, sí, porque, ayuda, oui, non,
        aide
    """)
)


def without_passwords(text: str, question: str = "") -> str:
    """The text with what is secret in it shown as ••••; `question` is what was said before, which may ask for one.

    In doubt about an answer to such a question, it is hidden.
    """
    if question and _may_name(question) and _ASKS.search(question):
        text = _without_answer(text, question)
    return _without_named(text) if _may_name(text) else text


def is_secret(name: str) -> bool:
    """A slot or an entity of this name holds a secret."""
    words = name.replace("_", " ").replace("-", " ")
    return bool(_ASKED_WORD.search(words) or _ASKED_CODE.search(words))


def _may_name(text: str) -> bool:
    folded = text.casefold()
    for hint in _HINTS:  # a plain loop: this runs on every line there is
        if hint in folded:
            return True
    return HIDDEN in text


def _without_answer(text: str, question: str) -> str:
    if _ASKED_WORD.search(question):
        text = _MIXED.sub(HIDDEN, _hidden_alone(text))
    return _without_code(text) if _ASKED_CODE.search(question) else text


def _without_named(text: str) -> str:
    text = _NAMED_CODE.sub(rf"\1{HIDDEN}", text)
    text = _CODE_FIRST.sub(HIDDEN, text)
    text = _NAMED_WORD.sub(_hidden_word, text)
    return _AFTER_CARD.sub(rf"\1{HIDDEN}", _WORD_AND_DIGITS.sub(rf"\1{HIDDEN}", text))


def _hidden_word(match: re.Match[str]) -> str:
    plain = match.group(3).strip(".,!?;:'").casefold()
    told = match["mark"] or match.group(1).rstrip(" \t\"'“”«").endswith((":", "="))
    if not told and plain in _NO_SECRET:
        return match.group()
    return f"{match.group(1)}{HIDDEN}"


def _hidden_alone(text: str) -> str:
    match = _ALONE.fullmatch(text)
    if match is None or match.group(2).strip(".,!?").casefold() in _REPLIES or match.group(2).startswith("/"):
        return text
    return f"{match.group(1)}{HIDDEN}"


def _without_code(text: str) -> str:
    alone = _ALL_DIGITS.fullmatch(text)
    if alone:
        return f"{text[: alone.start(1)]}{HIDDEN}{text[alone.end(1) :]}"
    return _DIGITS.sub(HIDDEN, text)
