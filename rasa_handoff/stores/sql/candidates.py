"""Who waits and who is free, read by index and no further than a plan asks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, bindparam, func, select, true, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.need import Criteria, Profile, suits
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.stores.codec import decode_text
from rasa_handoff.stores.sql.agents import idle_since, is_free, is_online
from rasa_handoff.stores.tables import BODY, agents, handoffs

_PAGE = 64


def _first_page(groups: int, limit: int) -> int:
    """Groups are not asked for evenly: twice their share, and one to see what follows."""
    return min(_PAGE, 2 + 2 * limit // max(1, groups))


@dataclass(frozen=True, slots=True)
class _Groups:
    """Rows in groups of one `key`, of which there are few; within a group they are read in `order`, by index."""

    rows: Select[Any]
    key: Column[Any]
    order: tuple[Column[Any], ...]

    def first_pages(self, connection: Connection, keys: Sequence[str], size: int) -> dict[str, list[Row[Any]]]:
        """The first rows of each group; on PostgreSQL in one round trip."""
        if connection.dialect.name == "sqlite":
            return {key: self.page(connection, key, None, size) for key in keys}
        pages: dict[str, list[Row[Any]]] = {key: [] for key in keys}
        for row in connection.execute(_first_pages(self), {"keys": list(keys), "size": size}).all():
            pages[getattr(row, self.key.name)].append(row)
        return pages

    def page(self, connection: Connection, key: str, last: Row[Any] | None, size: int) -> list[Row[Any]]:
        """The next rows of the group after `last`."""
        after = {} if last is None else {f"after_{column.name}": getattr(last, column.name) for column in self.order}
        return list(connection.execute(_page(self, last is not None), {"key": key, "size": size, **after}).all())

    def read(self, connection: Connection, key: str, page: list[Row[Any]], size: int) -> Iterator[Row[Any]]:
        """The group's rows from its first page, of that size, on, as far as they are asked for."""
        while True:
            yield from page
            if len(page) < size:
                return
            size = min(_PAGE, size * 2)
            page = self.page(connection, key, page[-1], size)


# Built once: a plan asks for many pages.


@cache
def _first_pages(groups: _Groups) -> Select[Any]:
    each = func.unnest(bindparam("keys", type_=ARRAY(TEXT)))
    group = each.table_valued("key").render_derived(name="wanted_key")
    of_group = groups.rows.where(groups.key == group.c.key).order_by(*groups.order)
    first = of_group.limit(bindparam("size")).lateral("first")
    return select(first).select_from(group.join(first, true()))


@cache
def _page(groups: _Groups, is_further: bool) -> Select[Any]:
    rows = groups.rows.where(groups.key == bindparam("key"))
    if is_further:
        after = [bindparam(f"after_{column.name}", type_=column.type) for column in groups.order]
        rows = rows.where(tuple_(*groups.order) > tuple_(*after))
    return rows.order_by(*groups.order).limit(bindparam("size"))


# The profile says the rest of an agent; reading it once per group leaves the bodies unread.
_BRIEF: tuple[ColumnElement[Any], ...] = (
    agents.c.id,
    agents.c.body["name"].as_string().label("name"),
    agents.c.profile,
    agents.c.max_chats,
    agents.c.active_chats,
    agents.c.load,
    agents.c.idle_since,
)
_LINES = _Groups(
    select(BODY, handoffs.c.wanted, handoffs.c.rank, handoffs.c.id),
    handoffs.c.wanted,
    (handoffs.c.rank, handoffs.c.id),
)
_TEAMS = _Groups(
    select(*_BRIEF).where(is_free),
    agents.c.profile,
    (agents.c.load, agents.c.idle_since, agents.c.id),
)


