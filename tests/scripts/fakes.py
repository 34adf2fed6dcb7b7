"""A supervisor over fake children, and what is left of them."""

import os
import re
import sys
import time
from pathlib import Path

from scripts.child import Child
from scripts.stack import free_ports
from scripts.supervisor import Supervisor

FAKE = Path(__file__).with_name("fake.py")


def supervisor(folder: Path, *options: str, patience: float = 20.0) -> Supervisor:
    """Over two fakes named "one" and "two"."""
    names = ("one", "two")
    ports = dict(zip(names, free_ports(2), strict=True))
    children = {
        name: Child(
            name,
            (sys.executable, FAKE, str(ports[name]), *options),
            log=folder / f"{name}.log",
            folder=folder,
            environment=os.environ,
        )
        for name in names
    }
    health = {name: f"http://127.0.0.1:{port}/" for name, port in ports.items()}
    return Supervisor(folder, children, health, patience=patience)


def pids(folder: Path) -> list[int]:
    """The ids of all processes that the fakes in the folder have been, their children included."""
    logs = "".join(log.read_text() for log in folder.glob("*.log"))
    return [int(pid) for line in re.findall(r"pids (.*)", logs) for pid in line.split()]


def alive(found: list[int]) -> list[int]:
    return [pid for pid in found if Path(f"/proc/{pid}/stat").exists() and state(pid) != "Z"]


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):  # gone before, or while it was read
        return "Z"


def left_after(found: list[int], seconds: float) -> list[int]:
    """Which of them still live when the time is over (returns as soon as none does)."""
    end = time.monotonic() + seconds
    while alive(found) and time.monotonic() < end:
        time.sleep(0.05)
    return alive(found)
