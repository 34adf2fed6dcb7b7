"""The summary by a language model, over real HTTP: a local server that speaks chat completions, well and badly."""

import asyncio
import json
from collections.abc import Callable

import pytest

from rasa_handoff.core.conversation import Author
from rasa_handoff.core.errors import Unreachable
from rasa_handoff.core.package import Summary, SummaryState
from rasa_handoff.writers.asking import tokens_of
from rasa_handoff.writers.model import LanguageModel, Limits
from rasa_handoff.writers.openai_writer import OpenAIWriter
from scripts.model_server import Model
from tests.writers.packages import DRAFT, GOOD, SAID, SENTENCES, as_json, package

LONG = tuple(
    (Author.CUSTOMER if number % 2 else Author.BOT, f"message {number} {'word ' * 40}") for number in range(1, 1_001)
)


@pytest.fixture(autouse=True)
def answering_well(server: Model) -> None:
    server.content = as_json()


async def summary(server: Model, *said: tuple[Author, str], patience: float = 5.0, budget: int = 4_000) -> Summary:
    client = LanguageModel("test-model", server.url, "secret", Limits(timeout=patience, prompt_tokens=budget))
    try:
        return await OpenAIWriter(client).summarise(package(*said), DRAFT)
    finally:
        await client.close()


async def failure(server: Model, patience: float = 5.0) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        await summary(server, patience=patience)
    return caught.value


def sources(told: Summary) -> list[str]:
    return [basis.source for basis in told.basis]


async def test_a_good_answer_is_three_sentences_each_with_its_lines(server: Model):
    told = await summary(server)
    assert told.sentences == SENTENCES
    assert [basis.lines for basis in told.basis] == [(1,), (2,), (3,)]
    assert (told.state, told.source, sources(told)) == (SummaryState.READY, "test-model", ["test-model"] * 3)


async def test_the_request_is_short_says_what_is_wanted_and_carries_key_model_and_limit(server: Model):
    await summary(server)
    (asked,) = server.asked
    assert server.keys == [("/v1/chat/completions", "Bearer secret")]
    assert (asked["model"], asked["max_tokens"]) == ("test-model", 200)
    assert "what the customer wants, what was tried, and what is still unresolved" in asked["messages"][0]["content"]
    assert asked["response_format"]["json_schema"]["strict"] is True
    assert server.data["lines"][1] == {"line": 2, "by": "bot", "text": SAID[1][1]}


async def test_nothing_private_is_in_the_request(server: Model):
    await summary(server)
    for secret in ("Ann", "Lee", "10391", "ann@example.com", "customer-77", "conversation-1"):
        assert secret.encode() not in server.bodies[0]


async def test_a_sentence_that_cites_what_does_not_support_it_is_the_drafts(server: Model):
    server.content = as_json(
        GOOD[0], ("tried", "The bot refunded 20 dollars.", [2]), ("unresolved", "All is well.", [99])
    )
    told = await summary(server)
    assert told.sentences == (SENTENCES[0], *DRAFT.sentences[1:])
    assert sources(told) == ["test-model", "draft", "draft"]


async def test_an_answer_without_any_supported_sentence_is_a_failure_with_the_draft_left(server: Model):
    server.content = as_json(("wants", "They like music very much.", [1]))
    assert "nothing that the conversation supports" in str(await failure(server))


async def test_cut_json_gives_the_sentences_that_are_whole(server: Model):
    server.content, server.finish_reason = as_json()[:-60], "length"
    told = await summary(server)
    assert told.sentences[:2] == SENTENCES[:2]
    assert told.sentences[2] == DRAFT.sentences[2]


@pytest.mark.parametrize("refuses", [("json_schema",), ("json_schema", "json_object")])
async def test_a_server_without_structured_output_is_asked_for_less(server: Model, refuses: tuple[str, ...]):
    server.refuses = refuses
    if len(refuses) == 2:
        server.content = "Wants: {} [1]\n**Tried**: {} (lines 2)\n- Unresolved: {} [3]".format(
            *(text for _, text, _ in GOOD)
        )
    assert (await summary(server)).sentences == SENTENCES


@pytest.mark.parametrize("around", ["```json\n{}\n```", "Here it is: {} I hope it helps."])
async def test_json_is_found_in_what_is_around_it(server: Model, around: str):
    server.content = around.replace("{}", as_json())
    assert (await summary(server)).sentences == SENTENCES


@pytest.mark.parametrize(
    "content",
    [
        '{"wants": "refund"}',
        '{"wants": {"text": 5, "lines": [1]}}',
        "[1, 2]",
        "Just a sentence without lines.",
        "{}",
        "{",
    ],
)
async def test_an_answer_of_another_shape_is_no_summary(server: Model, content: str):
    server.content = content
    assert "no usable summary" in str(await failure(server))


@pytest.mark.parametrize("lines", ['"1"', "[1.5]", '["1"]', "[true]", "null", "[[1]]"])
async def test_lines_that_are_no_numbers_cite_nothing(server: Model, lines: str):
    server.content = json.dumps({"wants": {"text": GOOD[0][1], "lines": json.loads(lines)}})
    assert "nothing that the conversation supports" in str(await failure(server))