class SqlCandidates:
    """The candidates of a plan, within a transaction. Of a long queue it reads no more than there are free places."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lines: dict[Criteria, tuple[str, list[Row[Any]]]] = {}
        self._teams: dict[Profile, tuple[str, list[Row[Any]]]] = {}
        self._line_page = self._team_page = _PAGE
        self._places: int | None = None  # of all agents together; None: more than were read

    def wanted(self, limit: int) -> list[Criteria]:
        texts = self._each(_EACH_WANTED)
        enough = limit if self._places is None else min(limit, self._places)
        self._line_page = _first_page(len(texts), enough)
        pages = _LINES.first_pages(self._connection, texts, self._line_page)
        self._lines = {Criteria.parse(text): (text, page) for text, page in pages.items()}
        return list(self._lines)

    def free(self, limit: int) -> list[Profile]:
        texts = self._each(_EACH_FREE)
        self._team_page = _first_page(len(texts), limit)
        pages = _TEAMS.first_pages(self._connection, texts, self._team_page)
        if all(len(page) < self._team_page for page in pages.values()):
            self._places = sum(row.max_chats - row.active_chats for page in pages.values() for row in page)
        self._teams = {Profile.parse(text): (text, page) for text, page in pages.items()}
        return list(self._teams)

    def line(self, criteria: Criteria) -> Iterator[Handoff]:
        text, page = self._lines[criteria]
        for row in _LINES.read(self._connection, text, page, self._line_page):
            yield decode_text(Handoff, row.body)

    def team(self, profile: Profile) -> Iterator[Agent]:
        text, page = self._teams[profile]
        able = _able(profile)
        for row in _TEAMS.read(self._connection, text, page, self._team_page):
            yield _free_agent(row, able)

    def agent(self, agent_id: str) -> Agent | None:
        row = self._connection.execute(select(*_BRIEF).where(agents.c.id == agent_id, is_free)).first()
        return None if row is None else _free_agent(row, _able(Profile.parse(row.profile)))

    def has_more(self, criteria: Criteria, passed_by: frozenset[str]) -> bool:
        profiles = (Profile.parse(text) for text in self._each(_EACH_ONLINE))
        fitting = [profile.text for profile in profiles if suits(profile, criteria)]
        more = select(agents.c.id).where(is_online, agents.c.profile.in_(fitting), agents.c.id.not_in(passed_by))
        return bool(fitting) and self._connection.execute(more.limit(1)).first() is not None

    def may_match(self) -> bool:
        """Somebody free suits somebody who waits."""
        wanted = [Criteria.parse(text) for text in self._each(_EACH_WANTED)]
        free = [Profile.parse(text) for text in self._each(_EACH_FREE)] if wanted else []
        return any(suits(profile, criteria) for criteria in wanted for profile in free)

    def _each(self, values: Select[tuple[str]]) -> list[str]:
        return list(self._connection.scalars(values))


def _able(profile: Profile) -> dict[str, Any]:
    """What the agents of the profile have in common."""
    return {
        "department": profile.department,
        "skills": dict(profile.skills),
        "languages": frozenset(profile.languages),
    }


def _free_agent(row: Row[Any], able: dict[str, Any]) -> Agent:
    return Agent(
        **able,
        id=row.id,
        name=row.name,
        max_chats=row.max_chats,
        active_chats=row.active_chats,
        presence=Presence.ONLINE,
        idle_since=idle_since(row),
    )


def _each(column: Column[str], condition: ColumnElement[bool]) -> Select[tuple[str]]:
    """The column's values under the condition, each once, from one to the next by index: there are few."""
    first = select(func.min(column).label("value")).where(condition)
    each = first.cte("each_value", recursive=True)
    following = select(func.min(column)).where(condition, column > each.c.value).scalar_subquery()
    each = each.union_all(select(following).where(each.c.value.is_not(None)))
    return select(each.c.value).where(each.c.value.is_not(None))


_EACH_WANTED = _each(handoffs.c.wanted, handoffs.c.wanted.is_not(None))
_EACH_FREE = _each(agents.c.profile, is_free)
_EACH_ONLINE = _each(agents.c.profile, is_online)
