"""Articles of a knowledge base, and what a search in it finds."""

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Article:
    """One article. `body` is Markdown; `url` is where customers can read it, if anywhere.

    `questions` are ways people ask for it, and `tags` its subjects: both are searched, neither is shown.
    """

    id: str
    title: str
    body: str
    language: str = "en"
    tags: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage of an article as plain text; `marks` are the found words, as (start, end) of characters, in order."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()

    def parts(self) -> tuple[tuple[str, bool], ...]:
        """The text in pieces, each with whether it is marked; a page escapes each piece by itself."""
        cuts = [0, *(at for mark in self.marks for at in mark), len(self.text)]
        pieces = ((self.text[start:end], place % 2 == 1) for place, (start, end) in enumerate(pairwise(cuts)))
        return tuple(piece for piece in pieces if piece[0])


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that a search found. Scores compare within one search; the best is first."""

    article: Article
    score: float
    snippet: Snippet
