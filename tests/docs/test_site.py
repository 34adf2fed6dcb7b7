"""The documentation site builds, everything on it can be reached, and what it tells people to type exists."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import tomllib
import typer.main
from ruamel.yaml import YAML

from rasa_handoff.cli import app
from rasa_handoff.core.conversation import Conversation, Turn
from rasa_handoff.core.decision import HandOff, Reason
from rasa_handoff.core.errors import SettingsError
from rasa_handoff.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
WRITTEN = [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


ELSEWHERE = ("there is no department", "there is no kind of channel 'acme'")
"""What an example may leave out: departments of another part of the file, and the kind that a guide's reader adds."""


def named(pages: list[Path]) -> dict[str, Any]:
    return {"argvalues": pages, "ids": [str(page.relative_to(ROOT)) for page in pages]}


def blocks(page: Path, language: str) -> list[str]:
    """The page's fenced blocks of a language."""
    fenced = rf"^```{language}(?: [^\n]*)?\n(.*?)^```"
    return re.findall(fenced, page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_every_page_is_in_the_navigation_and_no_other() -> None:
    nav = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]["nav"]
    assert sorted(leaves(nav)) == [str(page.relative_to(DOCS)) for page in PAGES]


def leaves(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    else:
        for child in node.values() if isinstance(node, dict) else node:
            yield from leaves(child)


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    shutil.copytree(DOCS, tmp_path / "docs")
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    command = [str(Path(sys.executable).with_name("zensical")), "build", "--strict"]
    built = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    assert {page.with_suffix(".html").name for page in PAGES} <= {made.name for made in tmp_path.rglob("*.html")}


@pytest.mark.parametrize("page", **named(WRITTEN))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://|mailto:)([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        if anchor:
            assert anchor in anchors(found), target


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", **named(WRITTEN))
def test_commands_in_the_text_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)) <= targets
    command = typer.main.get_command(app)
    known = set(command.commands)  # type: ignore[attr-defined]
    text += "".join(f"`{line}" for block in blocks(page, "sh") for line in block.splitlines())
    assert set(re.findall(r"`rasa-handoff ([a-z]+)", text)) <= known


@pytest.mark.parametrize("page", **named(WRITTEN))
def test_settings_in_examples_are_settings(page: Path, tmp_path: Path) -> None:
    for block in blocks(page, "yaml"):
        tree = YAML(typ="safe").load(block)
        if isinstance(tree, dict) and set(tree) & set(Settings.model_fields):
            assert set(tree) <= set(Settings.model_fields), block
            (tmp_path / "handoff.yml").write_text(block, encoding="utf-8")
            problem = problem_of(tmp_path / "handoff.yml")
            assert problem is None or any(words in problem for words in ELSEWHERE), block


def problem_of(settings: Path) -> str | None:
    try:
        load_settings(settings)
    except SettingsError as error:
        return str(error)
    return None


@pytest.mark.parametrize("page", **named(WRITTEN))
def test_python_in_examples_compiles(page: Path) -> None:
    for block in blocks(page, "python"):
        compile(block, str(page), "exec")


def test_the_department_of_the_designers_guide_is_the_one_that_is_found(tmp_path: Path) -> None:
    (settings,) = (block for block in blocks(DOCS / "how-to/write-stories.md", "yaml") if "routing:" in block)
    (tmp_path / "handoff.yml").write_text(settings, encoding="utf-8")
    policy = load_settings(tmp_path / "handoff.yml").policy()
    for intent, department in {"ask_wholesale": "wholesale", "complain": "support"}.items():
        turn = Turn("m1", "do you have prices for shops?", datetime.now(UTC), intent=intent, confidence=0.9)
        need, _ = policy.route(HandOff(Reason.CUSTOMER_REQUESTED, ()), Conversation("c1", "rest", (turn,)))
        assert need.department == department
