"""Texts as the words an index knows them by: folded, without the small words, reduced to their stems by language."""

from functools import cache

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

_STEMMERS = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish", "fi": "finnish",
    "fr": "french", "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
_STOPWORDS = frozenset(["da", "de", "en", "es", "fi", "fr", "hu", "it", "nl", "no", "pt", "ru", "sv"])
# Written without blanks between words: pairs of characters do as words.
_PAIRED = frozenset(["ja", "ko", "th", "zh"])
# The library's English list is short; these are in nearly every question and say nothing about its subject.
_SMALL = """
a about after again all also am an and any anybody anyone anything are as at be because been before being but by can
could did do does doing done else for from get gets got had has have having he hello her hers hey hi him his how i if
in into is it its just let like may me might mine must my need no nor not now of on one onto or other our ours out
over own please put really s shall she should so some somebody someone something still such t than thank thanks that
the their them then there these they thing things this those to too try up us use very want was way we were what when
where whether which while who whom whose why will with without would yes yet you your yours keep keeps kept take takes
taken took make makes made see sees seen know known tell told say says said come comes came go goes going gone look
looks looking think actually anyway already however maybe perhaps quite rather whatever whoever two three first next
last time times lot bit people day days today
"""


def name_of(language: str) -> str:
    """The analyser of a language, as the index knows it."""
    return f"words_{language}"


@cache
def analyser(language: str) -> TextAnalyzer:
    """The language's analyser. Where we know nothing of a language, words are folded only."""
    tokens = Tokenizer.ngram(1, 2) if language in _PAIRED else Tokenizer.simple()
    builder = TextAnalyzerBuilder(tokens).filter(Filter.remove_long(60)).filter(Filter.lowercase())
    stemmer = _STEMMERS.get(language)
    if language in _STOPWORDS and stemmer:
        builder = builder.filter(Filter.stopword(stemmer))
    if language == "en":
        builder = builder.filter(Filter.custom_stopword(_SMALL.split()))
    if stemmer:
        builder = builder.filter(Filter.stemmer(stemmer))
    return builder.filter(Filter.ascii_fold()).build()


def terms(text: str, language: str) -> list[str]:
    """The text's words in order. Half a character, which UTF-8 has no form for, is passed over."""
    whole = text.encode(errors="ignore").decode()
    return list(analyser(language).analyze(whole.replace("’", "'")))
