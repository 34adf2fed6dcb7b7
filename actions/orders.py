"""The reference shop's order records: a SQLite file, made with sample orders on first use.

The file is ``$SHOP_DATABASE`` (default ``shop.sqlite`` in the working directory). Reading and writing happen in a
thread, off the action server's event loop. Amounts are euro cents; days are calendar days in UTC.
"""

import asyncio
import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from rasa_handoff.core.backports import UTC

T = TypeVar("T")

SECONDS_TO_WAIT_FOR_THE_DATABASE = 5.0

SCHEMA = """
CREATE TABLE orders (
    id TEXT PRIMARY KEY, items TEXT NOT NULL, total_cents INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN ('preparing', 'dispatched', 'delayed', 'delivered', 'cancelled', 'returned')),
    day TEXT NOT NULL, tracking TEXT NOT NULL,
    refund TEXT NOT NULL CHECK (refund IN ('none', 'awaiting_return', 'processing', 'paid')),
    refund_day TEXT
);
CREATE TABLE returns (
    id INTEGER PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders (id),
    reason TEXT NOT NULL, resolution TEXT NOT NULL CHECK (resolution IN ('refund', 'exchange'))
);
"""

# id, items, total in cents, state, days from today, tracking number, refund, days from today to the refund
SAMPLE_ORDERS = [
    ("10482", "copper kettle", 8900, "dispatched", 2, "HL482117", "none", None),
    ("10375", "trail running shoes", 11900, "delivered", -4, "HL375902", "none", None),
    ("10298", "rain jacket", 13900, "returned", -9, "HL298330", "processing", 2),
    ("10517", "coffee grinder", 6450, "preparing", 1, "", "none", None),
    ("10391", "wool blanket, two cushions", 15400, "delayed", 4, "HL391874", "none", None),
    ("10603", "desk lamp", 4900, "preparing", 2, "", "none", None),
    ("10411", "canvas rucksack", 7900, "delivered", -12, "HL411056", "none", None),
    ("10344", "headphones", 19900, "returned", -21, "HL344781", "paid", -10),
    ("10555", "armchair", 34900, "dispatched", 5, "HL555209", "none", None),
    ("10120", "frying pan", 5900, "delivered", -64, "HL120448", "none", None),
    ("10466", "toaster", 4500, "cancelled", -3, "", "paid", -1),
    ("10588", "six stoneware mugs", 7200, "delivered", -1, "HL588613", "awaiting_return", None),
    ("4821", "glass teapot", 3800, "delivered", -18, "HL004821", "none", None),
    ("104822", "steel water bottle", 2400, "dispatched", 1, "HL104822", "none", None),
]


@dataclass(frozen=True)
class Order:
    """One order. ``day`` is when its state came about or, before delivery, when its next step is expected."""

    id: str
    items: str
    total_cents: int
    state: str
    day: date
    tracking: str
    refund: str
    refund_day: date | None


def order_number(text: object) -> str | None:
    """The four to six digits of an order number in what a customer wrote, without "#"; None when there are none."""
    found = re.search(r"(?<!\d)\d{4,6}(?!\d)", str(text or ""))
    return found and found[0]


def today() -> date:
    """The current day in UTC."""
    return datetime.now(UTC).date()


async def find_order(number: str) -> Order | None:
    """The order with this number. Raises ``sqlite3.Error`` when the records cannot be read."""

    def read(db: sqlite3.Connection) -> Order | None:
        row = db.execute("SELECT * FROM orders WHERE id = ?", (number,)).fetchone()
        return _order(*row) if row else None

    return await asyncio.to_thread(_with_records, read)


async def save_return(number: str, reason: str, resolution: str) -> str:
    """Registers a return and gives its number, e.g. "R1001". Raises ``sqlite3.Error`` when it could not be kept."""
    insert = "INSERT INTO returns (order_id, reason, resolution) VALUES (?, ?, ?)"

    def write(db: sqlite3.Connection) -> str:
        return f"R{1000 + (db.execute(insert, (number, reason, resolution)).lastrowid or 0)}"

    return await asyncio.to_thread(_with_records, write)


async def issue_refund(number: str, run: str, pays_on: date) -> bool:
    """Refunds the order, unless it was before; the same `run` again is the same refund. Raises ``sqlite3.Error``."""

    def write(db: sqlite3.Connection) -> bool:
        db.execute("CREATE TABLE IF NOT EXISTS refunds (run TEXT PRIMARY KEY, order_id TEXT NOT NULL UNIQUE)")
        db.execute("BEGIN IMMEDIATE")
        if db.execute("SELECT 1 FROM refunds WHERE run = ? AND order_id = ?", (run, number)).fetchone():
            db.execute("COMMIT")
            return True
        open_ = "refund NOT IN ('processing', 'paid')"
        refund = f"UPDATE orders SET refund = 'processing', refund_day = ? WHERE id = ? AND {open_}"  # noqa: S608
        changed = db.execute(refund, (pays_on.isoformat(), number)).rowcount > 0
        if changed:
            db.execute("INSERT INTO refunds VALUES (?, ?)", (run, number))
        db.execute("COMMIT")
        return changed

    return await asyncio.to_thread(_with_records, write)


def _order(
    number: str,
    items: str,
    cents: int,
    state: str,
    day: str,
    tracking: str,
    refund: str,
    refund_day: str | None,
) -> Order:
    paid = date.fromisoformat(refund_day) if refund_day else None
    return Order(number, items, cents, state, date.fromisoformat(day), tracking, refund, paid)


def _with_records(work: Callable[[sqlite3.Connection], T]) -> T:
    path = os.environ.get("SHOP_DATABASE") or "shop.sqlite"
    with closing(sqlite3.connect(path, timeout=SECONDS_TO_WAIT_FOR_THE_DATABASE, isolation_level=None)) as db:
        if not _has_tables(db):
            _create(db)
        return work(db)


def _has_tables(db: sqlite3.Connection) -> bool:
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = 'orders'").fetchone() is not None


def _create(db: sqlite3.Connection) -> None:
    # Two first turns may come at once: the lock is taken before looking again.
    db.execute("BEGIN IMMEDIATE")
    if not _has_tables(db):
        for statement in filter(str.strip, SCHEMA.split(";")):
            db.execute(statement)
        db.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(_sample_row, SAMPLE_ORDERS))
    db.execute("COMMIT")


def _sample_row(
    sample: tuple[str, str, int, str, int, str, str, int | None],
) -> tuple[str, str, int, str, str, str, str, str | None]:
    number, items, cents, state, days, tracking, refund, refund_days = sample
    refund_day = None if refund_days is None else _in_days(refund_days)
    return number, items, cents, state, _in_days(days), tracking, refund, refund_day


def _in_days(days: int) -> str:
    return (today() + timedelta(days=days)).isoformat()
