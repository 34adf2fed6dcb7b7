"""Whom a handoff needs, and what an agent can do, as values that a store can index.

A need widens with time, ring by ring. What counts now is a `Criteria`; what an agent can do is a `Profile`. There are
few different ones of either, however many handoffs wait and agents work, and who suits whom follows from them alone.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache

Levels = Mapping[str, int]
"""Skills with their levels, from 1."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Who is looked for from `after` on: also those without the preferred skills, of the fallback departments, ..."""

    after: timedelta = timedelta(0)
    preferred: bool = False
    fallback: bool = False
    any_language: bool = False


RINGS = (
    Ring(preferred=True),
    Ring(timedelta(seconds=20)),
    Ring(timedelta(seconds=60), fallback=True),
)


@dataclass(frozen=True, slots=True)
class Criteria:
    """What an agent must be to serve a need now: of one of the departments (the first is the need's own), speaking
    the language (None: any), with the skills at these levels or above."""

    departments: tuple[str, ...]
    language: str | None
    skills: tuple[tuple[str, int], ...] = ()

    @property
    def text(self) -> str:
        """The same for equal criteria, for an index; `parse` is the way back."""
        return json.dumps([self.departments, self.language, self.skills], ensure_ascii=False, separators=(",", ":"))

    @classmethod
    @lru_cache(maxsize=4096)
    def parse(cls, text: str) -> "Criteria":
        departments, language, skills = json.loads(text)
        return cls(tuple(departments), language, tuple((name, level) for name, level in skills))


@dataclass(frozen=True, slots=True)
class Profile:
    """What an agent can do. Agents of one profile are the same to a need."""

    department: str
    languages: tuple[str, ...]
    skills: tuple[tuple[str, int], ...]

    @property
    def text(self) -> str:
        """The same for equal profiles, for an index; `parse` is the way back."""
        return json.dumps([self.department, self.languages, self.skills], ensure_ascii=False, separators=(",", ":"))

    @classmethod
    @lru_cache(maxsize=4096)
    def parse(cls, text: str) -> "Profile":
        department, languages, skills = json.loads(text)
        return cls(department, tuple(languages), tuple((name, level) for name, level in skills))


@dataclass(frozen=True, slots=True)
class Need:
    """Whom the handoff needs. A skill, at its level, or a language that an agent lacks rules that agent out.

    `preferred` skills are wanted in the first ring and rank agents in every one; `fallback` are the departments that
    may help out in the rings that say so.
    """

    department: str
    language: str = "en"
    skills: Levels = field(default_factory=dict)
    preferred: Levels = field(default_factory=dict)
    fallback: tuple[str, ...] = ()

    def criteria(self, ring: Ring) -> Criteria:
        """What counts in this ring."""
        wanted = dict(self.skills)
        for name, level in self.preferred.items() if ring.preferred else ():
            wanted[name] = max(level, wanted.get(name, 0))
        departments = (self.department, *self.fallback) if ring.fallback else (self.department,)
        return Criteria(departments, None if ring.any_language else self.language, tuple(sorted(wanted.items())))


def suits(profile: Profile, criteria: Criteria) -> bool:
    """An agent of this profile may serve such a need, free or not."""
    if profile.department not in criteria.departments:
        return False
    if criteria.language is not None and criteria.language not in profile.languages:
        return False
    skills = dict(profile.skills)
    return all(skills.get(name, 0) >= level for name, level in criteria.skills)