async def test_a_summary_in_a_foreign_language_is_taken_when_its_figures_hold_and_says_so(server: Model):
    wish = "[NAME_1] möchte eine Erstattung für die Bestellung [ID_1], weil das Paket kaputt ist."
    server.content = as_json(("wants", wish, [1]), ("tried", "Der Bot hat eine andere Seite für sie genannt.", [2]))
    told = await summary(server)
    assert (told.basis[0].source, told.basis[0].compared) == ("test-model", False)
    assert told.basis[1].source == "draft"


async def test_a_long_conversation_is_cut_by_importance_within_the_budget_and_what_is_left_out_is_said(server: Model):
    server.content = as_json(("wants", "The customer wrote message 1.", [1]))
    told = await summary(server, *LONG)
    assert tokens_of("".join(message["content"] for message in server.asked[0]["messages"])) <= 4_000
    shown = [line["line"] for line in server.data["lines"] if "line" in line]
    assert {1, 3, 1_000, 999} <= set(shown)
    assert shown == sorted(shown)
    assert told.left_out == 1_000 - len(shown)
    gaps = [line["left_out"] for line in server.data["lines"] if "left_out" in line]
    assert gaps
    assert all(gap.startswith("lines ") for gap in gaps)


async def test_a_line_that_was_not_read_cannot_be_cited(server: Model):
    server.content = as_json(("wants", "The customer wrote message 501.", [501]))
    with pytest.raises(Unreachable, match="nothing that the conversation supports"):
        await summary(server, *LONG)


async def test_text_that_swells_in_the_request_is_cut_further(server: Model):
    swelling = tuple((Author.CUSTOMER, "#12<<<< " * 100 + str(number)) for number in range(100))
    server.content = "{}"
    with pytest.raises(Unreachable, match="no usable summary"):
        await summary(server, *swelling, budget=1_500)
    assert tokens_of("".join(message["content"] for message in server.asked[0]["messages"])) <= 1_500


async def test_a_server_that_is_too_slow_is_given_up_in_time(server: Model):
    server.delay = 30.0
    error = await failure(server, patience=0.2)
    assert "did not answer within 0.2 seconds" in str(error)
    assert error.retry_after is not None
    assert len(server.asked) == 1


async def test_cancelling_a_summary_that_hangs_ends_it(server: Model):
    server.delay = 30.0
    task = asyncio.create_task(summary(server, patience=20.0))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_too_many_requests_keep_the_servers_pause(server: Model):
    server.status, server.headers = 429, {"retry-after": "37"}
    error = await failure(server)
    assert error.retry_after == 37.0
    assert "rate limit" in str(error)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "check"), [(401, "HANDOFF_LLM_API_KEY"), (404, "HANDOFF_LLM_MODEL"), (400, "model")]
)
async def test_a_wrong_setup_says_what_to_check_and_is_not_tried_again(server: Model, status: int, check: str):
    server.status = status
    error = await failure(server)
    assert error.retry_after is None
    assert check in str(error)


async def test_a_server_error_is_worth_another_try(server: Model):
    server.status = 500
    assert (await failure(server)).retry_after is not None


async def test_nobody_listens_there(server: Model):
    server.url = "http://127.0.0.1:9/v1"
    error = await failure(server)
    assert "cannot be reached" in str(error)
    assert error.retry_after is not None


@pytest.mark.parametrize(
    "body", [b"{not json", b"<html>hello</html>", b"[]", b"null", b"{}", b'{"choices": []}', b'{"choices": [{}]}', b""]
)
async def test_an_answer_that_cannot_be_read_says_so(server: Model, body: bytes):
    server.body = body
    assert "cannot be read" in str(await failure(server))


async def test_a_web_page_instead_of_an_api_says_so(server: Model):
    server.body, server.headers = b"<html>hello</html>", {"content-type": "text/html"}
    assert "HANDOFF_LLM_BASE_URL" in str(await failure(server))


@pytest.mark.parametrize("content", [None, "", "  \n", "...", "x" * 5_000])
async def test_an_empty_or_absurd_answer_is_no_summary(server: Model, content: str | None):
    server.content = content
    assert "summary. Check that HANDOFF_LLM_MODEL" in str(await failure(server))


async def test_an_answer_that_was_cut_off_at_once_is_no_summary(server: Model):
    server.content, server.finish_reason = '{"wants"', "length"
    assert "cut off" in str(await failure(server))


def _refused(server: Model) -> None:
    server.refusal = "no"


def _filtered(server: Model) -> None:
    server.finish_reason = "content_filter"


def _sorry(server: Model) -> None:
    server.content = "I'm sorry, but I can't help with that."


@pytest.mark.parametrize("how", [_refused, _filtered, _sorry])
async def test_a_refusal_sends_the_agent_to_the_transcript(server: Model, how: Callable[[Model], None]):
    how(server)
    error = await failure(server)
    assert "Read the transcript" in str(error)
    assert error.retry_after is None
