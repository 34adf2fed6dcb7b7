"""Whom to call when somebody is in danger, by language: what `{emergency}` in a response stands for.

A language is no country. So each hint says "local" first, and names only numbers that hold for whole regions where the
language is spoken (112: all of the European Union and India; 911: the United States, Canada, Mexico and others). A team
that knows its customers' country sets its own, with a crisis line.
"""

from collections.abc import Mapping
from types import MappingProxyType

HINTS: Mapping[str, str] = MappingProxyType(
    {
        "en": "your local emergency number (112 in Europe, 911 in the US and Canada, 999 in the UK, 000 in Australia)",
        "de": "den örtlichen Notruf (112 in Deutschland, Österreich, der Schweiz und ganz Europa)",
        "es": "al número de emergencias local (112 en España y en Europa, 911 en gran parte de América)",
        "pt": "para o número de emergência local (112 em Portugal e na Europa; 190 ou 192 no Brasil)",
        "fr": "le numéro d'urgence local (112 en Europe, 911 au Canada)",
        "it": "il numero di emergenza locale (112 in Italia e in Europa)",
        "nl": "het lokale alarmnummer (112 in Nederland, België en de rest van Europa)",
        "pl": "lokalny numer alarmowy (112 w Polsce i w całej Europie)",
        "hi": "अपने स्थानीय आपातकालीन नंबर (भारत में 112)",
        "ar": "رقم الطوارئ المحلي (112 في أوروبا وفي كثير من البلدان)",
        "zh": "当地的紧急电话(中国大陆:报警 110,急救 120)",
        "vi": "số khẩn cấp tại nơi bạn ở (Việt Nam: công an 113, cấp cứu 115)",
    }
)


def hint(hints: Mapping[str, str], language: str, otherwise: str) -> str:
    """The hint for the language or its base ("pt" for "pt-BR"), else for the language `otherwise`, else in English."""
    for wanted in (language, language.replace("_", "-").split("-")[0].lower(), otherwise, "en"):
        if wanted in hints:
            return hints[wanted]
    return HINTS["en"]
