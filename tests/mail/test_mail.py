"""The e-mails of a follow-up, and a real SMTP server that takes, refuses, stalls and drops them."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from rasa_handoff.core.errors import Refused, SettingsError, Unreachable
from rasa_handoff.core.follow_up import FollowUp, FollowUpKind, Recipient
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.package import ContextPackage, Summary
from rasa_handoff.mail.letters import Words, letter, one_line
from rasa_handoff.mail.post import MailPost
from rasa_handoff.mail.smtp import Smtp, smtp_of
from scripts.stack import free_ports
from tests.contracts.conftest import _handoff, _package

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
TEAM, ZOE = "support@example.com", "zoe@example.net"


class Mailbox:
    """What arrives, and how the server behaves."""

    def __init__(self, answer: str = "250 OK", *, stall: float = 0.0, drop: bool = False) -> None:
        self.answer, self.stall, self.drop = answer, stall, drop
        self.messages: list[Any] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.stall)
        if self.drop:
            server.transport.abort()
        if self.answer.startswith("250"):
            self.messages.append(message_from_bytes(envelope.content, policy=default))
        return self.answer


@contextmanager
def running(mailbox: Mailbox) -> Iterator[Smtp]:
    (port,) = free_ports(1)
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield Smtp("127.0.0.1", port, timeout=1.0)
    finally:
        controller.stop()


def follow_up(contact: str = ZOE) -> tuple[Handoff, ContextPackage]:
    handoff = replace(_handoff("c1", NOW), follow_up=FollowUp(FollowUpKind.EMAIL, contact, NOW + timedelta(hours=24)))
    return handoff, _package("c1", NOW)


def post(smtp: Smtp, **changes: Any) -> MailPost:
    given = {"teams": {"support": TEAM}, "names": {"support": "Customer support"}, "words": {}} | changes
    return MailPost(smtp, **given)


async def test_the_team_gets_the_package_and_answers_the_customer() -> None:
    mailbox = Mailbox()
    with running(mailbox) as smtp:
        await post(smtp).send(Recipient.TEAM, *follow_up())
    (message,) = mailbox.messages
    assert (message["To"], message["Reply-To"]) == (TEAM, ZOE)
    text = message.get_content()
    layers = ["Summary", "Wants a refund.", "Key details", "order_id: 123", "Conversation", "human please"]
    assert [text.index(layer) for layer in layers] == sorted(text.index(layer) for layer in layers)


async def test_the_customer_gets_a_confirmation_in_their_language() -> None:
    mailbox, words = Mailbox(), {"en": Words("Got it", "{department}: {summary}")}
    with running(mailbox) as smtp:
        await post(smtp, words=words, sender="bot@example.com").send(Recipient.CUSTOMER, *follow_up())
    (message,) = mailbox.messages
    assert (message["From"], message["To"], message["Reply-To"]) == ("bot@example.com", ZOE, TEAM)
    assert message["Subject"] == "Got it"
    assert message.get_content().strip() == "Customer support: Wants a refund."


@pytest.mark.parametrize("answer", ["550 no such user", "554 refused"])
async def test_a_server_that_will_never_take_it_is_not_asked_again(answer: str) -> None:
    with running(Mailbox(answer)) as smtp, pytest.raises(Refused, match=answer):
        await post(smtp).send(Recipient.TEAM, *follow_up())


async def test_a_server_that_is_busy_is_worth_another_try() -> None:
    with running(Mailbox("451 try later")) as smtp, pytest.raises(Unreachable, match="451 try later"):
        await post(smtp).send(Recipient.TEAM, *follow_up())


async def test_a_server_that_stalls_is_given_up_after_the_timeout() -> None:
    with running(Mailbox(stall=2.0)) as smtp, pytest.raises(Unreachable, match="did not take it"):
        await post(replace(smtp, timeout=0.2)).send(Recipient.TEAM, *follow_up())


async def test_a_server_that_hangs_up_is_worth_another_try() -> None:
    with running(Mailbox(drop=True)) as smtp, pytest.raises(Unreachable, match="did not take it"):
        await post(smtp).send(Recipient.TEAM, *follow_up())


async def test_a_server_that_is_not_there_is_named() -> None:
    with running(Mailbox()) as smtp:
        gone = smtp
    with pytest.raises(Unreachable, match=f"127.0.0.1:{gone.port}"):
        await post(gone).send(Recipient.TEAM, *follow_up())


async def test_a_password_is_not_sent_without_tls() -> None:
    mailbox = Mailbox()
    with running(mailbox) as smtp, pytest.raises(Refused, match="no TLS"):
        await post(replace(smtp, user="me", password="secret")).send(Recipient.TEAM, *follow_up())
    assert mailbox.messages == []


async def test_a_department_without_an_address_is_named() -> None:
    with pytest.raises(Refused, match="support has no e-mail address"):
        await post(Smtp("127.0.0.1", 9), teams={}).send(Recipient.TEAM, *follow_up())


@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x00", "\x85"])
def test_nothing_a_customer_writes_becomes_a_header(breaks: str) -> None:
    handoff, package = follow_up()
    attack = f"Hello{breaks}Bcc: all@example.com{breaks}{breaks}A body"
    attacked = replace(handoff, summary=Summary((attack,)))
    message = letter(Recipient.TEAM, attacked, package, TEAM, TEAM, "Support", {})
    parsed = message_from_bytes(message.as_bytes(), policy=default)
    assert parsed["Bcc"] is None
    assert parsed.keys() == message.keys()
    assert "\n" not in one_line(attack)


def test_an_address_that_is_none_makes_no_letter() -> None:
    handoff, package = follow_up("zoe@example.net\r\nBcc: all@example.com")
    with pytest.raises(ValueError, match=r"."):
        letter(Recipient.CUSTOMER, handoff, package, TEAM, TEAM, "Support", {})


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", Smtp("mail.example.com", 587)),
        ("smtps://me:p%40ss@mail.example.com", Smtp("mail.example.com", 465, True, "me", "p@ss")),
        ("smtp://127.0.0.1:2525", Smtp("127.0.0.1", 2525)),
    ],
)
def test_a_server_is_given_by_its_url(url: str, server: Smtp) -> None:
    assert smtp_of(url) == server


@pytest.mark.parametrize("url", ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://h:port"])
def test_another_url_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="HANDOFF_SMTP_URL"):
        smtp_of(url)


def test_a_server_is_looked_at_without_sending_anything() -> None:
    mailbox = Mailbox()
    with running(mailbox) as server:
        server.check()
    assert mailbox.messages == []
    with pytest.raises(Unreachable):
        server.check()  # it is gone now
