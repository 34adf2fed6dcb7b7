"""Who waits and who is free, read by index and no further than a plan asks."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, func, select, tuple_

from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.need import Criteria, Profile, suits
from rasa_handoff.core.routing import Agent
from rasa_handoff.stores.codec import decode
from rasa_handoff.stores.sql.agents import as_agent, is_free, is_online
from rasa_handoff.stores.tables import agents, handoffs

_FIRST_PAGE = 8
_PAGE = 64


class SqlCandidates:
    """The candidates of a plan, within a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def wanted(self) -> list[Criteria]:
        return [Criteria.parse(text) for text in self._each(_EACH_WANTED)]

    def free(self) -> list[Profile]:
        return [Profile.parse(text) for text in self._each(_EACH_FREE)]

    def line(self, criteria: Criteria) -> Iterator[Handoff]:
        waiting = select(handoffs.c.body, handoffs.c.rank, handoffs.c.id).where(handoffs.c.wanted == criteria.text)
        order = (handoffs.c.rank, handoffs.c.id)
        for row in self._pages(waiting, order):
            yield decode(Handoff, row.body)

    def team(self, profile: Profile) -> Iterator[Agent]:
        free = select(agents).where(is_free, agents.c.profile == profile.text)
        for row in self._pages(free, (agents.c.load, agents.c.idle_since, agents.c.id)):
            yield as_agent(row)

    def agent(self, agent_id: str) -> Agent | None:
        row = self._connection.execute(select(agents).where(agents.c.id == agent_id, is_free)).first()
        return None if row is None else as_agent(row)

    def has_more(self, criteria: Criteria, passed_by: frozenset[str]) -> bool:
        profiles = (Profile.parse(text) for text in self._each(_EACH_ONLINE))
        fitting = [profile.text for profile in profiles if suits(profile, criteria)]
        more = select(agents.c.id).where(is_online, agents.c.profile.in_(fitting), agents.c.id.not_in(passed_by))
        return bool(fitting) and self._connection.execute(more.limit(1)).first() is not None

    def _each(self, values: Select[tuple[str]]) -> list[str]:
        return list(self._connection.scalars(values))

    def _pages(self, rows: Select[Any], order: tuple[Column[Any], ...]) -> Iterator[Row[Any]]:
        """The rows in order, read page by page from where the last one ended."""
        size, page = _FIRST_PAGE, rows.order_by(*order)
        while True:
            found = self._connection.execute(page.limit(size)).all()
            yield from found
            if len(found) < size:
                return
            last = tuple(getattr(found[-1], column.name) for column in order)
            size, page = _PAGE, rows.where(tuple_(*order) > last).order_by(*order)


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
