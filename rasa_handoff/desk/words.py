"""How our values read on a page: the templates' filters."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from babel import Locale, UnknownLocaleError

from rasa_handoff.core.package import Trend
from rasa_handoff.words import TRENDS, in_words

CHART_WIDTH, CHART_HEIGHT = 120, 32


def safe_url(url: str | None) -> str | None:
    """The address when a page may point to it; None for `javascript:` and the like."""
    if not url:
        return None
    try:
        scheme = urlsplit(url.strip()).scheme.lower()
    except ValueError:
        return None
    return url.strip() if scheme in ("http", "https") or (not scheme and url.startswith("/")) else None


def file_name(url: str) -> str:
    """The last part of an address, as the name of what is there."""
    return unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2]) or "Attachment"


def iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def clock(at: datetime) -> str:
    """Hours and minutes in UTC; the page's script turns them into the reader's own."""
    return at.strftime("%H:%M")


def initials(name: str | None) -> str:
    """At most two letters for an avatar."""
    parts = (name or "?").split() or ["?"]
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()


def chart(values: Sequence[float]) -> str:
    """The points of an SVG polyline for sentiments in [-1, 1], oldest first."""
    last = max(len(values) - 1, 1)
    points = []
    for i, value in enumerate(values):
        x = 4 + i * (CHART_WIDTH - 8) / last
        y = CHART_HEIGHT / 2 - max(-1.0, min(1.0, value)) * (CHART_HEIGHT / 2 - 4)
        points.append(f"{x:.1f},{y:.1f}")
    return " ".join(points)


def mood(values: Sequence[float], trend: Trend) -> str:
    """The chart in words: "Getting worse: from good to bad over 6 messages"."""
    if len(values) < 2:
        return TRENDS[trend]
    return f"{TRENDS[trend]}: from {_felt(values[0])} to {_felt(values[-1])} over {len(values)} messages"


def _felt(value: float) -> str:
    return "good" if value >= 0.3 else "bad" if value <= -0.3 else "neutral"


def day(at: datetime) -> str:
    """The date in UTC; the page's script says how long ago it was."""
    return at.strftime("%Y-%m-%d")


def language(code: str) -> str:
    """The English name of a language, or its code where nobody knows one."""
    try:
        return Locale.parse(code, sep="-").get_language_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code


FILTERS: dict[str, Callable[..., Any]] = {
    "in_words": in_words,
    "safe_url": safe_url,
    "file_name": file_name,
    "iso": iso,
    "clock": clock,
    "initials": initials,
    "chart": chart,
    "mood": mood,
    "day": day,
    "language": language,
}
