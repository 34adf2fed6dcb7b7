"""Wake-ups on PostgreSQL: whoever commits notifies, and whoever listens looks at once instead of at the next poll."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import structlog
from sqlalchemy import URL

CHANNEL = "rasa_handoff"
_LOOK_UP = 1.0
"""Seconds between looks at whether to stop; and between tries to connect again."""

log = structlog.get_logger()


@contextmanager
def listening(url: URL, notify: Callable[[], object]) -> Iterator[None]:
    """Calls `notify`, in a thread of its own, after commits. While the connection is lost there are only the polls."""
    stopped = threading.Event()
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    thread = threading.Thread(target=_listen, args=(address, notify, stopped), name="listening", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(2 * _LOOK_UP)


def _listen(address: str, notify: Callable[[], object], stopped: threading.Event) -> None:
    while not stopped.is_set():
        try:
            with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                notify()  # something may have happened before
                while not stopped.is_set():
                    for _ in connection.notifies(timeout=_LOOK_UP):
                        notify()
        except psycopg.Error as error:
            log.warning("store.not_listening", error=str(error).partition("\n")[0])
            stopped.wait(_LOOK_UP)
