"""The built-in topics that always go to a human: their groups, and English phrases that speak for each.

The classifier knows the groups in every language; a phrase makes it surer. What a designer adds stands in `Detection`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from rasa_handoff.core.text import listed

Topics = Mapping[str, tuple[str, ...]]

POLICY: Topics = MappingProxyType(
    {
        "legal": listed("""
            legal, lawsuit*, attorney*, lawyer*, solicitor*, litigation, subpoena*, small claims,
            take ... to court, see you in court, in court, sue you, sue your, will sue, going to sue, gonna sue,
            ill sue, sue them, suing you, suing your, suing the company, take ... legal action
        """),
        "regulator_press": listed("""
            ombudsman, regulator, trading standards, consumer protection, better business bureau, journalist*,
            newspaper*, going public, go public, go viral, the press, the media
        """),
        "data_protection": listed("""
            gdpr, ccpa, data deletion, right to be forgotten, right to erasure, data protection,
            subject access request, data subject request, dsar, delete ... my data, delete ... my personal,
            delete ... personal data, delete ... my information, delete ... data you have, erase ... my data,
            erase ... my personal, erase ... my information, remove ... my data, remove ... my personal,
            remove ... my information, wipe ... my data, my data deleted, my data erased, my data removed,
            privacy violation, privacy complaint, violat* ... privacy, sell* ... my data, leaked ... my data,
            my data ... leaked, stop processing my data, copy of ... data you hold
        """),
        "security": listed("""
            security breach, security incident, data breach, breach of security, account compromise,
            account ... compromised, compromised ... account, card ... compromised, password ... compromised,
            details ... compromised, account breach, hacked, got hacked, account takeover, taken over my account,
            took over my account, identity theft, identity ... stolen, stole ... my identity, someone ... logged into,
            someone ... in my account, someone ... accessed my, someone ... using my account, unauthorised access,
            unauthorized access, unauthorised login, unauthorized login, phishing, phished, scammed
        """),
        "payment_dispute": listed("""
            chargeback*, someone ... using my card, unauthorised charge*, unauthorized charge*,
            unauthorised transaction*, unauthorized transaction*, unauthorised payment*, unauthorized payment*,
            unauthorised purchase*, unauthorized purchase*, dispute ... charge, dispute ... transaction,
            fraud, fraudulent, fraudulently, fraudster*, money laundering
        """),
    }
)

SENSITIVE: Topics = MappingProxyType(
    {
        "self_harm": listed("""
            suicide, suicidal, kill myself, killing myself, end my life, ending my life, take my own life, end it all,
            want to die, wanna die, wish i was dead, wish i were dead, better off dead, dont want to live,
            do not want to live, dont want to be alive, do not want to be alive, no reason to live,
            nothing to live for, self harm, self harming, harm myself, harming myself, hurt myself, hurting myself,
            cut myself, cutting myself
        """),
        "threat": listed("""
            death threat*, kill you, kill him, kill her, kill them, shoot you, stab you, burn down your, blow up your,
            bomb in your, i know where you live
        """),
        "medical_emergency": listed("""
            medical emergency, having a heart attack, overdosed, cant breathe, cannot breathe, call an ambulance,
            need an ambulance, not breathing, is unconscious, chest pains
        """),
        "abuse": listed("""
            domestic violence, domestic abuse, abusive relationship, abusive husband, abusive wife, abusive partner,
            abusive ex, been raped, was raped, raped me, sexual assault, sexually assaulted, sexual harassment,
            sexually harassed, assaulted me, was assaulted, been assaulted, beats me, hits me, stalking me,
            my stalker, threatened to kill me, threatens to kill me, harassed by, being harassed, harassing me
        """),
        "minor": listed("child abuse, child in danger, groomed, grooming a child, runaway child"),
    }
)

# What only looks like a topic.
EXCEPTIONS = listed("""
    legal age, legal name, legal tender, legal holiday, legal notice page, legal drinking age, is ... legal in,
    are ... legal in, is ... legal to, was legal, joke about
""")
