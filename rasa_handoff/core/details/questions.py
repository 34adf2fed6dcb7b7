"""What the bot's question asked for, and what a bare answer to it tells."""

import re
from collections.abc import Iterator
from functools import lru_cache

from rasa_handoff.core.details.identifiers import unnamed
from rasa_handoff.core.details.kinds import BETWEEN, NOUNS, SURE, labels
from rasa_handoff.core.details.names import answered_name, is_mine
from rasa_handoff.core.details.ordinary import is_ordinary

_ASKS = re.compile(
    r"[?¿？]|\b(?:please|provide|enter|type|give|tell|share|send|need|confirm|verify|let me know|may i|can i|could i|"
    r"bitte|nennen|geben|brauche|benötige|por favor|indique|necesito|dígame|s['’]il vous|veuillez|indiquez|merci de|"
    r"preciso|informe|per favore|indichi|alstublieft|graag|proszę|podaj)\b",
    re.IGNORECASE,
)
_CONTACTS = {
    "email": re.compile(r"\b(?:e-?mail\w*|mailadresse|correo|courriel|adres e-mail)\b", re.IGNORECASE),
    "phone": re.compile(
        r"\b(?:phone|mobile|cell|telephone|(?:contact|call ?back) (?:number|no)|telefon\w*|handy\w*|rufnummer|teléfono|"
        r"móvil|celular|téléphone|telefone|telemóvel|cellulare|telefoon\w*)\b",
        re.IGNORECASE,
    ),
    "product": re.compile(
        r"\b(?:which|what) (?:product|item|model|article)|\b(?:product|item|model) name|"
        r"(?:name|model) of the (?:product|item)|\bwelche[sr]? (?:produkt|artikel|modell)|"
        r"\bqué (?:producto|artículo|modelo)|\bquel(?:le)? (?:produit|article|modèle)|"
        r"\bqual (?:produto|artigo|modelo)|\bquale (?:prodotto|articolo|modello)",
        re.IGNORECASE,
    ),
}
_NAME = re.compile(
    r"(?:\b(?P<whose>[\w'’]+)[ \t]+)?\bname\b(?![ \t]+of|\w)|\bwie hei(?:ß|ss)(?:en sie|t du)|"
    r"\bcómo (?:se llama|te llamas)|\b(?:su|tu) nombre|\b(?:votre|ton) nom\b|"
    r"\bcomment vous appelez|\b(?:seu|teu) nome|\bcomo (?:você )?se chama|"
    r"\b(?:suo|tuo) nome|\bcome si chiama|\b(?:uw|je) naam|\bhoe heet|\b(?:imię|nazwisko)|\bnazywa",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_ANSWER = 240  # characters of an answer that are read
_LETTERS = re.compile(r"(?:(?:it['’]?s|it is|yes|sure|is)[ ,:]+){0,2}([A-Za-z]{6})[ .!]*")


def asked(question: str) -> tuple[str, ...]:
    """The kinds of details a question asks for, in its order; none when it does not ask."""
    return _asked(_DIGITS.sub("0", question))


@lru_cache(maxsize=1024)
def _asked(question: str) -> tuple[str, ...]:
    """A bot asks the same again and again, but for the numbers in it."""
    if not _ASKS.search(question):
        return ()
    found = [(match.start(), kind) for kind, pattern in _CONTACTS.items() if (match := pattern.search(question))]
    found += [(match.start(), "name") for match in _NAME.finditer(question) if is_mine(match["whose"])]
    for label in labels(question):
        between = BETWEEN.match(question, label.end)
        assert between is not None
        rest = question[between.end() :].lstrip()
        if label.sure or SURE.search(between.group()) or rest.startswith("?"):
            found.append((label.start, label.kind))
    return tuple(dict.fromkeys(kind for _, kind in sorted(found)))


def answers(message: str, wanted: tuple[str, ...], taken: set[str]) -> Iterator[tuple[str, str]]:
    """What the message tells of what was asked for, beyond what it names itself (`taken`)."""
    ids = [kind for kind in wanted if kind in NOUNS]
    unsaid = unnamed(message[:_ANSWER]) if ids else ()
    free = [value for value in unsaid if not any(value in one or one in value for one in taken)]
    long = len(message) > 40
    yield from zip(ids, (value for value in free if not long or len(value) > 3), strict=False)
    bare = _LETTERS.fullmatch(message.strip()) if "booking_ref" in ids and not free else None
    if bare and (bare.group(1).isupper() or not is_ordinary(bare.group(1))):
        yield "booking_ref", bare.group(1)
    if "name" in wanted and (name := answered_name(message[:_ANSWER])):
        yield "name", name
    if "product" in wanted and len(message.split()) <= 6 and not all(map(is_ordinary, re.findall(r"\w+", message))):
        yield "product", message.strip(" .!")
