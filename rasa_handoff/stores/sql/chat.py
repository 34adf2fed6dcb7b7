"""The lines of the reference web chat."""

from typing import Any

from sqlalchemy import Row, insert, select

from rasa_handoff.core.effects import AskBot
from rasa_handoff.ports import ChatLine
from rasa_handoff.stores.codec import decode, encode
from rasa_handoff.stores.sql import effects
from rasa_handoff.stores.sql.database import Database, Turn
from rasa_handoff.stores.tables import chat


class SqlChat:
    """The web chat of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_chat(self, line: ChatLine, ask: AskBot | None = None) -> bool:
        conversation_id = line.conversation_id
        same = select(chat.c.seq).where(chat.c.conversation_id == conversation_id, chat.c.id == line.id)
        with self._database.write() as connection:
            self._database.take_turn(connection, Turn.NUMBERING)
            if connection.execute(same).first() is not None:
                return False
            row = {"conversation_id": conversation_id, "id": line.id, "at": line.at, "body": encode(line)}
            connection.execute(insert(chat).values(**row))
            asked = [] if ask is None else [effects.New(ask, conversation_id=conversation_id)]
            effects.add(connection, asked, line.at)
            return True

    def chat(self, conversation_id: str, after: int = 0) -> list[ChatLine]:
        lines = select(chat).where(chat.c.conversation_id == conversation_id, chat.c.seq > after)
        with self._database.read() as connection:
            return [_as_line(row) for row in connection.execute(lines.order_by(chat.c.seq))]


def _as_line(row: Row[Any]) -> ChatLine:
    return decode(ChatLine, row.body | {"seq": row.seq})
