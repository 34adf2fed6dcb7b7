"""handoff.yml: what is right is read, what is wrong is named with file, line and key."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rasa_handoff.core.conversation import Conversation, Turn
from rasa_handoff.core.decision import HandOff, Reason
from rasa_handoff.core.emergency import HINTS
from rasa_handoff.core.errors import SettingsError
from rasa_handoff.core.hours import Span
from rasa_handoff.core.offering import Way
from rasa_handoff.settings import Environment, Mode, load_settings


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "handoff.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    policy = load_settings(written(tmp_path, "")).policy()
    assert (policy.detection.max_turns, policy.detection.confidence_threshold) == (6, 0.4)
    assert policy.detection.frustration_threshold == 0.75
    assert policy.default_department == "support"


def test_the_mode_is_live_unless_the_file_says_shadow(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, "")).mode is Mode.LIVE
    assert load_settings(written(tmp_path, "mode: shadow\n")).mode is Mode.SHADOW


def test_the_projects_own_file_is_valid() -> None:
    settings = load_settings(Path("handoff.yml"))
    assert [agent.id for agent in settings.agents] == ["ana", "ben", "clara"]


def test_offers_are_set_by_reason(tmp_path: Path) -> None:
    text = "offers:\n  on: {high_frustration: hand_off, complex_issue: off}\n  no_intents: [nein]\n"
    offering = load_settings(written(tmp_path, text)).policy().offering
    assert offering.on == {Reason.HIGH_FRUSTRATION: Way.HAND_OFF, Reason.COMPLEX_ISSUE: Way.OFF}
    assert (offering.no_intents, offering.yes_intents) == (("nein",), ("affirm",))


def test_whom_to_call_is_said_in_the_customers_language_else_in_the_bots(tmp_path: Path) -> None:
    text = "language: de\nlanguage_slot: tongue\nemergency:\n  de: die 112 oder die Telefonseelsorge\n"
    policy = load_settings(written(tmp_path, text)).policy()
    assert policy.emergency_hint(Conversation("c", "rest")) == "die 112 oder die Telefonseelsorge"
    assert policy.emergency_hint(Conversation("c", "rest", slots={"tongue": "pt-BR"})) == HINTS["pt"]
    assert policy.emergency_hint(Conversation("c", "rest", slots={"tongue": "tlh"})).startswith("die 112")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("detector:\n  max_turn: 3\n", 2, "detector.max_turn: there is no such setting"),
        ("detector:\n  frustration_off: [loud]\n", 2, "there is no signal 'loud'; known: dissatisfied, sentiment"),
        ("mode: off\n", 1, "mode: Input should be 'live' or 'shadow'"),
        ("language: en\ndetectors: {}\n", 2, "detectors: there is no such setting"),
        ("detector:\n  max_turns: six\n", 2, "detector.max_turns: Input should be a valid integer"),
        ("\nqueue:\n\n  offer_timeout_seconds: -1\n", 4, "queue.offer_timeout_seconds: must be more than 0 (found -1"),
        ("offers:\n  on:\n    policy_required: off\n", 3, "this reason always hands over, without asking"),
        ("offers:\n  on: {high_frustration: maybe}\n", 2, "offers.on.high_frustration: Input should be 'auto'"),
        ("offers:\n  frustration_margin: -0.1\n", 2, "offers.frustration_margin: Input should be greater than or"),
        ("queue: [1, 2]\n", 1, "queue: Input should be"),
        ("departments: []\n", 1, "departments: List should have at least 1 item"),
        ("agents:\n  - id: a\n    name: A\n    department: moon\n", 4, "no department 'moon'; known: support"),
        (
            "departments:\n- id: a\n  name: A\n  fallback:\n  - a\n",
            5,
            "departments.0.fallback.0: a department cannot help itself out",
        ),
        (
            "agents:\n- id: a\n  name: A\n  department: support\n  languages: [en, klingon]\n",
            5,
            "agents.0.languages.1: there is no such language; write a code of ISO 639-1, such as en or pt",
        ),
        ("agents:\n- {id: a, name: A, department: support, max_chats: -1}\n", 2, "agents.0.max_chats: Input should be"),
        ("agents:\n- {id: a, name: A, department: support, skills: {x: 0}}\n", 2, "agents.0.skills.x: Input should be"),
        ("queue:\n  rings:\n  - {after_seconds: 5}\n", 2, "queue.rings: rings must begin with after_seconds: 0"),
        (
            "agents:\n- {id: a, name: A, department: support}\n- {id: a, name: B, department: support}\n",
            3,
            "agents.1.id: 'a' is there twice",
        ),
        (
            "agents:\n- id: a\n  name: A\n  department: support\n  max_chats: 0\n",
            5,
            "agents.0.max_chats: Input should be",
        ),
        (
            "routing:\n- department: support\n  reasons: [angry]\n",
            3,
            "routing.0.reasons.0: there is no such reason; known: customer_requested",
        ),
        ("routing:\n- department: legal\n", 2, "routing.0.department: there is no department 'legal'"),
        ("detector:\n  max_turns: [\n", 3, "this is not YAML"),
        ("detector:\n\tmax_turns: 3\n", 2, "this is not YAML"),
        ("a: 1\na: 2\n", 2, "this is not YAML"),
        ("- just\n- a list\n", 1, "expected keys"),
    ],
)
def test_what_is_wrong_is_named_with_file_line_and_key(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert str(caught.value).startswith(f"{path}, line {line}: ")
    assert said in str(caught.value)


def test_a_missing_file_says_how_to_name_another(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no such file.*HANDOFF_CONFIG"):
        load_settings(tmp_path / "nothing.yml")


def test_the_first_matching_route_wins(tmp_path: Path) -> None:
    text = """
