"""Private values and how they look: patterns in linear time, in the order in which they are looked for.

They find what has a form (addresses of e-mail, numbers) or is introduced ("my name is ..."). What has neither, such as
a name alone in a line, is known only when it stands among the key details.
"""

import re

from rasa_handoff.core.backports import StrEnum


class Private(StrEnum):
    """What of a conversation identifies somebody. A closed set."""

    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    ID = "id"
    NAME = "name"
    ADDRESS = "address"
    URL = "url"


_DATE = r"(?:\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})(?!\d)"
_MONEY = r"[ \u00a0]?(?:[€$£¥₹₫%]|(?:EUR|USD|GBP|INR|CHF|PLN|VND|RMB|euros?|dollars?|pounds?|rupees?|zł|yuan|đồng)\b)"
_NUMBER = r"(?:[ \t]{0,3}(?:numbers?|no|nr|num|id|code|ref|is|ist|est|es|è|é|to|numero|número|numéro|n°|nº|:|=|,|#|\.))"
_NOUN = (
    r"(?:order|booking|reservation|confirmation|invoice|bill|ticket|case|account|acct|tracking|shipment|parcel|claim|"
    r"policy|customer|client|member|contract|reference|passport|ssn|pnr|pin|"
    r"bestell\w*|auftrag\w*|buchung\w*|rechnung\w*|konto|kunden\w*|vertrag\w*|sendung\w*|"
    r"commande|réservation|facture|compte|dossier|contrat|colis|pedido|reserva|factura|cuenta|contrato|"
    r"encomenda|fatura|conta|ordine|prenotazione|fattura|conto|contratto|pratica|bestelling|factuur|klant\w*|"
    r"zamówieni\w*|faktur\w*|rezerwacj\w*|umow\w*|đơn hàng|mã|طلب|الطلب|حساب|订单号?|订单编号|账号|单号|ऑर्डर|खाता)"
)
_INTRODUCES = (
    r"(?:my (?:full |first |last )?name(?:['’]s| is|:)|i am called|i['’]m called|"
    r"mein name ist|ich hei(?:ß|ss)e|je m['’]appelle|mon nom est|me llamo|mi nombre es|mi chiamo|il mio nome è|"
    r"meu nome é|(?:me )?chamo(?:-me)?|ik heet|mijn naam is|nazywam się|mam na imię|mera naam|"
    r"tên (?:tôi|em|mình) là|(?:mr|mrs|ms|dr|herr|frau|mme|monsieur|señora?|sig)\.?)"
)
_WORD = r"[^\W\d_][\w'’-]{1,30}"
_CAPITAL = r"[A-Z][\w'’-]{1,30}"
_STREET = r"(?:street|road|avenue|lane|drive|boulevard|square|court|st|rd|ave|ln|blvd)"

# A group called `value` is what is private; without one, the whole match is.
PATTERNS: tuple[tuple[Private, re.Pattern[str]], ...] = (
    (Private.URL, re.compile(r"\b(?:https?|ftp)://[^\s<>\"“”]{1,2000}|\bwww\.[^\s<>\"“”]{2,500}", re.IGNORECASE)),
    (Private.EMAIL, re.compile(r"[\w.+%'-]{1,64}[@＠﹫](?:[\w-]{1,63}\.){0,4}[\w-]{1,63}")),
    (
        Private.EMAIL,
        re.compile(
            r"\b[\w.+-]{1,64} ?(?:\bat\b|[(\[]at[)\]]) ?[\w-]{1,63} ?(?:\bdot\b|[(\[]dot[)\]]) ?[^\W\d_]{2,12}\b",
            re.IGNORECASE,
        ),
    ),
    (Private.ID, re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")),
    (Private.CARD, re.compile(r"(?<!\d)\d(?:[ \u00a0.\u2013-]{0,2}\d){12,18}(?!\d)")),
    (
        Private.PHONE,
        re.compile(rf"(?<![\w#])(?!{_DATE})(?:\+|\(\+?|00)?\d(?:[ \u00a0().\u2013/-]{{0,2}}\d){{6,16}}(?!\d)"),
    ),
    (Private.ID, re.compile(r"#[ \t]?(?P<value>\w(?:[\w/-]{0,40}\w)?)")),
    (
        Private.ID,
        re.compile(
            rf"(?<!\w){_NOUN}{_NUMBER}{{0,4}}[ \t]{{0,3}}(?P<value>(?=[^\W_]{{0,12}}\d)\w(?:[\w/-]{{0,38}}\w)?)",
            re.IGNORECASE,
        ),
    ),
    (
        Private.ID,
        re.compile(r"(?<!\w)(?=[^\W\d_-]{0,20}\d)(?=[\d-]{0,20}[^\W\d_])[^\W_](?:[^\W_]|-(?=[^\W_])){4,39}(?!\w)"),
    ),
    (
        Private.ID,
        re.compile(rf"(?<![\w.,])(?!{_DATE})\d(?:-?\d){{4,39}}(?![\d-])(?!{_MONEY})(?![.,]\d)", re.IGNORECASE),
    ),
    (
        Private.ID,
        re.compile(rf"(?<![\w.,:/-])(?!(?:19|20)\d\d)\d{{4}}(?![\w:/-])(?!{_MONEY})(?![.,]\d)", re.IGNORECASE),
    ),
    (Private.ID, re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")),
    (Private.NAME, re.compile(rf"(?<!\w){_INTRODUCES}[ \t]+(?P<value>{_WORD}(?:[ \t]+{_WORD})?)", re.IGNORECASE)),
    (Private.NAME, re.compile(rf"\b(?:I['’]m|I am|[Tt]his is)[ \t]+(?P<value>{_CAPITAL}(?:[ \t]+{_CAPITAL}){{1,2}})")),
    (
        Private.NAME,
        re.compile(r"(?:我叫|我的名字是|我是(?=[\u4e00-\u9fff]{2,3}(?:[,，。.!！]|$)))(?P<value>[\u4e00-\u9fff]{2,4})"),
    ),
    (Private.NAME, re.compile(r"(?:اسمي|मेरा नाम|नाम है)[ \t]+(?P<value>[^\W\d_]{2,30}(?:[ \t]+[^\W\d_]{2,30})?)")),
    (
        Private.ADDRESS,
        re.compile(
            rf"(?<!\w)\d{{1,5}}[a-z]?[ \t]+(?:[^\W\d_][\w'’-]{{0,30}}\.?[ \t]+){{1,3}}{_STREET}(?!\w)", re.IGNORECASE
        ),
    ),
    (
        Private.ADDRESS,
        re.compile(
            r"(?<!\w)[^\W\d_][^\W\d_-]{1,30}(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|straat|laan)"
            r"[ \t]+\d{1,4}[a-z]?(?!\w)",
            re.IGNORECASE,
        ),
    ),
    (
        Private.ADDRESS,
        re.compile(
            r"(?<!\w)(?:rue|avenue|boulevard|calle|avenida|rua|via|viale|piazza|ulica|ul\.|plaza)[ \t]+"
            r"(?:[^\W\d_][\w'’.-]{0,30}[ \t,]+){1,4}\d{1,4}[a-z]?(?!\w)",
            re.IGNORECASE,
        ),
    ),
)
