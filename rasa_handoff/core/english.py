"""English patterns for requests.py: how people ask for a human, and what only looks like it.

Each matches `spaced` sentences: normalised words with one blank on either side. Repetitions are bounded, or of single
words, so that they take linear time. In a pattern of `ASKS` the group `verb` starts where the request does; what stands
before it is what `DECLINES`, `TOLD` ... are held against.
"""

import re


def _any(block: str) -> str:
    return "(?:" + "|".join(" ".join(one.split()) for one in block.split(",")) + ")"


# Who can only be a person of ours, and who is one when asked for.
_STRONG = _any("""
    humans?, human beings?, agents?, representatives?, reps?, operators?, advis[eo]rs?, supervisors?, superiors?,
    csr, team ?members?, member of (?:your |the )?(?:team|staff), staff, employees?, specialists?,
    support (?:team|staff|person), customer (?:service|support|care), help ?desk, service desk, front desk,
    call cent(?:er|re), live (?:chat|support), human support""")
_WEAK = _any("""
    persons?, people, someone, somebody, whoever, anyone, anybody, managers?, assistants?, colleagues?, workers?,
    clerks?, consultants?, technicians?, experts?, support, reception, guy, man, woman, individual, professional,
    department, team, boss, management, accountant, banker, teller""")
_PERSON = f"(?:{_STRONG}|{_WEAK})"
_REAL = _any("""
    real, live, actual, living, human, normal, physical, proper, breathing, flesh and blood,
    non (?:robotic|robot|bot|automated)""")

_CONTACT = _any("""
    speak, talk, chat, converse, communicate, connect, connected, call, contact, reach, phone, get in touch, in touch,
    get (?:a )?hold of, have a (?:chat|word|talk|call), discuss (?:this|it), reach out, escalated?, transferred,
    forwarded, redirected, switched, put through""")
_CONTACTING = _any("speaking, talking, chatting, contacting, reaching, calling, communicating, connecting")
_TO = "(?:directly |now |please |privately |again )?(?:to |with |through to |over to |up with )?"
_MOVE = _any("""
    transfer, connect, forward, redirect, reroute, route, switch, pass, hand, put, send, refer, escalate, patch, direct,
    get, link""")
_ME = "(?:me|us|this|it|my (?:call|case|chat|issue|problem|request))"
_WANT = _any("""
    want, need, require, wanna, would like, id like, prefer, demand, gimme, give me, get me, get, find me, bring me,
    send me, have, is there, are there, request, requesting, looking for, insist on, asking for, ask for, show me,
    call me, put, put me on with, switch to, speak""")
_A = "(?:(?:a|an|the|some|any|one of your|your|another|different|other|bloody|fucking|damn) )*"
# Words between verb and person. "my", "his" ... end it: those are not our people.
_BETWEEN = (
    "(?:(?!(?:my|his|her|their|our|about|that|who|because|for|if|and|when|is|was|are|you|on|it|this|bot|robot|machine|"
    "not|wifi|account|card|email|being|yourself) )[^ ]+ ){0,5}?"
)
_POLITE = _any("""
    please, now, thanks, thank you, asap, immediately, hi, hello, hey, ok, okay, yes, no, just, a, an, the, some, to,
    right, sorry, quickly, quick, well, um, uh, really, so, then, already, instead, fucking, bloody, damn, goddamn""")
_NOT_PEOPLE = "(?! (?:number|names?|id|fees?|code|error|rights|resources|body|version|commission))"

