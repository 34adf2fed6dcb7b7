"""A folder of Markdown files as a knowledge base: what is read, what is found, what is said of bad files."""

import os
from pathlib import Path

import pytest

import rasa_handoff.knowledge.folder as folder_module
from rasa_handoff.core.errors import NotFound
from rasa_handoff.core.knowledge import Snippet
from rasa_handoff.knowledge import FolderKnowledge


@pytest.fixture(autouse=True)
def looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "_LOOK_EVERY", 0.0)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def found(base: FolderKnowledge, text: str, language: str = "en") -> list[str]:
    return [hit.article.id for hit in base.search(text, language, 5)]


def test_an_article_is_found_by_its_words_in_any_form(tmp_path: Path) -> None:
    write(tmp_path, "refunds.md", "---\ntitle: Refunds\n---\nMoney goes back to the card.\n")
    write(tmp_path, "keys/lost.md", "# Lost keys\n\nWe keep found keys for a year.\n")
    base = FolderKnowledge(tmp_path)
    assert found(base, "Where is the money I was refunded?") == ["refunds"]
    assert found(base, "key") == ["keys/lost"]
    assert base.article("keys/lost").title == "Lost keys"
    assert base.article("keys/lost").body == "We keep found keys for a year."


def test_a_word_in_the_title_counts_more_than_one_in_the_text(tmp_path: Path) -> None:
    write(tmp_path, "text.md", "---\ntitle: Delivery\n---\nA warranty claim and its delivery.\n")
    write(tmp_path, "title.md", "---\ntitle: Warranty\n---\nClaims for what broke and its delivery.\n")
    assert found(FolderKnowledge(tmp_path), "warranty") == ["title", "text"]


def test_a_mistyped_word_still_finds(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "---\ntitle: Warranty\n---\nTwo years.\n")
    assert found(FolderKnowledge(tmp_path), "waranty") == ["a"]


def test_words_that_mean_the_same_find_each_other_and_ignored_ones_nothing(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "---\ntitle: Refunds\n---\nHow they are made, for a kettle too.\n")
    write(tmp_path, "synonyms.txt", "# remark\nrefund, money back\n! kettle\n")
    base = FolderKnowledge(tmp_path)
    assert found(base, "I want my money back") == ["a"]
    assert found(base, "kettle") == []


def test_articles_in_the_customers_language_are_preferred(tmp_path: Path) -> None:
    write(tmp_path, "en.md", "---\ntitle: Refund\n---\nYour refund is paid.\n")
    write(tmp_path, "de.md", "---\ntitle: Erstattung\nlanguage: de\n---\nErstattungen dauern; refund.\n")
    base = FolderKnowledge(tmp_path)
    assert found(base, "refund", "de") == ["de"]
    assert found(base, "Erstattung", "de") == ["de"]
    assert found(base, "refund", "fr") == ["en"]


def test_chinese_is_found_without_blanks_between_words(tmp_path: Path) -> None:
    write(tmp_path, "zh.md", "---\ntitle: 退款\nlanguage: zh\n---\n退款将在五天内到账。\n")
    assert found(FolderKnowledge(tmp_path, "zh"), "我的退款在哪里", "zh") == ["zh"]


def test_marks_stand_at_the_found_words_also_behind_wide_characters(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "---\ntitle: X\n---\nGrößenänderung 💶 und <b>refunds</b> of ünü.\n")
    snippet = FolderKnowledge(tmp_path).search("refund", "en", 1)[0].snippet
    assert [text for text, marked in snippet.parts() if marked] == ["refunds"]
    assert "".join(text for text, _ in snippet.parts()) == snippet.text


def test_a_snippet_in_pieces_is_the_whole_snippet() -> None:
    snippet = Snippet("one two three", ((0, 3), (8, 13)))
    assert snippet.parts() == (("one", True), (" two ", False), ("three", True))
    assert Snippet("plain").parts() == (("plain", False),)


