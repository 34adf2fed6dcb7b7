"""What `add` writes into bots of every shape, and that it can all be taken out again."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rasa_handoff.adding import fragment
from rasa_handoff.adding.inserting import whole_file
from rasa_handoff.adding.layout import layout
from rasa_handoff.core.errors import BadInput
from rasa_handoff.settings import load_settings
from rasa_handoff.stores.migrations import upgrade
from tests.adding.bots import ACTIONS, CONFIG, DOMAIN, USUAL, Made

OURS = "rasa_handoff.policy.HandoffPolicy"
SHAPES: dict[str, dict[str, str | None]] = {
    "usual": {},
    "a domain in a folder": {
        "domain.yml": None,
        "domain/base.yml": DOMAIN,
        "domain/more/slots.yml": "slots:\n  city:\n    type: text\n    mappings: []\n",
    },
    "an action module instead of a package": {
        "actions/__init__.py": None,
        "actions/actions.py": None,
        "actions.py": ACTIONS,
    },
    "an action module without a last line break": {
        "actions/__init__.py": None,
        "actions/actions.py": None,
        "actions.py": ACTIONS.rstrip(),
    },
    "no actions at all": {"actions/__init__.py": None, "actions/actions.py": None, "endpoints.yml": None},
    "endpoints without an action server": {
        "endpoints.yml": "# none\n#action_endpoint:\n#  url: x\ntracker_store:\n  type: x"
    },
    "empty endpoints": {"endpoints.yml": ""},
    "no policies": {"config.yml": "language: en\npipeline:\n# # chosen by Rasa\n#   - name: WhitespaceTokenizer\n"},
    "policies left to Rasa": {
        "config.yml": "language: en\npipeline:\n\npolicies:\n# # chosen by Rasa\n#   - name: TEDPolicy\n"
    },
    "policies that are null": {"config.yml": "language: en\npipeline: null\npolicies: null"},
    "policies in brackets": {"config.yml": "policies: [{name: RulePolicy}, {name: TEDPolicy}]\n"},
    "windows line breaks": {name: (text or "").replace("\n", "\r\n") for name, text in USUAL.items()},
    "byte order marks": {name: "\ufeff" + (text or "") for name, text in USUAL.items() if name.endswith(".yml")},
    "no data yet": {"data/rules.yml": None},
    "a domain of nothing": {"domain.yml": "# to come"},
    "names that are taken": {"data/handoff/rules.yml": "version: '3.1'\n", "actions/handoff.py": ACTIONS},
    "settings already": {"handoff.yml": "language: en\n"},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_bot_gets_what_a_handoff_needs_once_and_is_itself_again(shape: str, tmp_path: Path) -> None:
    bot = Made(tmp_path, SHAPES[shape])
    assert bot.add().changes
    has_what_is_needed(bot)
    assert bot.plan().changes == ()
    bot.remove()
    assert bot.files() == bot.before
    assert bot.remove().changes == ()


def has_what_is_needed(bot: Made) -> None:
    domain = [bot.tree(str(path.relative_to(bot.folder))) for path in bot.layout.domain_files()]
    for section in fragment.domain():
        there = {name for tree in domain for name in names(tree.get(section.key))}
        assert {piece.name for piece in section.pieces} <= there
    policies = [one["name"] for one in bot.tree("config.yml")["policies"]]
    assert policies.count(OURS) == 1
    assert "RulePolicy" in policies
    assert bot.tree("endpoints.yml")["action_endpoint"]["url"]
    assert any("rasa_handoff.actions" in path.read_text(encoding="utf-8") for path in bot.layout.action_files())
    rules = [path for path in bot.layout.data_files() if "action_handoff_resume" in path.read_text(encoding="utf-8")]
    assert len(rules) == 1
    load_settings(bot.folder / "handoff.yml")


def names(section: Any) -> list[str]:
    return [next(iter(one)) if isinstance(one, dict) else one for one in section or ()]


def test_the_policies_that_rasa_would_take_by_itself_stay_in_effect(tmp_path: Path) -> None:
    bot = Made(tmp_path, {"config.yml": "language: en\npipeline:\npolicies:\n"})
    bot.add()
    assert [one["name"] for one in bot.tree("config.yml")["policies"]] == [
        "MemoizationPolicy",
        "RulePolicy",
        "UnexpecTEDIntentPolicy",
        "TEDPolicy",
        OURS,
    ]


def test_a_bot_without_a_rule_policy_gets_one_that_leaves_its_fallback_alone(tmp_path: Path) -> None:
    bot = Made(tmp_path, {"config.yml": "policies:\n  - name: TEDPolicy\n"})
    assert "no RulePolicy" in bot.told()
    bot.add()
    assert {"name": "RulePolicy", "enable_fallback_prediction": False} in bot.tree("config.yml")["policies"]


def test_the_diff_of_what_is_there_has_added_lines_only(tmp_path: Path) -> None:
    for change in Made(tmp_path).plan().changes:
        if change.before is not None:
            kept = iter(change.after.splitlines() if change.after else [])
            assert all(line in kept for line in change.before.splitlines())


def test_a_fallback_of_the_bots_own_stays_the_only_one(tmp_path: Path) -> None:
    own = ACTIONS.replace("action_hello", "action_default_fallback")
    bot = Made(tmp_path, {"actions/actions.py": own})
    assert "its own action_default_fallback" in bot.told()
    bot.add()
    assert "rasa_handoff.actions.fallback" not in bot.text("actions/handoff.py")
    assert "action_default_fallback" not in bot.tree("domain.yml")["actions"]


@pytest.mark.parametrize("shape", ["usual", "an action module instead of a package", "no actions at all"])
def test_the_action_server_serves_every_action_that_was_added_to_the_domain(shape: str, tmp_path: Path) -> None:
    bot = Made(tmp_path, SHAPES[shape])
    bot.add()
    upgrade(f"sqlite:///{tmp_path}/handoff.sqlite")
    load = "import rasa_sdk.executor as e; x = e.ActionExecutor(); x.register_package('actions'); print(*x.actions)"
    command = [sys.executable, "-W", "ignore", "-c", load]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert set(bot.tree("domain.yml")["actions"]) <= set(done.stdout.split())


def test_what_somebody_wrote_elsewhere_meanwhile_stays_when_we_go(tmp_path: Path) -> None:
    bot = Made(tmp_path)
    bot.add()
    domain = tmp_path / "domain.yml"
    domain.write_text(bot.text("domain.yml").replace("  - affirm\n", "  - affirm\n  - deny\n"), encoding="utf-8")
    assert not bot.remove().advice
    assert bot.text("domain.yml") == DOMAIN.replace("  - affirm\n", "  - affirm\n  - deny\n")


def test_lines_of_ours_that_somebody_changed_are_named_when_they_go(tmp_path: Path) -> None:
    bot = Made(tmp_path)
    bot.add()
    domain = tmp_path / "domain.yml"
    domain.write_text(bot.text("domain.yml").replace("You're now talking to", "Here comes"), encoding="utf-8")
    assert bot.plan().changes == ()
    assert "domain.yml: lines of ours were changed" in bot.remove().advice[0].what
    assert bot.files() == bot.before


def test_a_tool_that_took_our_comments_away_is_noticed_when_we_should_go(tmp_path: Path) -> None:
    bot = Made(tmp_path)
    bot.add()
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(line for line in lines if "rasa-handoff" not in line or ":" in line.partition("#")[0]))
    domain = tmp_path / "domain.yml"
    domain.write_text("".join(line.partition("  # >>>")[0].rstrip() + "\n" for line in domain.read_text().splitlines()))
    plan = bot.remove()
    assert plan.changes == ()
    assert "without the comments" in plan.advice[0].what


def test_settings_that_somebody_changed_stay_when_we_go(tmp_path: Path) -> None:
    bot = Made(tmp_path)
    bot.add()
    settings = tmp_path / "handoff.yml"
    settings.write_text(settings.read_text().replace("max_turns: 6", "max_turns: 9"), encoding="utf-8")
    assert "handoff.yml was changed" in bot.remove().advice[0].what
    assert "max_turns: 9" in settings.read_text()
    settings.unlink()
    assert bot.files() == bot.before


def test_a_rule_that_somebody_changed_in_our_file_stays_when_adding_again(tmp_path: Path) -> None:
    bot = Made(tmp_path)
    bot.add()
    rules = tmp_path / "data/handoff/rules.yml"
    changed = rules.read_text().replace(
        "  - action: action_handoff_resume", "  - action: action_handoff_resume\n  - action: utter_greet"
    )
    rules.write_text(changed, encoding="utf-8")
    plan = bot.plan()
    assert plan.changes == ()
    assert "rules.yml was changed since it was added" in plan.advice[-1].what


def test_what_somebody_wrote_beside_our_lines_in_a_file_of_ours_stays(tmp_path: Path) -> None:
    bot = Made(tmp_path)
    bot.add()
    rules, more = tmp_path / "data/handoff/rules.yml", tmp_path / "data/handoff/more.yml"
    rules.write_text(rules.read_text() + "- rule: mine\n  steps: []\n", encoding="utf-8")
    more.write_text("version: '3.1'\n")
    assert bot.plan().changes == ()
    assert "something of yours" in bot.remove().advice[0].what
    assert rules.read_text() == "- rule: mine\n  steps: []\n"
    assert more.exists()


def test_line_breaks_that_a_tool_has_changed_are_no_change(tmp_path: Path) -> None:
    bot = Made(tmp_path)
    bot.add()
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    plan = bot.plan()
    assert plan.changes == ()
    assert not bot.remove().advice
    assert bot.files() == {name: content.replace(b"\n", b"\r\n") for name, content in bot.before.items()}


def test_an_older_versions_file_is_brought_up_to_date(tmp_path: Path) -> None:
    bot = Made(tmp_path)
    bot.add()
    rules = tmp_path / "data/handoff/rules.yml"
    newest = rules.read_text()
    rules.write_text(whole_file(["version: '3.1'", "rules: []"]) + "# mine\n", encoding="utf-8")
    bot.add()
    assert rules.read_text() == newest + "# mine\n"


def test_a_name_that_an_older_version_did_not_bring_is_added(tmp_path: Path) -> None:
    bot = Made(tmp_path)
    bot.add()
    text = bot.text("domain.yml").replace("  - handoff_choose\n", "")
    (tmp_path / "domain.yml").write_text(text, encoding="utf-8")
    bot.add()
    assert names(bot.tree("domain.yml")["intents"]).count("handoff_choose") == 1
    bot.remove()
    assert bot.files() == bot.before


def test_other_places_are_taken_as_the_command_line_names_them(tmp_path: Path) -> None:
    moved = {"domain.yml": None, "config.yml": None, "domains/a.yml": DOMAIN, "conf/rasa.yml": CONFIG}
    bot = Made(tmp_path, moved, domain=Path("domains"), config=Path("conf/rasa.yml"), data=Path("train"))
    bot.add()
    assert (tmp_path / "domains/handoff.yml").exists()
    assert (tmp_path / "train/handoff/rules.yml").exists()
    assert OURS in bot.text("conf/rasa.yml")
    assert "rasa train --domain domains --data train" in bot.told()
    bot.remove()
    assert bot.files() == bot.before


def test_yes_and_no_and_what_agents_may_want_to_see_are_found_in_the_domain(tmp_path: Path) -> None:
    domain = "intents: [affirm, deny, 'no']\nslots: {city: {type: text, mappings: []}}\n"
    bot = Made(tmp_path, {"domain.yml": domain})
    bot.add()
    settings = load_settings(tmp_path / "handoff.yml")
    assert (settings.offers.yes_intents, settings.offers.no_intents) == (["affirm"], ["deny", "no"])
    assert "Yours: city" in bot.text("handoff.yml")


def test_settings_that_are_there_stay_and_what_they_do_not_hear_is_told(tmp_path: Path) -> None:
    settings = "detector: {request_intents: [live_agent]}\n"
    bot = Made(tmp_path, {"handoff.yml": settings, "domain.yml": "intents: [live_agent, talk_to_human]\n"})
    assert "request_intents lacks talk_to_human ->" in bot.told()
    bot.add()
    assert bot.text("handoff.yml") == settings


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"domain.yml": None}, "there is no .*domain.yml"),
        ({"config.yml": None}, "there is no .*config.yml"),
        ({"domain.yml": "version: '2.0'\n"}, "rasa data migrate"),
        ({"config.yml": "recipe: graph.v1\n"}, "graph.v1"),
        ({"config.yml": "policies: [{name: FlowPolicy}]\n"}, "Rasa Pro"),
        ({"domain.yml": "slots:\n  handoff: {type: text}\n"}, "own slot handoff"),
        ({"domain.yml": "intents: [\n"}, "domain.yml, line 2: this is not YAML"),
        ({"domain.yml": "# >>> rasa-handoff 12345678\nintents: []\n"}, "lost its other half"),
    ],
)
def test_a_bot_that_it_cannot_be_added_to_is_refused_with_what_to_do(
    changes: dict[str, str | None], told: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=told):
        Made(tmp_path, changes).plan()


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    bot = Made(tmp_path)
    (tmp_path / "domain.yml").write_bytes("intents: [grüß]\n".encode("latin-1"))
    with pytest.raises(BadInput, match="not UTF-8"):
        bot.plan()


def test_links_are_followed_and_round_in_no_circle(tmp_path: Path) -> None:
    bot = Made(tmp_path / "bot", {"domain.yml": None, "domain/a.yml": DOMAIN})
    (tmp_path / "bot/domain/again").symlink_to("..")
    (tmp_path / "more").mkdir()
    (tmp_path / "more/b.yml").write_text("intents: [talk_to_human]\n")
    (tmp_path / "bot/domain/more").symlink_to("../../more")
    assert "talk_to_human" in bot.told()


def test_a_folder_that_is_not_there_is_no_bot(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no folder"):
        layout(tmp_path / "nowhere")
