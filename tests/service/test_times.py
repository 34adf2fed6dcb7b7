"""Times and durations as customers read them."""

from datetime import UTC, datetime, timedelta

import pytest

from rasa_handoff.times import duration_in_words, time_in_words

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)


def test_a_time_of_today_is_told_without_the_day_and_by_the_departments_clock() -> None:
    assert time_in_words(NOW, "Europe/Berlin", "en", NOW) == "19:00"


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "Mon 23 Nov, 09:00"), ("de", "Mo., 23. Nov., 09:00"), ("pt-BR", "seg., 23 de nov., 09:00")],
)
def test_another_day_is_named_in_the_customers_language(language: str, told: str) -> None:
    assert time_in_words(NOW + timedelta(hours=14), "Europe/Berlin", language, NOW) == told


def test_a_language_nobody_knows_is_told_in_english() -> None:
    assert time_in_words(NOW, "UTC", "tlh-x", NOW) == "18:00"
    assert duration_in_words(timedelta(minutes=1), "") == "1 minute"


@pytest.mark.parametrize(
    ("seconds", "told"), [(5, "1 minute"), (150, "2 minutes"), (13 * 60, "15 minutes"), (3 * 3600, "3 hours")]
)
def test_a_duration_is_rounded_as_people_do(seconds: int, told: str) -> None:
    assert duration_in_words(timedelta(seconds=seconds), "en") == told
