"""A full-text index over articles, in memory: tantivy's BM25, titles above tags and questions, those above the text."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from tantivy import Document, Index, Occur, Query, Schema, SchemaBuilder, Searcher, SnippetGenerator

from rasa_handoff.core.knowledge import Article, Hit, Snippet
from rasa_handoff.knowledge.analysis import analyser, name_of, terms
from rasa_handoff.knowledge.articles import plain

FIELDS = {"title": 2.0, "questions": 3.0, "tags": 3.0, "body": 0.6}
_OTHER_FIELDS = 0.3  # of a word's weight in further fields beside the best one
_SYNONYM = 0.6
_MISTYPED = 0.4
_SHORTEST_TYPO = 5  # letters of a word that may be mistyped
_LONGEST = 4_000  # characters of a query that are looked at
_MOST_TERMS = 64
_SNIPPET = 200
_MEMORY = 15_000_000  # bytes, the least that the library takes to write with

Words = tuple[str, ...]
Wordings = tuple[int, Words, set[Words]]  # a number of its own, the words, what means the same


@dataclass(frozen=True, slots=True)
class Wording:
    """What a team knows of its customers' words: groups that mean the same, and words that say nothing."""

    synonyms: tuple[tuple[str, ...], ...] = ()
    ignored: tuple[str, ...] = ()


class LanguageIndex:
    """The articles of one language. Not changed once made; safe from several threads."""

    def __init__(self, articles: Sequence[Article], language: str, wording: Wording) -> None:
        self._articles, self._language = articles, language
        self._schema = _schema(language)
        self._vocabulary: set[str] = set()
        self._searcher = self._filled()
        self._synonyms = _by_first_word(wording.synonyms, language)
        self._ignored = {term for word in wording.ignored for term in terms(word, language)}

    def search(self, text: str, limit: int) -> tuple[Hit, ...]:
        """The best first; a word that stands in `text` more often counts more."""
        asked = [term for term in terms(text[:_LONGEST], self._language) if term not in self._ignored]
        query = self._query(asked[:_MOST_TERMS])
        if query is None or not self._articles:
            return ()
        snippets = SnippetGenerator.create(self._searcher, query, self._schema, "body")
        snippets.set_max_num_chars(_SNIPPET)
        found = self._searcher.search(query, limit).hits
        return tuple(self._hit(score, self._searcher.doc(address), snippets) for score, address in found)

    def _filled(self) -> Searcher:
        index = Index(self._schema)
        index.register_tokenizer(name_of(self._language), analyser(self._language))
        writer = index.writer(_MEMORY, 1)
        for number, article in enumerate(self._articles):
            fields = _fields(article)
            writer.add_document(Document(number=str(number), **fields))
            self._vocabulary.update(term for text in fields.values() for term in terms(text, self._language))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        return index.searcher()

    def _query(self, asked: Sequence[str]) -> Query | None:
        """Each word, or what means the same, counts once, however many of its synonyms an article has."""
        parts = [Query.boost_query(self._meant(term), float(times)) for term, times in Counter(asked).items()]
        parts += [self._any(others) for words, others in self._groups(asked) if len(words) > 1]
        return Query.boolean_query([(Occur.Should, part) for part in parts]) if parts else None

    def _meant(self, term: str) -> Query:
        others = {other for words, group in self._groups([term]) for other in group}
        return Query.disjunction_max_query([self._word(term), *([self._any(others)] if others else [])], 0.0)

    def _any(self, others: Iterable[Words]) -> Query:
        alike = Query.disjunction_max_query([self._phrase(other) for other in sorted(others)], 0.0)
        return Query.boost_query(alike, _SYNONYM)

    def _word(self, term: str) -> Query:
        if term in self._vocabulary or len(term) < _SHORTEST_TYPO:
            return self._anywhere(lambda field: Query.term_query(self._schema, field, term))
        alike = self._anywhere(lambda field: Query.fuzzy_term_query(self._schema, field, term, 1, True))
        return Query.boost_query(alike, _MISTYPED)

    def _phrase(self, words: Words) -> Query:
        if len(words) == 1:
            return self._word(words[0])
        return self._anywhere(lambda field: Query.phrase_query(self._schema, field, list(words)))

    def _anywhere(self, query_of: Callable[[str], Query]) -> Query:
        weighed = [Query.boost_query(query_of(field), weight) for field, weight in FIELDS.items()]
        return Query.disjunction_max_query(weighed, _OTHER_FIELDS)

    def _groups(self, asked: Sequence[str]) -> Iterator[tuple[Words, set[Words]]]:
        """What stands in the query, with what means the same."""
        stands = {
            number: (words, others)
            for at, term in enumerate(asked)
            for number, words, others in self._synonyms.get(term, ())
            if tuple(asked[at : at + len(words)]) == words
        }
        yield from stands.values()

    def _hit(self, score: float, document: Document, snippets: SnippetGenerator) -> Hit:
        article = self._articles[int(document["number"][0])]
        return Hit(article, score, _snippet(snippets, document) or _opening(article))


def _schema(language: str) -> Schema:
    builder = SchemaBuilder()
    builder.add_text_field("number", stored=True, tokenizer_name="raw")
    for field in FIELDS:
        builder.add_text_field(field, stored=field == "body", tokenizer_name=name_of(language))
    return builder.build()


def _fields(article: Article) -> dict[str, str]:
    return {
        "title": article.title,
        "questions": "\n".join(article.questions),
        "tags": "\n".join(article.tags),
        "body": plain(article.body),
    }


def _by_first_word(groups: Iterable[Iterable[str]], language: str) -> dict[str, list[Wordings]]:
    """The wordings of each group by their first word, so that a word costs one look-up."""
    filed: dict[str, list[Wordings]] = defaultdict(list)
    numbers = count()
    for group in groups:
        told = [tuple(terms(one, language)) for one in group]
        for words in filter(None, told):
            filed[words[0]].append((next(numbers), words, {other for other in told if other and other != words}))
    return dict(filed)


def _snippet(snippets: SnippetGenerator, document: Document) -> Snippet | None:
    found = snippets.snippet_from_doc(document)
    raw = found.fragment().encode()
    marks = _merged((mark.start, mark.end) for mark in found.highlighted())
    # The library counts bytes.
    in_characters = tuple((len(raw[:start].decode()), len(raw[:end].decode())) for start, end in marks)
    return Snippet(raw.decode().replace("\n", " "), in_characters) if raw else None


def _merged(marks: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    upto = 0
    for start, end in sorted(marks):
        if start >= upto:
            yield start, end
            upto = end


def _opening(article: Article) -> Snippet:
    text = plain(article.body).replace("\n", " ")
    return Snippet(text if len(text) <= _SNIPPET else text[: _SNIPPET - 1].rsplit(" ", 1)[0] + "…")
