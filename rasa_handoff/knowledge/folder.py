"""A folder of Markdown files as a knowledge base: `ports.KnowledgeBase`. It is read again when a file changes."""

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

import structlog

from rasa_handoff.core.errors import BadInput, NotFound
from rasa_handoff.core.knowledge import Article, Hit
from rasa_handoff.knowledge.articles import read
from rasa_handoff.knowledge.index import LanguageIndex, Wording

SYNONYMS = "synonyms.txt"
_LOOK_EVERY = 1.0  # seconds between looks at the folder

log = structlog.get_logger()

Signature = frozenset[tuple[Path, int, int]]


@dataclass(frozen=True, slots=True)
class _Library:
    """What was read at one time."""

    signature: Signature
    articles: dict[str, Article]
    indexes: dict[str, LanguageIndex]
    problems: tuple[str, ...]


class FolderKnowledge:
    """Safe from several threads.

    `language` is that of articles which name none. `url` is where customers read an article that names no address
    itself, with `{id}` for its id.
    """

    def __init__(self, folder: Path, language: str = "en", url: str | None = None) -> None:
        self._folder, self._language, self._url = folder, language, url
        self._reading = Lock()
        self._library: _Library | None = None
        self._looked = 0.0

    def search(self, text: str, language: str, limit: int) -> tuple[Hit, ...]:
        """See `ports.KnowledgeBase.search`."""
        indexes = self._now().indexes
        index = indexes.get(language) or indexes.get(self._language)
        return index.search(text, limit) if index else ()

    def article(self, article_id: str) -> Article:
        """See `ports.KnowledgeBase.article`."""
        found = self._now().articles.get(article_id)
        if found is None:
            raise NotFound(f"There is no article {article_id!r} (any more).")
        return found

    def problems(self) -> tuple[str, ...]:
        """See `ports.KnowledgeBase.problems`."""
        return self._now().problems

    def _now(self) -> _Library:
        library = self._library
        if library is not None and time.monotonic() - self._looked < _LOOK_EVERY:
            return library
        with self._reading:
            signature = _signature(self._folder)
            if self._library is None or self._library.signature != signature:
                self._library = self._read(signature)
            self._looked = time.monotonic()
            return self._library

    def _read(self, signature: Signature) -> _Library:
        articles, problems = {}, []
        if not self._folder.is_dir():
            problems.append(
                f"{self._folder}: there is no such folder. Make it, or set knowledge.folder in handoff.yml."
            )
        for path in sorted(path for path, _, _ in signature if path.name != SYNONYMS):
            try:
                article = read(self._folder, path, self._language)
            except BadInput as bad:
                problems.append(str(bad))
            else:
                articles[article.id] = replace(article, url=article.url or self._address(article))
        for problem in problems:
            log.warning("knowledge.skipped", problem=problem)
        log.info("knowledge.read", folder=str(self._folder), articles=len(articles))
        return _Library(signature, articles, _indexes(articles, wording(self._folder)), tuple(problems))

    def _address(self, article: Article) -> str | None:
        return self._url.replace("{id}", article.id) if self._url else None


def _signature(folder: Path) -> Signature:
    """What changes when a file does."""
    return frozenset(_files(folder))


def _files(folder: Path) -> Iterator[tuple[Path, int, int]]:
    home = folder.resolve()
    for path in (*folder.rglob("*.md"), folder / SYNONYMS):
        try:
            told = path.stat()
            inside = path.resolve().is_relative_to(home)
        except OSError:  # gone meanwhile, or a link to nothing
            continue
        if inside and path.is_file():
            yield path, told.st_mtime_ns, told.st_size


def wording(folder: Path) -> Wording:
    """Groups of words that mean the same, one a line with commas; `!` begins words to ignore, `#` a remark."""
    try:
        lines = (folder / SYNONYMS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return Wording()
    told = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    groups = [tuple(word.strip() for word in line.removeprefix("!").split(",")) for line in told]
    same = tuple(group for line, group in zip(told, groups, strict=True) if not line.startswith("!"))
    ignored = (word for line, group in zip(told, groups, strict=True) if line.startswith("!") for word in group)
    return Wording(same, tuple(ignored))


def _indexes(articles: dict[str, Article], words: Wording) -> dict[str, LanguageIndex]:
    by_language: dict[str, list[Article]] = defaultdict(list)
    for article in articles.values():
        by_language[article.language].append(article)
    return {language: LanguageIndex(found, language, words) for language, found in by_language.items()}
