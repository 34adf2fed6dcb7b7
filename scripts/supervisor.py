"""Keeps a few processes running together: starts them at once, waits for their health, ends them all.

StackError       something of the stack does not work: says which part, and shows the end of its log
└── Crashed      a process ended that nobody had asked to
"""

import fcntl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NoReturn, Self

import httpx

from scripts.child import Child


class StackError(Exception):
    """The stack does not work; the text says which part and shows the end of its log."""


class Crashed(StackError):
    """A process of the stack ended by itself."""


class Supervisor:
    """The children by name, and the URLs that answer 2xx once they are well.

    As a context manager everything is healthy inside the block and gone after it. `patience` is how long to wait for
    that, in seconds; `say` is told about progress, one line at a time.
    """

    def __init__(
        self,
        folder: Path,
        children: Mapping[str, Child],
        health: Mapping[str, str],
        *,
        patience: float = 300.0,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.folder = folder
        self.patience = patience
        self.say = say
        self.children = children
        self.health = health
        self._held = ExitStack()

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._held.enter_context(alone_in(self.folder))
        try:
            for child in self.children.values():
                child.log.write_bytes(b"")
            self.open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """What happens on entering."""
        self.start()

    def close(self) -> None:
        """End all processes, all at once."""
        for child in self.children.values():
            child.ask_to_stop()
        self.stop(*self.children)
        self._held.close()

    def start(self, *names: str, wait: bool = True) -> None:
        """Start the named processes (all of them when none is named), and wait until they are healthy."""
        for name in names or self.children:
            self.children[name].start()
        if wait:
            self.wait_until_healthy(*names)

    def stop(self, *names: str) -> None:
        """End the named processes in order, as an operator would."""
        for name in names:
            self.children[name].stop()

    def kill(self, *names: str) -> None:
        """Kill the named processes with signal 9."""
        for name in names:
            self.children[name].kill()

    def pause(self, name: str) -> None:
        """Freeze the process: it neither answers nor refuses."""
        self.children[name].pause()

    def go_on(self, name: str) -> None:
        """Let it go on after a pause."""
        self.children[name].go_on()

    def restart(self, name: str, **environment: str) -> None:
        """Stop and start one process, with this environment on top of what it had."""
        self.stop(name)
        self.children[name].environment.update(environment)
        self.start(name)

    def log(self, name: str) -> str:
        """All that the process has written."""
        return self.children[name].log.read_text(errors="replace")

    def check(self) -> None:
        """Errors: Crashed, when a process ended that should run."""
        for child in self.children.values():
            code = child.exit_code()
            if code is not None:
                raise Crashed(f"{child.name} ended with exit code {code}.\n{shown(child)}")

    def watch(self) -> NoReturn:
        """Return never. Errors: Crashed, as soon as a process ends."""
        while True:
            self.check()
            time.sleep(0.5)

    def wait_until_healthy(self, *names: str) -> None:
        """Errors: Crashed, or StackError when `patience` runs out."""
        started = time.monotonic()
        missing = list(names or self.children)
        while missing:
            self.check()
            waited = time.monotonic() - started
            for name in [name for name in missing if answers(self.health[name])]:
                missing.remove(name)
                self.say(f"{name} is up after {waited:.0f} s")
            if missing and waited > self.patience:
                logs = "\n".join(shown(self.children[name]) for name in missing)
                raise StackError(f"{', '.join(missing)}: no answer within {self.patience:.0f} s.\n{logs}")
            time.sleep(0.1)


def shown(child: Child) -> str:
    """The end of the child's log, for a person."""
    return f"--- the end of {child.log} ---\n{child.tail()}\n---"


def answers(url: str) -> bool:
    """Whoever is behind the URL says that all is well."""
    try:
        return httpx.get(url, timeout=2.0, trust_env=False).is_success
    except httpx.TransportError:
        return False


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder. Errors: StackError, when another stack does (the two would share their databases)."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(f"another stack runs in {folder}: end that one first") from None
        yield