ASKS = tuple(
    re.compile(pattern)
    for pattern in (
        # talk to a person; help me talking to a person
        rf" (?P<verb>{_CONTACT}|(?P<gerund>{_CONTACTING})) {_TO}{_BETWEEN}{_PERSON}(?= ){_NOT_PEOPLE}",
        # connect me with support; put me through
        rf" (?P<verb>{_MOVE}) {_ME} (?:through |over |up |along |back |on )?(?:to |with )?{_BETWEEN}{_PERSON}(?= )",
        rf" (?P<verb>{_MOVE}) to {_A}(?:{_REAL} )*(?:{_STRONG}|{_REAL} {_WEAK})(?= ){_NOT_PEOPLE}",
        rf" (?P<verb>(?:help|support|assistance)) from {_A}(?:{_REAL} )*(?:{_STRONG}|{_REAL} {_WEAK})(?= )",
        r" (?P<verb>(?:put|patch) (?:me|us) through) ",
        r" (?P<verb>transfer (?:me|us|my call|this (?:call|chat)))"
        r"(?: (?:over|now|please|already|right|immediately|asap|away|to))* $",
        r" (?P<verb>escalate)(?: (?:this|it|me|my (?:case|issue|complaint|problem|ticket)))?"
        r"(?: (?:now|please|further|immediately))* $",
        # I want a human; get me the manager on the line
        rf" (?P<verb>{_WANT}) (?:to )?{_A}(?:{_REAL} )*"
        rf"(?:{_STRONG}|{_REAL} (?:{_WEAK}|one)|(?:someone|somebody) real)(?= ){_NOT_PEOPLE}",
        r" (?P<verb>want|need|get me|give me|find me|call|bring me|get) (?:to )?(?:(?:a|the|your|an|another) )*"
        r"(?:managers?|person|assistant|somebody else|someone else)"
        r" (?:on the (?:line|phone)|now|please|here|to (?:talk|speak|chat|help)|who)(?= )",
        r" (?P<verb>give me|get me) (?:a|an|the|your) (?:person|manager|boss)(?: please)? $",
        rf" (?P<verb>want|need|prefer|get|have) (?:a|an|another) (?:{_REAL} )*person"
        r"(?: (?:please|now|instead|asap|already))* $",
        r" (?P<verb>want|need|have|get|prefer) (?:someone|somebody|a person) (?:else )?(?:from [^ ]+ |from your team )?"
        r"(?:to )?(?:call|contact|phone|ring|talk to|speak to|speak with|talk with|chat with) (?:me|us|back)(?= )",
        rf" (?P<verb>put) (?:a|an|the|your) (?:{_STRONG}|{_REAL} {_WEAK}|manager|boss) on(?= )",
        rf" (?P<verb>(?:take|bring|get) me) (?:[^ ]+ ){{0,4}}?to {_A}(?:{_REAL} )*(?:{_STRONG}|{_REAL} {_WEAK})(?= )",
        rf" (?P<verb>(?:how|what) about|deal(?:ing)? with|assistance of) {_A}(?:{_REAL} )*(?:{_STRONG}|person|manager)"
        r"(?: (?:please|now|instead|then|here))* $",
        # anybody there to talk to; who can I talk to
        r" (?P<verb>someone|somebody|anyone|anybody|person|people|one) "
        r"(?:(?:there|here|available|who|that|else|real) )*"
        r"(?:i can|i could|we can|can|to|for me to) (?:speak|talk|chat)(?: (?:to|with))? ",
        rf" (?P<verb>(?:can|could|may|would) (?:someone|somebody|anyone|an? {_REAL} (?:person|human)|an agent|a human))"
        r" (?:real |human |else )?(?:please )?(?:speak|talk|chat|call|contact|get in touch) (?:to|with|me|us)(?= )",
        r" (?P<verb>who (?:can|could|should|do|must) (?:i|we)) (?:speak|talk|chat)(?= )",
        # not with a machine
        r" (?P<verb>(?:dont|do not|not|hate|tired of|sick of|refuse to|rather not|wont|will not)"
        r" (?:want to |wanna |wish to |like )?(?:speak|speaking|talk|talking|chat|chatting|deal|dealing|interact))"
        r" (?:to |with )?(?:a |an |this |the |some |your |you )?(?:stupid |dumb |fucking |bloody |damn )?"
        r"(?:bots?|chatbots?|robots?|machines?|computers?|ai|you) ",
        # human please
        rf" (?P<verb>(?:a )?human(?: being)?|(?:{_REAL} )+{_PERSON}|(?:someone|somebody) real) (?:please|now|asap) ",
    )
)

# The message is nothing but the person, or calls for one.
BARE = re.compile(
    r"^ (?:(?:hello|hi|hey) )*(?:is (?:there )?)?any(?:one|body)(?: (?:alive|real|human))? (?:out )?(?:there|here) $|"
    rf"^ (?:{_POLITE} )*(?:(?:{_REAL}|customer|support|service|another|your|different) )*"
    r"(?:humans?|human being|agents?|representatives?|reps?|operator|advis[eo]r|supervisor|manager|live chat|escalate|"
    rf"(?:{_REAL}|support|another|service) (?:person|people|assistant|someone)|"
    r"(?:customer|human) (?:service|support|care))"
    rf"(?: {_POLITE})* $"
)

# Up to the verb: says no.
DECLINES = re.compile(
    r" (?:do not|dont|does not|doesnt|did not|didnt|not|never|wont|no|without|neednt|rather than|instead of|stop|avoid|"
    r"hate|refuse to) (?:really |actually |even |yet |ever |any |you )?"
    r"(?:(?:want|wanna|need|have|wish|like|care|going|trying|looking|asking|planning|require|reason|feel|intend|being|"
    r"getting|you|to|a|for|the|be|me|necessary|necessarily|desire|time) ){0,4}$"
)
# Up to the verb: asks or says what the bot is.
IDENTITY = re.compile(
    r" (?:(?:are|were) you|(?:is|was) this|was that|am i|you are|youre|you must be|you sound|if you are|identify as|"
    r"call yourself|whether you are|pretend to be|as if you were|made by|know if (?:you|this)|you be|your a) "
    r"(?:[^ ]+ ){0,4}$"
)
# Anywhere: asks what the bot is.
WHAT_ARE_YOU = re.compile(
    r" (?:are|is|am|was) (?:you|this|i|that) (?:[^ ]+ ){0,3}"
    r"(?:human|person|agent|real|live|bot|robot|machine|someone|representative|operator|people)"
)
# Up to a gerund ("talking to an agent"): it tells, or speaks in general.
TELLS = re.compile(
    r" (?:was|were|been|am|after|before|while|when i|since|by|from|remember|finished|just|kept|enjoyed|likes?|loved|"
    r"than|instead of|without|for|is|are|im|keep|about|of|had|hate|avoid|mind|minded|stop|end up|ended up|started) "
    r"(?:[^ ]+ )?$"
)
# Up to the verb: tells what was.
TOLD = re.compile(
    r" (?:i|we|they|he|she|you|it) (?:(?:already|just|have|had|even|finally) )*"
    r"(?:tried to|used to|managed to|had to|were able to|was able to|was told to|had a chance to) (?:[^ ]+ )?$"
)
# Up to the verb: somebody else does it, or whether it must be.
OTHERS = re.compile(
    r" (?:he|she|they|it|my [^ ]+|people|someone|somebody|(?:do|did|will|would) i (?:have|need) to|must i|need i|"
    r"should i|"
    r"did (?:you|he|she|they|i)|should we|does one|who (?:can|could|will|would)|whether to|if i|"
    r"why do (?:i|people|we) (?:have|need) to) "
    r"(?:(?:will|would|can|could|should|wants?|needs?|has|have|had|need|must|may|to|and|asked|like) ){0,3}$"
)