def test_what_changes_in_the_folder_is_found_and_what_goes_is_not(tmp_path: Path) -> None:
    path = write(tmp_path, "a.md", "---\ntitle: Refund\n---\nSoon.\n")
    base = FolderKnowledge(tmp_path)
    assert found(base, "refund") == ["a"]
    write(tmp_path, "a.md", "---\ntitle: Warranty\n---\nTwo years and some.\n")
    assert (found(base, "refund"), found(base, "warranty")) == ([], ["a"])
    path.unlink()
    assert found(base, "warranty") == []
    with pytest.raises(NotFound, match="no article 'a'"):
        base.article("a")


BAD = {
    "closed.md": ("---\ntitle: X\n", 1, "its head is not closed"),
    "yaml.md": ("---\ntitle: X\ntags: [a\n---\ntext\n", 3, "its head is not YAML"),
    "list.md": ("---\n- a\n---\ntext\n", 2, "keys such as `title:`"),
    "key.md": ("---\ntitle: X\nauthor: me\n---\ntext\n", 3, "author: there is no such key; known: title"),
    "tags.md": ("---\ntitle: X\ntags: money\n---\ntext\n", 3, "tags: Input should be a valid list"),
    "url.md": ("---\ntitle: X\nurl: javascript:alert(1)\n---\ntext\n", 3, "url: URL scheme"),
    "title.md": ("only text\n", 1, "it has no title"),
    "empty.md": ("---\ntitle: X\n---\n\n", 3, "it has no text"),
    "nothing.md": ("", 1, "it has no title"),
    "long.md": ("# X\n" + "word " * 50_000, 1, "longer than 200,000 bytes"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_named_with_its_line_and_the_rest_is_found(tmp_path: Path, name: str) -> None:
    write(tmp_path, "good.md", "---\ntitle: Refund\n---\nSoon.\n")
    text, line, said = BAD[name]
    path = write(tmp_path, name, text)
    base = FolderKnowledge(tmp_path)
    (problem,) = base.problems()
    assert problem.startswith(f"{path}, line {line}: ")
    assert said in problem
    assert found(base, "refund") == ["good"]


def test_a_file_that_is_not_utf_8_is_named_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"---\ntitle: X\n---\nGr\xf6\xdfe\n")
    assert "line 4: this is not UTF-8" in FolderKnowledge(tmp_path).problems()[0]


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "outside.md", "---\ntitle: Secret\n---\nNot for agents.\n")
    inside = tmp_path / "kb"
    write(inside, "a.md", "---\ntitle: Refund\n---\nSoon.\n")
    os.symlink(tmp_path / "outside.md", inside / "secret.md")
    os.symlink(tmp_path / "nowhere.md", inside / "broken.md")
    base = FolderKnowledge(inside)
    assert (found(base, "secret"), base.problems()) == ([], ())


def test_a_missing_folder_is_said_and_finds_nothing(tmp_path: Path) -> None:
    base = FolderKnowledge(tmp_path / "kb")
    assert found(base, "refund") == []
    assert "knowledge.folder in handoff.yml" in base.problems()[0]


@pytest.mark.parametrize("text", ["", "   ", "!!! ??", "AND OR NOT (", '"title:', "a" * 100_000, "💥\x00\ud800"])
def test_any_query_is_answered(tmp_path: Path, text: str) -> None:
    write(tmp_path, "a.md", "---\ntitle: Refund\n---\nSoon.\n")
    assert found(FolderKnowledge(tmp_path), text) == []


def test_articles_have_the_address_that_customers_can_read(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "---\ntitle: Refund\n---\nSoon.\n")
    write(tmp_path, "b.md", "---\ntitle: Own\nurl: https://example.org/own\n---\nSoon.\n")
    base = FolderKnowledge(tmp_path, url="https://shop.example/help/{id}")
    assert base.article("a").url == "https://shop.example/help/a"
    assert base.article("b").url == "https://example.org/own"
    assert FolderKnowledge(tmp_path).article("a").url is None