departments: [{id: support, name: Support}, {id: trust, name: Trust}]
routing:
- {department: trust, reasons: [policy_required], priority: 5, skills: [privacy]}
- {department: support, priority: 1}
"""
    policy = load_settings(written(tmp_path, text)).policy()
    need, priority = policy.route(HandOff(Reason.POLICY_REQUIRED, ()), Conversation("c", "rest"))
    assert (need.department, need.skills, priority) == ("trust", {"privacy": 1}, 5)
    need, priority = policy.route(HandOff(Reason.LOW_CONFIDENCE, ()), Conversation("c", "rest"))
    assert (need.department, priority) == ("support", 1)


def test_a_route_by_intent_looks_past_the_request_for_a_human(tmp_path: Path) -> None:
    text = """
departments: [{id: support, name: Support}, {id: returns, name: Returns}]
routing:
- {department: returns, intents: [ask_refund]}
"""
    turns = tuple(
        Turn(intent, "...", datetime(2026, 1, 1, tzinfo=UTC), intent=intent)
        for intent in ("greet", "ask_refund", "nlu_fallback", "request_human")
    )
    policy = load_settings(written(tmp_path, text)).policy()
    need, _ = policy.route(HandOff(Reason.CUSTOMER_REQUESTED, ()), Conversation("c", "rest", turns))
    assert need.department == "returns"


def test_the_language_comes_from_the_bots_slot_when_it_has_one(tmp_path: Path) -> None:
    policy = load_settings(written(tmp_path, "language_slot: lang\nlanguage: de\n")).policy()
    decision = HandOff(Reason.LOW_CONFIDENCE, ())
    assert policy.route(decision, Conversation("c", "rest", slots={"lang": "pt"}))[0].language == "pt"
    assert policy.route(decision, Conversation("c", "rest", slots={"lang": None}))[0].language == "de"


def test_secrets_never_show_when_the_environment_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOFF_RASA_TOKEN", "do-not-show")
    monkeypatch.setenv("OPENAI_API_KEY", "nor-this")
    environment = Environment()
    assert environment.rasa_token is not None
    assert environment.rasa_token.get_secret_value() == "do-not-show"
    assert "do-not-show" not in repr(environment)
    assert "nor-this" not in repr(environment)


def hours(text: str) -> str:
    return f"departments:\n- id: support\n  name: Support\n  hours:\n    zone: Europe/Berlin\n    week: {text}\n"


def test_business_hours_are_read_by_department(tmp_path: Path) -> None:
    text = hours("{mon-fri: 09:00-17:00, sat: [13:00-14:00, 10:00-12:00]}") + "    holidays: [2026-12-25]\n"
    policy = load_settings(written(tmp_path, text)).policy()
    assert policy.hours["support"].week[4] == (Span(540, 1020),)
    assert policy.hours["support"].week[5:] == ((Span(600, 720), Span(780, 840)), ())
    assert policy.hours["support"].holidays == {date(2026, 12, 25)}
    assert (policy.zone_of("support"), policy.zone_of("other")) == ("Europe/Berlin", "UTC")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (hours("{mon: 17:00-09:00}"), 6, "week.mon: ends before it starts"),
        (hours("{mon: 22:00-02:00}"), 6, "hours over midnight are two"),
        (hours("{mon: [09:00-12:00, 11:00-13:00]}"), 6, "two of these overlap"),
        (hours("{mon-fri: 09:00-12:00, fri: 13:00-14:00}"), 6, "fri is there twice"),
        (hours("{monday: 09:00-12:00}"), 6, "there is no such day"),
        (hours("{sat-mon: 09:00-12:00}"), 6, "ends before it starts"),
        (hours("{mon: 9-17}"), 6, "write hours such as 09:00-17:30"),
        (hours("{mon: 09:00-24:30}"), 6, "there is no such time of day"),
        (hours("{mon: 540}"), 6, "write 09:00-17:00, or a list"),
        (hours("{mon: []}"), 6, "write 09:00-17:00, or a list"),
        (hours("{}"), 6, "week: Dictionary should have at least 1 item"),
        (hours("{mon: 09:00-17:00}").replace("Berlin", "Berlon"), 5, "zone: there is no such time zone"),
        (
            hours("{mon: 09:00-17:00}") + "    holidays:\n    - 2026-12-25\n    - 2026-02-30\n",
            9,
            "there is no such date",
        ),
        ("time_zone: Mars\n", 1, "time_zone: there is no such time zone"),
    ],
)
def test_wrong_business_hours_are_named_with_their_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, text))
    assert f"handoff.yml, line {line}: " in str(caught.value)
    assert said in str(caught.value)


def test_which_slots_and_entities_are_details_is_the_designers_choice(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, "")).policy().shows.entities is None
    text = "detail_slots: [plan]\ndetail_entities: [colour]\n"
    shows = load_settings(written(tmp_path, text)).policy().shows
    assert (shows.slots, shows.entities) == (("plan",), {"colour"})


def test_a_phone_region_is_a_countrys_code(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, "phone_region: DE\n")).phone_region == "DE"
    with pytest.raises(SettingsError, match=r"line 2: phone_region"):
        load_settings(written(tmp_path, "language: de\nphone_region: Germany\n"))
