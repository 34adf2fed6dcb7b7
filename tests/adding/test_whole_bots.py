"""Whole bots as people write them: added to once, complete, and themselves again."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from rasa_handoff.adding import fragment
from rasa_handoff.adding.bot import Bot
from tests.adding.bots import Made
from tests.adding.layouts import domains

CONFIGS = st.sampled_from(
    [
        "language: en\n",
        "policies:\n",
        "policies: ~  # Rasa's own\npipeline:",
        "policies: []",
        "pipeline: []\r\npolicies:\r\n   -   name: RulePolicy\r\n       priority: 6\r\n# the end",
        "policies: [{name: TEDPolicy, epochs: 1},\n  {name: RulePolicy},  # last\n]\n",
    ]
)
ENDPOINTS = st.sampled_from([None, "", "# none", "action_endpoint:\n", "action_endpoint: {url: x}\n", "nlg: {url: y}"])


@settings(max_examples=25, deadline=None)
@given(domain=domains(), config=CONFIGS, endpoints=ENDPOINTS, in_folder=st.booleans())
def test_a_bot_gets_everything_once_and_is_itself_again(
    domain: str, config: str, endpoints: str | None, in_folder: bool
) -> None:
    place = "domain/main.yml" if in_folder else "domain.yml"
    with TemporaryDirectory() as folder:
        bot = Made(Path(folder), {"domain.yml": None, "config.yml": config, "endpoints.yml": endpoints, place: domain})
        bot.add()
        there = Bot(bot.layout)
        for section in fragment.domain():
            assert {piece.name for piece in section.pieces} <= set(there.present[section.key])
        assert {fragment.POLICY, "RulePolicy"} <= there.present_policies
        assert there.present_endpoints["action_endpoint"]["url"]
        assert bot.plan().changes == ()
        bot.remove()
        assert bot.files() == bot.before
