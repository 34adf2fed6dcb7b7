"""What a designer can set about when a human takes over, with the defaults. `handoff.yml` is mapped to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from rasa_handoff.core.text import listed

Topics = Mapping[str, tuple[str, ...]]

POLICY_TOPICS: Topics = MappingProxyType(
    {
        "legal": listed("""
            legal, lawsuit*, attorney*, lawyer*, solicitor*, litigation, subpoena*, small claims, ombudsman,
            take ... to court, see you in court, in court, sue you, sue your, will sue, going to sue, gonna sue,
            ill sue, sue them, suing you, suing your, suing the company, take ... legal action
        """),
        "privacy": listed("""
            gdpr, ccpa, data deletion, right to be forgotten, right to erasure, data protection,
            subject access request, data subject request, dsar, delete ... my data, delete ... my personal,
            delete ... personal data, delete ... my information, delete ... data you have, erase ... my data,
            erase ... my personal, erase ... my information, remove ... my data, remove ... my personal,
            remove ... my information, wipe ... my data, my data deleted, my data erased, my data removed,
            privacy violation, privacy complaint, violat* ... privacy, sell* ... my data, leaked ... my data,
            my data ... leaked, stop processing my data, copy of ... data you hold
        """),
        "account_security": listed("""
            security breach, security incident, data breach, breach of security, account compromise,
            account ... compromised, compromised ... account, card ... compromised, password ... compromised,
            details ... compromised, account breach, hacked, got hacked, account takeover, taken over my account,
            took over my account, identity theft, identity ... stolen, stole ... my identity, someone ... logged into,
            someone ... in my account, someone ... accessed my, someone ... using my account,
            someone ... using my card, unauthorised access, unauthorized access, unauthorised login,
            unauthorized login, unauthorised charge*, unauthorized charge*, unauthorised transaction*,
            unauthorized transaction*, unauthorised payment*, unauthorized payment*, unauthorised purchase*,
            unauthorized purchase*, phishing, phished
        """),
        "fraud": listed("""
            fraud, fraudulent, fraudulently, fraudster*, scammed, money laundering
        """),
    }
)

SENSITIVE_TOPICS: Topics = MappingProxyType(
    {
        "self_harm": listed("""
            suicide, suicidal, kill myself, killing myself, end my life, ending my life, take my own life, end it all,
            want to die, wanna die, wish i was dead, wish i were dead, better off dead, dont want to live,
            do not want to live, dont want to be alive, do not want to be alive, no reason to live,
            nothing to live for, self harm, self harming, harm myself, harming myself, hurt myself, hurting myself,
            cut myself, cutting myself
        """),
        "violence": listed("""
            domestic violence, domestic abuse, abusive relationship, abusive husband, abusive wife, abusive partner,
            abusive ex, been raped, was raped, raped me, sexual assault, sexually assaulted, sexual harassment,
            sexually harassed, assaulted me, was assaulted, been assaulted, beats me, hits me, stalking me,
            my stalker, death threat*, threatened to kill me, threatens to kill me
        """),
        "bereavement": listed("""
            passed away, bereavement, bereaved, deceased, funeral, death certificate, my late husband, my late wife,
            my late mother, my late father, my late partner, mother ... died, father ... died, mom ... died,
            mum ... died, dad ... died, husband ... died, wife ... died, partner ... died, son ... died,
            daughter ... died, brother ... died, sister ... died, grandmother ... died, grandfather ... died,
            death of my, lost my husband, lost my wife, lost my mother, lost my father, miscarriage, stillborn
        """),
        "health": listed("""
            medical emergency, heart attack, overdosed, allergic reaction, cant breathe, cannot breathe,
            call an ambulance, need an ambulance, in hospital, in the hospital, intensive care, seriously injured,
            got injured, was injured, injured me, terminally ill, terminal illness, terminal cancer,
            diagnosed with cancer, have cancer, has cancer, chemotherapy
        """),
        "discrimination": listed("""
            discriminated, discrimination, discriminating, racist, racism, sexist, homophobic, transphobic,
            harassed by, being harassed, harassing me
        """),
        "hardship": listed("""
            lost my job, made redundant, being evicted, evicted, eviction, homeless, cant afford to eat,
            cannot afford to eat, cant afford food, cant feed my, financial hardship, going bankrupt
        """),
    }
)

TOPIC_EXCEPTIONS = listed("""
    legal age, legal name, legal tender, legal holiday, legal notice page, legal drinking age, is ... legal in,
    are ... legal in, is ... legal to, was legal, joke about
""")


@dataclass(frozen=True, slots=True)
class Detection:
    """When a human takes over. Phrases are words in any case; `*` ends an open word, `...` is up to three words.

    Turns:
        max_turns            more customer messages than this in an episode hand over
        uncounted_intents    messages of these intents are no turns: nobody is handed over for saying goodbye
    Understanding:
        confidence_threshold an NLU confidence below it is a miss, in [0, 1]
        misses_in_a_row      the bot asks to rephrase until this many misses in a row, then hands over
        miss_intents         intents that mean "not understood"
    Frustration:
        frustration_threshold a score at or above it hands over, in [0, 1]
    Explicit requests:
        request_intents      the bot's own intents for "I want a human"
        request_phrases      further phrases that always count as a request, beside the built-in patterns
        request_patterns     read the built-in English patterns at all
    Topics, by group; the group's name is shown to agents:
        policy_topics, sensitive_topics    phrases that always go to a human
        topic_exceptions     phrases taken out of a message before topics are looked for
    Complex issues:
        complex_intents      the bot's own intents that always need a human
        complex_questions    this many questions in one message hand over; 0 turns it off
    """

    max_turns: int = 6
    uncounted_intents: tuple[str, ...] = ("goodbye", "bye", "thank", "thanks", "thank_you", "thankyou")
    confidence_threshold: float = 0.4
    misses_in_a_row: int = 2
    miss_intents: tuple[str, ...] = ("nlu_fallback",)
    frustration_threshold: float = 0.75
    request_intents: tuple[str, ...] = ("request_human",)
    request_phrases: tuple[str, ...] = ()
    request_patterns: bool = True
    policy_topics: Topics = field(default_factory=lambda: POLICY_TOPICS)
    sensitive_topics: Topics = field(default_factory=lambda: SENSITIVE_TOPICS)
    topic_exceptions: tuple[str, ...] = TOPIC_EXCEPTIONS
    complex_intents: tuple[str, ...] = ()
    complex_questions: int = 3
