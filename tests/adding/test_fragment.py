"""What the package brings to a bot is what the reference bot uses, and what Rasa takes by default."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from rasa_handoff.adding import fragment
from rasa_handoff.adding.layout import layout
from rasa_handoff.adding.plan import adding
from scripts import fragment as made

ROOT = Path(__file__).parents[2]


def read(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def test_the_packages_fragment_is_made_from_the_reference_bot_as_it_is() -> None:
    for path, text in made.files().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is stale; run: python -m scripts.fragment"


def test_it_says_of_each_name_what_the_reference_bot_says() -> None:
    reference = read(ROOT / "domain.yml")
    for section in fragment.domain():
        assert section.pieces
        for piece in section.pieces:
            there = reference[section.key]
            assert piece.value in there if section.is_list else piece.value == there[piece.name]


def test_the_reference_bot_uses_our_policy_and_whatever_our_actions_may_say_is_in_the_fragment() -> None:
    assert {"name": fragment.POLICY} in read(ROOT / "config.yml")["policies"]
    responses = next(section for section in fragment.domain() if section.key == "responses")
    assert {name for name in read(ROOT / "domain.yml")["responses"] if name.startswith("utter_handoff")} == {
        piece.name for piece in responses.pieces
    }


def test_the_policies_that_are_written_out_are_rasas_own_defaults() -> None:
    (rasas,) = [
        *ROOT.glob(".venv-bot/lib/python*/site-packages/rasa/engine/recipes/config_files/default_config.yml")
    ] or [pytest.skip("Rasa's environment is missing")]
    assert [piece.value for piece in fragment.policies(defaults=True, rules=False).pieces[:-1]] == read(rasas)[
        "policies"
    ]


def test_the_reference_bot_lacks_nothing_that_is_added_to_others() -> None:
    assert adding(layout(ROOT)).changes == ()


def test_each_entry_stands_by_itself() -> None:
    for section in fragment.domain():
        for piece in section.pieces:
            alone = YAML(typ="safe").load("\n".join(piece.lines))
            assert alone == [piece.value] if section.is_list else alone == {piece.name: piece.value}
