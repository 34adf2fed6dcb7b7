"""What kinds of details there are, and what people call them in several languages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rasa_handoff.core.text import listed

# The nouns a number goes by. German and Dutch ones may be written together with "Nummer".
NOUNS = {
    "order_id": """
        order, orders, purchase, purchases, bestellung, bestellungen, bestell, bestel, bestelling, bestellingen,
        auftrag, auftrags, pedido, pedidos, encomenda, encomendas, commande, commandes, ordine, ordini, zamówienie,
        zamówienia, zamówieniem, zamowienia""",
    "invoice_id": """
        invoice, invoices, bill, bills, bil, rechnung, rechnungen, rechnungs, factura, facturas, fatura, faturas,
        facture, factures, fattura, fatture, factuur, faktura, faktury, fakturę""",
    "booking_ref": """
        booking, bookings, reservation, reservations, confirmation, pnr, locator, buchung, buchungs, reservierung,
        reservierungs, reserva, reservas, réservation, réservations, prenotazione, prenotazioni, boeking, boekings,
        reservering, reserverings, rezerwacja, rezerwacji, rezerwację, confirmación, localizador""",
    "account_number": """
        account, accounts, acct, acc, a/c, ac, iban, konto, kontos, cuenta, cuentas, compte, comptes, conto, conta,
        contas, rekening, konta""",
    "ticket_id": "ticket, tickets, case, vorgang, vorgangs, incident, incidencia, zgłoszenie, zgłoszenia",
    "tracking_number": """
        tracking, shipment, shipments, parcel, sendung, sendungs, paket, pakets, seguimiento, suivi, spedizione,
        rastreio, przesyłka, przesyłki""",
    "claim_id": "claim, claims, schaden, schadens, siniestro, sinistre, sinistro",
    "policy_id": "policy, police, policen, versicherungs, póliza, polizza, apólice, polisa, polisy, polis",
    "customer_id": """
        customer, client, member, kunden, kunde, klant, klanten, cliente, mitglied, mitglieds, klient, klienta""",
    "transaction_id": "transaction, transactions, transaktion, transaktions, transacción, transazione, transação",
}
ALIASES = {
    "order_id": ("order", "order_number", "order_no", "ordernumber"),
    "email": ("e-mail", "mail", "email_address"),
    "phone": ("phone_number", "phone-number", "phonenumber", "telephone", "mobile"),
    "name": ("person_name", "customer_name", "full_name"),
    "booking_ref": ("booking", "booking_reference", "booking_id", "reservation"),
    "account_number": ("account", "account_no", "account_id"),
    "invoice_id": ("invoice", "invoice_number"),
    "ticket_id": ("ticket", "ticket_number", "case_id"),
    "amount": ("amount-of-money", "amount_of_money", "money"),
    "product": ("item", "product_name", "article"),
}
KIND_OF = {alias: kind for kind, aliases in ALIASES.items() for alias in aliases}

# The words for "number", which may stand after the noun or grow onto it.
NUMBER = (
    "numbers?|numbr|nummer|numero|numéro|número|núm|numer|nr|no|num|n[°ºo]|ids?|codes?|codigo|código|codice|kod|"
    "ref|reference|referencia|référence|riferimento|referenz|referentie|referência"
)
_IS = "is|was|ist|war|lautet|es|est|è|é|jest|with|the|mit|der|die|das|of"
# What may stand between the noun and the number itself; SURE words there say that a number does follow.
_STEP = rf"[ \t]{{0,3}}(?:(?:{NUMBER}|{_IS})\b(?:(?<=no|nr)\.)?|[:=,#№-])"
BETWEEN = re.compile(rf"(?:{_STEP}){{0,6}}[ \t]{{0,3}}", re.IGNORECASE)
SURE = re.compile(rf"[#№:=]|\b(?:{NUMBER})\b", re.IGNORECASE)
_OF_NOUN = re.compile(
    rf"\b(?:{NUMBER})[ \t]+(?:(?:de|del|dell['’]|di|do|da|d['’]|of)[ \t]*"
    r"(?:la |el |l['’]|the |my |your |mi |su |tu |vo(?:tre|s) )?)?$",
    re.IGNORECASE,
)

_KIND_OF_NOUN = {noun: kind for kind, nouns in NOUNS.items() for noun in listed(nouns)}
_GROWN = ("nummer", "nr", "id", "kennung", "code")
_WORD = re.compile(r"\ba/c\b|[^\W\d_]+")
_AC = re.compile(r"[ \t]?(?:no\b|num|#)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Label:
    """A word in a text that says what kind of number it is about; `sure`: "number" is part of it or stands before."""

    kind: str
    start: int
    end: int
    sure: bool


def labels(text: str) -> Iterator[Label]:
    """The words for numbers in a text, in its order."""
    lower = text.lower()
    for match in _WORD.finditer(lower if len(lower) == len(text) else text):
        word = match.group()
        kind, grown = _KIND_OF_NOUN.get(word), False
        if kind is None and (stem := _stem(word)):
            kind, grown = _KIND_OF_NOUN.get(stem), True
        if kind and (word != "ac" or _AC.match(text, match.end())):
            before = bool(_OF_NOUN.search(text, max(0, match.start() - 30), match.start()))
            yield Label(kind, match.start(), match.end(), grown or before)


def _stem(word: str) -> str | None:
    if not word.endswith(_GROWN):
        return None
    return next(word[: -len(ending)] for ending in _GROWN if word.endswith(ending))
