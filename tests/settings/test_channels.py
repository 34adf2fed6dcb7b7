"""The channels of handoff.yml: each kind knows what its entry looks like, and says where it is wrong."""

import base64
from pathlib import Path

import pytest

from rasa_handoff.channels.registry import kinds
from rasa_handoff.core.errors import SettingsError
from rasa_handoff.core.takeover import Takeover
from rasa_handoff.relay import Links
from rasa_handoff.settings import Environment, load_environment, load_settings
from rasa_handoff.settings.channels import channels_of
from rasa_handoff.wiring import channel_of

KEY = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
HUB = """\
departments:
  - {id: support, name: Support}
  - {id: billing, name: Billing}
channels:
  - id: hub
    type: webhook
    url: https://hub.example.com/desk
    departments: [billing]
"""


def load(tmp_path: Path, text: str):
    file = tmp_path / "handoff.yml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def test_a_channel_is_one_of_the_takeovers_that_handoffs_start_with(tmp_path: Path) -> None:
    settings = load(tmp_path, HUB)
    takeovers = settings.policy().rules.takeovers
    assert takeovers == (Takeover("hub", frozenset({"billing"}), external=True),)


def test_a_platform_that_owns_conversations_serves_its_own_customers_unless_told_otherwise() -> None:
    owners = [kind for kind in kinds().values() if kind.capabilities.owns]
    assert owners
    for kind in owners:
        assert kind.customers, f"{kind.name} owns conversations, of which channel of Rasa?"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("type: webhook", "type: pigeon"), "line 6: channels.0.type: there is no kind of channel 'pigeon'; known:"),
        (("[billing]", "[sales]"), "line 8: channels.0.departments.0: there is no department 'sales'"),
        (("url: https://hub.example.com/desk", "url: nowhere"), "line 7: channels.0.url:"),
        (("    url:", "    ulr:"), "channels.0"),
        (("id: hub", "id: 'the hub'"), "line 5: channels.0.id:"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, HUB.replace(*change))
    assert said in str(caught.value)


def test_two_channels_have_two_ids(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is there twice"):
        load(tmp_path, HUB + "  - {id: hub, type: webhook, url: 'https://other.example.com'}\n")


def made(tmp_path: Path, environment: Environment):
    ((kind, settings),) = channels_of(load(tmp_path, HUB).channels)
    return channel_of(environment, kind, settings, Links("https://desk.example.com", "x"))


def test_a_channel_without_its_secret_says_which_and_where_it_is_found(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"'hub' lacks secrets in HANDOFF_CHANNEL_SECRETS: key \(signs"):
        made(tmp_path, Environment())


def test_a_secret_that_no_channel_has_is_a_slip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOFF_CHANNEL_SECRETS", f'{{"hub": {{"key": "{KEY}", "tokn": "x"}}}}')
    with pytest.raises(SettingsError, match="has no secret 'tokn'; known: key"):
        made(tmp_path, load_environment())


def test_secrets_come_from_the_environment_and_are_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOFF_CHANNEL_SECRETS", f'{{"hub": {{"key": "{KEY}"}}}}')
    environment = load_environment()
    assert made(tmp_path, environment).id == "hub"
    assert KEY not in repr(environment)


@pytest.mark.parametrize("value", ["desk.example.com", "ftp://desk", "https://desk.example.com/?a=b"])
def test_the_public_address_is_one(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HANDOFF_PUBLIC_URL", value)
    with pytest.raises(SettingsError, match="HANDOFF_PUBLIC_URL is wrong"):
        load_environment()
