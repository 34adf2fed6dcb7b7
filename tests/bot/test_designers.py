"""What the guide for designers shows is trained and tested as it stands. Runs in the bot's environment."""

import unittest

try:
    import rasa
except ImportError:
    raise unittest.SkipTest("Rasa is not in this environment") from None

import asyncio
import pathlib
import re
import tempfile

import rasa.core.test
from rasa.core.agent import Agent
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.model_training import train_core
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.shared.utils.io import read_yaml, write_yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs/how-to/write-stories.md"
# What a bot has that is not of the guide.
OWN = """
version: "3.1"
intents: [greet, affirm, deny, complain, ask_wholesale]
"""
CONFIG = {
    "recipe": "default.v1",
    "assistant_id": "guide",
    "language": "en",
    "pipeline": [],
    "policies": [
        {"name": "rasa_handoff.policy.HandoffPolicy"},
        {"name": "AugmentedMemoizationPolicy", "max_history": 4},
        {"name": "RulePolicy"},
    ],
}
OF_THE_PLUGIN = ("handoff_", "EXTERNAL_handoff_", "utter_handoff_", "action_handoff_", "validate_handoff_")


def blocks(title):
    """The guide's YAML blocks whose title has this in it."""
    found = re.findall(r'^```yaml title="([^"]*)"\n(.*?)^```', GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [read_yaml(text) for name, text in found if title in name]


def plugins(part):
    """What the plugin brings of a part of the reference bot's domain."""
    whole = read_yaml((ROOT / "domain.yml").read_text("utf-8"))[part]
    if isinstance(whole, dict):
        return {name: value for name, value in whole.items() if name.startswith(OF_THE_PLUGIN)}
    named = [(next(iter(one)) if isinstance(one, dict) else one, one) for one in whole]
    return [one for name, one in named if name.startswith(OF_THE_PLUGIN)]


def the_domain():
    parts = ("intents", "entities", "slots", "forms", "responses", "actions")
    shipped = {part: plugins(part) for part in parts}
    for block in blocks("domain.yml"):
        for name in block.get("responses", {}):
            shipped["responses"].pop(name, None)
    domain = Domain.from_yaml(OWN)
    for tree in (shipped, *blocks("domain.yml")):
        domain = domain.merge(Domain.from_dict(dict(tree, version="3.1")))
    return domain


def the_rules():
    """The plugin's, those of the guide in place of those with the same names."""
    written = [rule for block in blocks("rules.yml") for rule in block["rules"]]
    replaced = {rule["rule"] for rule in written}
    shipped = read_yaml((ROOT / "data/handoff/rules.yml").read_text("utf-8"))["rules"]
    return {"version": "3.1", "rules": [rule for rule in shipped if rule["rule"] not in replaced] + written}


class TheGuideForDesigners(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.domain = the_domain()
        cls.domain.persist(cls.folder / "domain.yml")
        write_yaml(CONFIG, cls.folder / "config.yml")
        write_yaml(the_rules(), cls.folder / "rules.yml")
        stories = {"version": "3.1", "stories": [one for block in blocks("tests/") for one in block["stories"]]}
        cls.told = [story["story"] for story in stories["stories"]]
        write_yaml(stories, cls.folder / "stories.yml")
        places = (str(cls.folder / name) for name in ("domain.yml", "config.yml", "rules.yml"))
        cls.agent = Agent.load(train_core(*places, output=str(cls.folder)))

    def assert_goes_so(self, stories):
        test = rasa.core.test.test(str(stories), self.agent, fail_on_prediction_errors=True, disable_plotting=True)
        return asyncio.run(test)

    def test_every_story_goes_as_it_is_told(self):
        self.assertGreaterEqual(len(self.told), 7)
        report = self.assert_goes_so(self.folder / "stories.yml")
        self.assertEqual(report["accuracy"], 1.0)

    def test_a_story_that_does_not_go_so_is_noticed(self):
        other = (
            (self.folder / "stories.yml").read_text("utf-8").replace("action: utter_ask_rating", "action: utter_go_on")
        )
        (self.folder / "other.yml").write_text(other, "utf-8")
        with self.assertRaises(RasaException):
            self.assert_goes_so(self.folder / "other.yml")

    def test_the_text_for_a_reason_is_told_in_the_customers_language(self):
        told = {"de": 0, "en": 1}
        (written,) = [
            texts
            for block in blocks("domain.yml")
            for name, texts in block.get("responses", {}).items()
            if name.startswith("utter_handoff_announce_")
        ]
        generator = TemplatedNaturalLanguageGenerator(self.domain.responses)
        for language, number in told.items():
            tracker = DialogueStateTracker("customer", self.domain.slots)
            tracker.slots["language"].value = language
            said = asyncio.run(generator.generate("utter_handoff_announce_high_frustration", tracker, "rest"))
            self.assertEqual(said["text"], written[number]["text"])


if __name__ == "__main__":
    unittest.main()
