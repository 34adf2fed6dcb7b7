"""The app's manifests are what Slack takes, ask for what the code needs and no more, and are what the guide shows."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from rasa_handoff.channels import slack
from rasa_handoff.channels.slack.configuration import EVENTS, SCOPES

PACKAGE = Path(slack.__file__).parent
GUIDE = Path(__file__).parents[3] / "docs/how-to/channels/slack.md"
MANIFESTS = ["manifest.yml", "manifest_socket_mode.yml"]


def text(most: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": most}


def only(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


URL = {"type": "string", "pattern": "^https?://", "maxLength": 3500}
WORDS = {"type": "array", "items": text(50), "uniqueItems": True, "maxItems": 100}
FLAG = {"type": "boolean"}
SCHEMA = only(
    "display_information",
    display_information=only("name", name=text(35), description=text(140)),
    features=only(bot_user=only("display_name", display_name=text(80), always_online=FLAG)),
    oauth_config=only(scopes=only(bot=WORDS)),
    settings=only(
        event_subscriptions=only(request_url=URL, bot_events=WORDS),
        interactivity=only("is_enabled", is_enabled=FLAG, request_url=URL),
        org_deploy_enabled=FLAG,
        socket_mode_enabled=FLAG,
        token_rotation_enabled=FLAG,
    ),
)
"""Of https://docs.slack.dev/reference/app-manifest what we use."""


@pytest.fixture(params=MANIFESTS)
def manifest(request: pytest.FixtureRequest) -> Any:
    return YAML(typ="safe").load(PACKAGE / request.param)


def test_it_is_what_slack_takes(manifest: Any) -> None:
    jsonschema.validate(manifest, SCHEMA)


def test_it_asks_for_what_the_code_needs_and_no_more(manifest: Any) -> None:
    assert manifest["oauth_config"]["scopes"]["bot"] == sorted(SCOPES)
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == list(EVENTS)
    assert manifest["settings"]["interactivity"]["is_enabled"]
    assert not manifest["settings"]["token_rotation_enabled"]  # we hold one token, and renew none


def test_events_come_by_an_address_or_by_a_socket(manifest: Any) -> None:
    settings = manifest["settings"]
    addresses = [settings[one].get("request_url") for one in ("event_subscriptions", "interactivity")]
    wanted = [None, None] if settings["socket_mode_enabled"] else ["https://desk.example.com/hooks/slack"] * 2
    assert addresses == wanted


@pytest.mark.parametrize("name", MANIFESTS)
def test_the_guide_shows_it(name: str) -> None:
    shown = "".join(f"    {line}" if line.strip() else line for line in (PACKAGE / name).open(encoding="utf-8"))
    assert shown in GUIDE.read_text(encoding="utf-8")


def test_the_guide_names_every_scope_and_says_what_it_is_for() -> None:
    rows = [line for line in GUIDE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert {scope for scope in SCOPES if any(f"`{scope}`" in row for row in rows)} == set(SCOPES)
