"""Redis as Debian has it, on a free port of this machine, gone with the journey."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from scripts.clients import wait_until
from scripts.stack import free_ports

PASSWORD = "journey"


@contextmanager
def redis(folder: Path) -> Iterator[int]:
    """The port of a Redis that wants `PASSWORD`. Skips where there is none, fails in CI."""
    program = shutil.which("redis-server")
    if program is None:
        absent = "There is no redis-server here; Debian's package has it."
        pytest.fail(absent) if os.environ.get("CI") else pytest.skip(absent)
    (port,) = free_ports(1)
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--requirepass", PASSWORD, "--save", ""]
    with running(command, folder):
        wait_until(lambda: listens(port), "Redis listens")
        yield port


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{Path(command[0]).name}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            process.kill()


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
