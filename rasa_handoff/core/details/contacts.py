"""E-mail addresses, phone numbers, amounts, dates and products, by the way they are written."""

import re
from collections.abc import Iterator

from rasa_handoff.core.details.message import Message
from rasa_handoff.core.text import listed

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}[^\W\d_]{2,24}(?![\w-])")
_PHONE = re.compile(r"(?<![\w#@./$€£-])(?:\+|\(\+?)?\d(?:[ ().-]{0,2}\d){6,16}(?![\w@]|-\w)")
_SAYS_PHONE = re.compile(
    r"\b(?:phone|ph|mobile|cell|call(?: me)?|text me|reach me|tel|telephone|whatsapp|number is|contact(?: no| number)?|"
    r"telefon\w*|handy\w*|rufnummer|teléfono|móvil|celular|téléphone|portable|telefone|telemóvel|cellulare|telefoon\w*)\b",
    re.IGNORECASE,
)
_FEWEST = 7  # digits of a phone number
_CODE = re.compile(r"(?:^|\s)(?!no|is|ph|it|or|at|on|my|me)[a-z]{2,3}[ \t]?$", re.IGNORECASE)
_DATE_LIKE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_SYMBOLS = r"[$€£¥₹]|US\$|(?:USD|EUR|GBP|CHF|INR|PLN)[ \t]?"
_UNITS = (
    r"(?:€|\$|£|¥|₹|(?:dollars?|euros?|eur|usd|gbp|pounds?|bucks|zł|zloty(?:ch)?|pln|rupees?|inr|chf|francs?|franken|"
    r"pesos|reais|kr)\b)"
)
_SIGN = re.compile(r"[$€£¥₹]|\d(?:usd|eur|gbp|chf|inr|pln|zł|euros?|dollars?|pounds?|kr)", re.IGNORECASE)
_CURRENCIES = frozenset(
    listed("""
        dollar, dollars, euro, euros, eur, usd, gbp, pound, pounds, bucks, zł, zloty, zlotych, pln, rupee, rupees,
        inr, chf, franc, francs, franken, pesos, reais, kr
    """)
)
_SUM = r"\d{1,3}(?:[ .,’']\d{3}){0,4}(?:[.,]\d{1,2})?|\d{1,9}(?:[.,]\d{1,2})?"
_AMOUNT = re.compile(
    rf"(?<![\w.,])(?:(?:{_SYMBOLS})[ \t]?(?:{_SUM})(?![\w]|[.,]\d)|(?:{_SUM})[ \t]?{_UNITS})", re.IGNORECASE
)
_MONTHS = (
    r"(?:jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|mar(?:ch|zo|s)?|märz|mär|apr(?:il|ile)?|abril|avril|may|mai|mayo|maio|"
    r"maggio|mei|june?|juni|junio|junho|juin|july?|juli|julio|julho|juillet|aug(?:ust)?|agosto|août|sept?(?:ember|embre)?|"
    r"septiembre|setembro|settembre|okt(?:ober)?|oct(?:ober|obre|ubre)?|outubro|ottobre|nov(?:ember|embre|iembre|embro)?|"
    r"dec(?:ember)?|dez(?:ember|embro)?|diciembre|décembre|dicembre|enero|febrero|gennaio|febbraio|janeiro|fevereiro|"
    r"février|luglio|giugno)"
)
_DATE = re.compile(
    rf"(?<![\w/.-])(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2}}(?:\d\d)?|"
    rf"\d{{1,2}}(?:st|nd|rd|th|\.|er|º)?[ \t](?:of[ \t]|de[ \t])?{_MONTHS}\b\.?(?:(?:[ \t]de|,)?[ \t]\d{{4}})?|"
    rf"{_MONTHS}\.?[ \t]\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?[ \t]\d{{4}})?)(?![\w/-]|\.\d)",
    re.IGNORECASE,
)
_IN_NUMBERS = re.compile(r"\d[./-]\d")
_MONTH = re.compile(rf"{_MONTHS}$")
_PRODUCTS = frozenset(
    listed("""
        product, item, model, sku, article, artikel, modell, modelo, producto, artículo, produit, produto, prodotto,
        modello, artikelnummer, modellnummer
    """)
)
_PRODUCT = re.compile(
    r"\b(?:product|item|model|sku|article|artikel|modell|modelo|producto|artículo|produit|produto|prodotto|modello)"
    r"[ \t-]?(?:name|number|nummer|no\.?|code|id|nr\.?)?[ \t]?(?:is|ist|es|est|è|é|:|#)[ \t]?"
    r"(?P<product>(?=[^\n]{0,30}[A-Z\d])[\w-]{2,30}(?:[ \t][A-Z\d][\w-]{0,30}){0,4})",
    re.IGNORECASE,
)


def emails(message: Message) -> Iterator[str]:
    if "@" in message.text:
        yield from (match.group() for match in _EMAIL.finditer(message.text))


def phones(message: Message, taken: set[str], asked: bool) -> Iterator[str]:
    """Numbers that are phones by their form, by a word for one, or because one was `asked` for."""
    text = message.text
    for match in _PHONE.finditer(text) if message.digits >= _FEWEST else ():
        value = _without_more(match.group().strip())
        known = any(value in other or other in value for other in taken)
        if known or _CODE.search(text[max(0, match.start() - 6) : match.start()]):
            continue
        if _is_phone(value, asked or bool(_SAYS_PHONE.search(text))):
            yield value


def amounts(message: Message) -> Iterator[str]:
    """Sums of money with their currency."""
    if message.digits and (_SIGN.search(message.text) or message.has(_CURRENCIES)):
        yield from (match.group().strip() for match in _AMOUNT.finditer(message.text))


def dates(message: Message) -> Iterator[str]:
    """Days, with or without a year; a year alone is none."""
    if message.digits and (_IN_NUMBERS.search(message.text) or any(map(_MONTH.match, message.words))):
        yield from (match.group().rstrip(".") for match in _DATE.finditer(message.text) if _is_date(match.group()))


def products(message: Message) -> Iterator[str]:
    """What follows a word for a product and a sign that its name does."""
    if message.has(_PRODUCTS):
        yield from (match.group("product") for match in _PRODUCT.finditer(message.text))


def _without_more(value: str) -> str:
    """A house number or postal code may stand before the phone: then it is the last group that is one."""
    last = re.split(r"[ .-]", value)[-1]
    digits = sum(map(str.isdigit, value))
    return last if digits > 12 and len(last) >= 10 and not value.startswith("+") else value


def _is_phone(value: str, said: bool) -> bool:
    digits = sum(map(str.isdigit, value))
    if _DATE_LIKE.search(value) or not _FEWEST <= digits <= 15:
        return False
    return value.startswith(("+", "(")) or digits == 10 or said


def _is_date(value: str) -> bool:
    numbers = [int(number) for number in re.findall(r"\d+", value)]
    return len(numbers) < 3 or (all(numbers[:2]) and min(numbers[0], numbers[2]) <= 31 and numbers[1] <= 31)
