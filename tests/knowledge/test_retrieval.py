"""The reference shop's articles are found by what customers ask, in words of their own."""

import json
from pathlib import Path
from typing import Any

import pytest

from rasa_handoff.knowledge import FolderKnowledge
from rasa_handoff.knowledge.articles import plain

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent


def questions(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def shop() -> FolderKnowledge:
    return FolderKnowledge(ROOT / "kb")


@pytest.mark.parametrize("name", ["questions.jsonl", "development.jsonl"])
def test_the_right_article_is_among_the_first_three(shop: FolderKnowledge, name: str) -> None:
    asked = questions(name)
    assert len(asked) >= 120
    found = [one["article"] in {hit.article.id for hit in shop.search(one["question"], "en", 3)} for one in asked]
    assert sum(found) / len(found) >= 0.85


def test_every_article_has_a_length_worth_reading_and_a_question_of_its_own(shop: FolderKnowledge) -> None:
    assert shop.problems() == ()
    ids = {path.stem for path in (ROOT / "kb").glob("*.md")}
    assert len(ids) >= 40
    assert {one["article"] for one in questions("questions.jsonl")} == ids
    for article in map(shop.article, ids):
        assert 90 <= len(plain(article.body).split()) <= 400, article.id


def test_the_questions_are_not_lines_of_the_articles(shop: FolderKnowledge) -> None:
    for one in questions("questions.jsonl"):
        article = shop.article(one["article"])
        lines = {line.lower().strip(" ?.!") for line in (article.title, *article.questions)}
        assert one["question"].lower().strip(" ?.!") not in lines
        assert one["question"].lower() not in plain(article.body).lower()
