"""A model's sentences are held against the lines they cite."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.core.citing import Claim, Fault, checked, fault
from rasa_handoff.core.conversation import Author, Line
from rasa_handoff.core.package import Basis, Part, Summary, SummaryState

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SAID = (
    (Author.CUSTOMER, "Hi, my parcel for order 4711 arrived broken and I want my money back, it was €49.90"),
    (Author.BOT, "I'm sorry. Please send the parcel back with the label, then try the returns page."),
    (Author.CUSTOMER, "The returns page shows an error every time, mail me at ann@example.com"),
    (Author.BOT, "Could you rephrase that?"),
    (Author.CUSTOMER, "let me talk to a human"),
)
HISTORY = tuple(Line(author, text, NOW) for author, text in SAID)
GERMAN = (Line(Author.CUSTOMER, "Ich möchte meine Bestellung 4711 stornieren, sie ist nicht angekommen", NOW),)
DRAFT = Summary(
    ("They write: money back.", "The bot tried: the label.", "Unresolved: they ask for a human."),
    basis=(Basis(Part.WANTS, (1,)), Basis(Part.TRIED, (2,)), Basis(Part.UNRESOLVED, (5,))),
)


@pytest.mark.parametrize(
    ("part", "text", "lines"),
    [
        (Part.WANTS, "The customer wants their money back for order 4711, which arrived broken.", (1,)),
        (Part.WANTS, "The customer wants 49.90 back for the broken parcel.", (1,)),
        (Part.TRIED, "The bot suggested sending the parcel back and trying the returns page.", (2,)),
        (Part.UNRESOLVED, "The returns page shows an error and ann@example.com waits for an answer.", (3, 5)),
        (Part.UNRESOLVED, "The issue remains unresolved.", (3,)),
    ],
)
def test_a_sentence_that_its_lines_support_holds(part: Part, text: str, lines: tuple[int, ...]):
    assert fault(Claim(part, text, lines), HISTORY) is None


@pytest.mark.parametrize(
    ("part", "text", "lines", "why"),
    [
        (Part.WANTS, "The customer wants their money back.", (), Fault.NO_SUCH_LINES),
        (Part.WANTS, "The customer wants their money back.", (6,), Fault.NO_SUCH_LINES),
        (Part.WANTS, "The customer wants their money back.", (0, 1), Fault.NO_SUCH_LINES),
        (Part.WANTS, "The customer wants 500 back for the broken parcel.", (1,), Fault.FIGURES),
        (Part.WANTS, "The customer wants order 4712 to be sent back, it arrived broken.", (1,), Fault.FIGURES),
        (Part.UNRESOLVED, "The returns page shows an error to bob@example.com.", (3,), Fault.FIGURES),
        (Part.WANTS, "The customer wants to cancel their subscription and leave.", (1,), Fault.WORDS),
        (Part.TRIED, "The bot promised a broken parcel's money back.", (1,), Fault.WRONG_SPEAKER),
        (Part.TRIED, "The bot offered the money back for the broken order.", (1, 2), Fault.WORDS),
        (Part.WANTS, "Refund the money for the broken parcel.", (1,), Fault.ORDERS),
        (Part.WANTS, "The agent must give the money back for the broken parcel.", (1,), Fault.ORDERS),
        (Part.WANTS, "The customer wants <b>money</b> back for the broken parcel.", (1,), Fault.MARKUP),
        (Part.WANTS, "The money for the parcel is at www.example.org.", (1,), Fault.MARKUP),
        (Part.WANTS, "… !", (1,), Fault.EMPTY),
        (Part.WANTS, "money " * 100, (1,), Fault.EMPTY),
    ],
)
def test_a_sentence_that_does_not_hold_says_why(part: Part, text: str, lines: tuple[int, ...], why: Fault):
    assert fault(Claim(part, text, lines), HISTORY) is why


def test_the_drafts_sentence_stands_in_for_the_one_that_does_not_hold_and_each_says_whose_it_is():
    claims = (
        Claim(Part.WANTS, "The customer wants their money back for order 4711.", (1,)),
        Claim(Part.TRIED, "The bot refunded 20.", (2,)),
    )
    told = checked(claims, DRAFT, HISTORY, "a-model", left_out=3)
    assert told.summary is not None
    assert told.summary.sentences == (claims[0].text, *DRAFT.sentences[1:])
    assert [basis.source for basis in told.summary.basis] == ["a-model", "draft", "draft"]
    assert (told.summary.state, told.summary.left_out) == (SummaryState.READY, 3)
    assert told.faults == {Part.TRIED: Fault.FIGURES}


def test_when_nothing_holds_there_is_no_summary():
    assert checked([Claim(Part.WANTS, "Pay 500.", (1,))], DRAFT, HISTORY, "a-model", 0).summary is None


def test_a_summary_in_another_language_is_marked_as_such_when_its_figures_hold_and_dropped_when_it_has_none():
    wants = Claim(Part.WANTS, "The customer wants to cancel order 4711 because it has not arrived.", (1,))
    told = checked([wants], DRAFT, GERMAN, "a-model", 0)
    assert told.summary is not None
    assert told.summary.basis[0].compared is False
    vague = Claim(Part.WANTS, "The customer wants to cancel because it is not what they wanted.", (1,))
    assert fault(vague, GERMAN) is Fault.WORDS
    same = Claim(Part.WANTS, "Der Kunde möchte Bestellung 4711 stornieren, weil sie nicht angekommen ist.", (1,))
    told = checked([same], DRAFT, GERMAN, "a-model", 0)
    assert told.summary is not None
    assert told.summary.basis[0].compared


def test_chinese_is_compared_without_blanks():
    history = (Line(Author.CUSTOMER, "我的订单 88123 还没有到,我想退款", NOW),)
    assert fault(Claim(Part.WANTS, "客户的订单 88123 没有到,想要退款。", (1,)), history) is None
    assert fault(Claim(Part.WANTS, "客户想要修改送货地址和电话号码。", (1,)), history) is Fault.WORDS


def test_hidden_characters_and_card_numbers_do_not_reach_the_agent():
    history = (Line(Author.CUSTOMER, "I paid for the parcel with 4111 1111 1111 1111", NOW),)
    text = "The customer paid\u202e for the parcel with 4111 1111 1111 1111."
    told = checked([Claim(Part.WANTS, text, (1,))], DRAFT, history, "m", 0)
    shown = str(told.summary)
    assert "\u202e" not in shown
    assert "4111 1111" not in shown


@given(
    st.lists(st.text(max_size=200), max_size=6),
    st.text(max_size=300),
    st.lists(st.integers(-3, 9), max_size=14),
    st.sampled_from(Part),
)
def test_any_claim_is_answered_and_a_figure_that_nobody_said_never_holds(
    texts: list[str], text: str, lines: list[int], part: Part
):
    history = tuple(Line(Author.CUSTOMER, said.replace("987654", ""), NOW) for said in texts)
    fault(Claim(part, text, tuple(lines)), history)
    assert fault(Claim(part, f"{text} 987654", tuple(lines)), history) is not None
