"""The customer's messages and files reach the topic, each once, as Telegram can show them."""

import pytest

from rasa_handoff.channels.telegram import sending
from rasa_handoff.channels.telegram.channel import TelegramChannel
from rasa_handoff.core.conversation import Attachment, Author
from rasa_handoff.core.errors import Refused, Unreachable
from rasa_handoff.core.takeover import Place
from tests.channels.cases import case, place, said
from tests.channels.telegram.world import Message, TelegramWorld
from tests.channels.vendor import Fault


@pytest.fixture
async def at(channel: TelegramChannel) -> Place:
    return place(await channel.take_over(case(), "e1", again=False))


async def test_the_customers_words_are_shown_as_they_are(
    telegram: TelegramWorld, channel: TelegramChannel, at: Place
) -> None:
    for number, text in enumerate(("<b>bold?</b> & *stars*", "half a pair: \ud83d", "  padded\n")):
        await channel.relay(at, said(text, f"m{number}"), again=False)
    assert telegram.shown(at.key) == ["<b>bold?</b> & *stars*", "half a pair: ?", "padded"]


async def test_somebody_elses_words_have_their_name(
    telegram: TelegramWorld, channel: TelegramChannel, at: Place
) -> None:
    await channel.relay(at, said("I look into it.", author=Author.AGENT), again=False)
    assert telegram.shown(at.key) == ["Otto: I look into it."]


async def test_a_long_message_comes_in_parts_and_whole(
    telegram: TelegramWorld, channel: TelegramChannel, at: Place
) -> None:
    text = "".join(f"word{n} 😀 " for n in range(1000)).strip()
    await channel.relay(at, said(text), again=False)
    shown = telegram.shown(at.key)
    assert len(shown) > 1
    assert " ".join(shown) == text


async def test_a_part_that_arrived_is_not_sent_again(
    telegram: TelegramWorld, channel: TelegramChannel, at: Place
) -> None:
    telegram.faults.extend([None, Fault(500)])
    message = said("a " * 3000)
    with pytest.raises(Unreachable):
        await channel.relay(at, message, again=False)
    await channel.relay(at, message, again=True)
    assert " ".join(telegram.shown(at.key)) == message.text.strip()


@pytest.mark.parametrize(
    ("file", "method"),
    [
        (Attachment("https://files.example/a.png", "image"), "sendPhoto"),
        (Attachment("https://files.example/a.pdf"), "sendDocument"),
        (Attachment("tg://message?chat_id=77&message_id=12", "image"), "copyMessage"),
    ],
)
async def test_a_file_is_shown_as_what_it_is(
    telegram: TelegramWorld, channel: TelegramChannel, at: Place, file: Attachment, method: str
) -> None:
    await channel.relay(at, said("Here", "m1", file), again=False)
    assert [one.method for one in _sent(telegram, at)] == ["sendMessage", method]


@pytest.mark.parametrize(
    "url",
    [
        "https://files.example/a.docx",
        "tg://message?chat_id=77&message_id=404",
        "tg://message?chat_id=x",
        "data:text/plain,hello",
    ],
)
async def test_a_file_that_telegram_does_not_take_is_shown_as_a_link(
    telegram: TelegramWorld, channel: TelegramChannel, at: Place, url: str
) -> None:
    await channel.relay(at, said("", "m1", Attachment(url)), again=False)
    assert telegram.shown(at.key) == [f"[file] {url}"]


async def test_a_file_of_a_host_that_telegram_cannot_reach_is_uploaded(
    telegram: TelegramWorld, channel: TelegramChannel, at: Place
) -> None:
    address = f"{telegram.url}/file/bot{telegram.secrets()['token']}/report.docx"
    telegram.files["report.docx"] = b"the report"
    await channel.relay(at, said("", "m1", Attachment(address)), again=False)
    (message,) = _sent(telegram, at)
    assert message.told["document"] == ("report.docx", b"the report")


@pytest.mark.parametrize("path", ["/nothing", ":9/a"])
async def test_a_file_that_cannot_be_fetched_is_a_link_and_holds_nothing_up(
    telegram: TelegramWorld, channel: TelegramChannel, at: Place, path: str
) -> None:
    url = f"http://127.0.0.1{path}" if path.startswith(":") else f"{telegram.url}{path}"
    await channel.relay(at, said("", "m1", Attachment(url)), again=False)
    assert telegram.shown(at.key) == [f"[file] {url}"]


async def test_a_file_that_takes_too_long_is_a_link(
    telegram: TelegramWorld, channel: TelegramChannel, at: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_PATIENCE", 0.0)
    await channel.relay(at, said("", "m1", Attachment(f"{telegram.url}/slow")), again=False)
    assert telegram.shown(at.key) == [f"[file] {telegram.url}/slow"]


@pytest.mark.parametrize("status", [500, 502, 429])
async def test_what_may_pass_is_told_so(
    telegram: TelegramWorld, channel: TelegramChannel, at: Place, status: int
) -> None:
    telegram.faults.append(Fault(status))
    with pytest.raises(Unreachable):
        await channel.relay(at, said("Hello"), again=False)


async def test_how_long_to_wait_is_read_from_the_answer(
    telegram: TelegramWorld, channel: TelegramChannel, at: Place
) -> None:
    telegram.limit = 31
    with pytest.raises(Unreachable) as told:
        await channel.relay(at, said("Hello"), again=False)
    assert told.value.retry_after == 31


async def test_a_wrong_token_is_refused_and_never_shown(telegram: TelegramWorld, at: Place) -> None:
    telegram.secrets = lambda: {"token": "1:wrong", "secret": "s"}  # type: ignore[method-assign]
    other = telegram.channel()
    with pytest.raises(Refused, match="token") as told:
        await other.relay(at, said("Hello"), again=False)
    assert "1:wrong" not in str(told.value)
    await other.close()


async def test_the_token_is_in_no_log(
    telegram: TelegramWorld, channel: TelegramChannel, at: Place, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        await channel.relay(at, said("Hello"), again=False)
    assert "sendMessage" in caplog.text
    assert telegram.secrets()["token"] not in caplog.text


async def test_nobody_at_the_other_end_is_unreachable(telegram: TelegramWorld, at: Place) -> None:
    other = telegram.channel()
    telegram.close()
    with pytest.raises(Unreachable, match="did not answer"):
        await other.relay(at, said("Hello"), again=False)
    await other.close()


async def test_an_answer_that_is_none_of_telegrams_is_unreachable(
    telegram: TelegramWorld, channel: TelegramChannel, at: Place
) -> None:
    telegram.faults.append(Fault(200))
    with pytest.raises(Unreachable):
        await channel.relay(at, said("Hello"), again=False)


def _sent(telegram: TelegramWorld, at: Place) -> list[Message]:
    return [one for one in telegram.topics[int(at.key)].messages if "parse_mode" not in one.told]
