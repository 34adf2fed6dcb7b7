"""What people say when they name themselves, or others, in several languages."""

import re

from rasa_handoff.core.text import listed

WORD = re.compile(r"[ \t]{0,3}([^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_])){0,30})(\.?)(?![\w@]|\.\w)")
TITLES = frozenset(listed("mr, mrs, ms, miss, dr, mister, herr, frau, mme, señor, señora, sr, sra, sig, pan, pani"))
PARTICLES = frozenset(listed("van, von, de, da, di, del, della, der, den, dos, bin, al, el, la, le, ten, ter, zu, the"))
# Words that a name is never, also when they begin a sentence or a message is written in capitals.
NEVER = frozenset(
    listed("""
        i, im, my, me, the, a, an, is, was, it, its, it's, i'm, i'd, i'll, i've, and, or, but, not, no, yes, to, of,
        in, on, at, for, from, with, please, thanks, thank, sir, madam, maam, number, account, hi, hello, hey, sorry,
        ok, okay, sure, actually, can, could, what, when, where, why, who, how, if, this, that, there, here, you,
        your, we, our, he, she, they, also, already, still, just, very, really, so, too, und, ich, mein, meine, ist,
        nicht, ja, nein, bitte, danke, aber, y, mi, soy, es, no, sí, por, gracias, et, je, mon, ma, est, oui, non,
        merci, pour, e, o, meu, minha, io, mio, mia, sono
    """)
)
ADJECTIVE = re.compile(r"(?:ing|ed|ly|ful|less|ous|able|ible|ish|ive|ant|ent|ic|ical|sick|free)$", re.IGNORECASE)

# "My name is ...", in several languages, but neither a company's name nor "my mother's name".
NAME_IS = re.compile(
    r"(?:\b(?P<whose>\w+(?:['’]s)?)[ \t]+)?\b(?:(?:full|last|first|sur|given|family|complete)[ \t]*)?name(?:['’]?s)?"
    r"(?:[ \t]+(?:is|ist|lautet|was|of|would be)\b|[ \t]*[:=-])?|"
    r"\b(?:ich hei(?:ß|ss)e|mein(?: voller)? name (?:ist|lautet)|me llamo|mi nombre (?:completo )?es|je m['’]appelle|"
    r"mon nom(?: complet)? (?:est|c['’]est)|(?:eu )?me chamo|meu nome (?:completo )?é|mi chiamo|il mio nome è|"
    r"ik heet|mijn naam is|nazywam się|mam na imię|i am called|i['’]m called|call me)\b:?",
    re.IGNORECASE,
)
MINE = frozenset(
    listed("""
        my, your, full, first, last, complete, real, legal, the, a, and, yes, yeah, sure, ok, okay, hi, hello, hey,
        hai, is, with, have, customer, customer's, caller, guest, provide, enter, tell, confirm, what's, here, also,
        sir, mein
    """)
)
IAM = re.compile(
    r"(?:^|(?<=[\s.,!?;(-]))(?:(?P<self>i['’]?m|i am|ich bin|ik ben|(?:yo )?soy|je suis|sono|(?:eu )?sou|jestem)|"
    r"(?P<this>this is|it['’]?s(?: me)?|it is|hier (?:ist|spricht)|aquí|ici|c['’]est|sou o|sou a))(?=[ \t])",
    re.IGNORECASE,
)
HERE = re.compile(r"[ \t]*(?:here|speaking|calling|am Apparat)\b|[ \t]*,?[ \t]*(?:$|[.,!;])", re.IGNORECASE)
WITH_NUMBER = re.compile(
    r"(?:^|[.!?,][ \t]+)((?:[A-Z][\w'’-]{1,30}[ \t]+){1,2}[A-Z][\w'’-]{1,30})[ \t,.]+(?:and )?(?:my )?"
    r"(?:(?:account|acct|ac|order|booking|customer|policy)\b|#?\d{4})",
)
SPEAKING = re.compile(r"[ \t]*(?:here|speaking|calling)\b", re.IGNORECASE)
GREETING = re.compile(
    r"(?:(?:hi|hello|hey|hai|good (?:morning|afternoon|evening)|yes|yeah|yep|sure|sir|sire|ok|okay|of course|certainly|"
    r"absolutely|no problem|right|well|oh|so|um+|uh|ja|hallo|guten tag|klar|gerne|sí|claro|hola|oui|bonjour|bien sûr|"
    r"sim|olá|ciao|certo|tak|dzień dobry|my|name|naam|nombre|nom|nome|full|the|is|it['’]?s|its|it is|this is|"
    r"that['’]?s|that is|that would be|i['’]?m|i am|i['’]?m still|me|mein|ich bin|ist|er|lautet|"
    r"es|soy|c['’]est|est|sou|é|sono|to)"
    r"\b[ \t,.:!-]*){0,6}",
    re.IGNORECASE,
)
ENDS = re.compile(r"[ \t]*(?:$|[,.!;\n]|(?:and|und|y|et)\b)")
UNDER = re.compile(
    r"\b(?:under|unter|a nombre de|au nom de|em nome de|a nome di|op naam van|auf den namen)(?: the| my)?(?: same)?"
    r"(?: names?)?(?: of)?(?=[ \t])|\b(?:booking|reservation|appointment)s?[ \t]+for(?=[ \t])",
    re.IGNORECASE,
)
SAYS_NAME = frozenset(
    listed("""
        name, names, name's, name’s, surname, heiße, heisse, llamo, nombre, m'appelle, nom, chamo, nome, chiamo, heet,
        naam, nazywam, imię, called, call
    """)
)
SAYS_I_AM = frozenset(
    listed("""
        i'm, im, am, bin, ben, soy, suis, sono, sou, jestem, this, it's, its, it, hier, aquí, ici, c'est
    """)
)
SAYS_HERE = frozenset(listed("here, speaking, calling"))
SAYS_UNDER = frozenset(
    listed("""
        under, unter, nombre, nom, nome, naam, namen, booking, bookings, reservation, reservations, appointment,
        appointments
    """)
)
SAYS_MONEY = frozenset(
    listed("""
        pay, paid, payment, payments, transfer, transfers, transferred, transfered, send, sent, transaction,
        transactions, money, owe, owed, invoice, invoices, bill, bills, standing, recipient, beneficiary, payee,
        receive, received, deposit, rechnung, rechnungen, überweisung, überweisen, transferir, factura, facture,
        virement
    """)
)
PARTY = re.compile(r"\b(?:to|for|from|an|von|für|de|à|a|para)[ \t]|\bfrom(?=[A-Z])")
TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Herr|Frau|Mme|Sra?)\b\.?[ \t]+[A-Z][\w'’-]{1,30}(?:[ \t]+[A-Z][\w'’-]{1,30}){0,2}")
