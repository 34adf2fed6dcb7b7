"""One process of the stack: started on a leash, stopped or killed with everything it started, its log kept."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

LEASH = Path(__file__).with_name("leash.py")


class Child:
    """A command, the environment and folder it runs in, and the file its output is appended to."""

    def __init__(
        self, name: str, command: Sequence[str | Path], *, log: Path, folder: Path, environment: Mapping[str, str]
    ) -> None:
        self.name = name
        self.command = [str(part) for part in command]
        self.log = log
        self.folder = folder
        self.environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def wanted(self) -> bool:
        """It was started, and nobody has stopped it since."""
        return self._process is not None

    def exit_code(self) -> int | None:
        """The code with which it ended by itself; None while it runs or is not wanted to."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start it; nothing happens when it was started already."""
        if self._process:
            return
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-E", str(LEASH), *self.command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=self.environment,
                process_group=0,
            )

    def ask_to_stop(self) -> None:
        """Let it end by itself, without waiting for that."""
        if self._process and self._process.stdin:
            self._process.stdin.close()

    def stop(self) -> None:
        """End it: a request first, the kill when it does not follow."""
        self.ask_to_stop()
        if self._process:
            self._process.wait()
        self.kill()

    def kill(self) -> None:
        """Kill it, and everything it started, with signal 9."""
        if not self._process:
            return
        self.ask_to_stop()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        # A kill is not a death yet; whoever is started next needs the port and the locks.
        while lives(self._process.pid):
            time.sleep(0.01)
        self._process = None

    def pause(self) -> None:
        """Freeze it: what it is sent waits, and nothing of it is refused."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on after a pause."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process:
            os.killpg(self._process.pid, number)

    def tail(self, lines: int = 20) -> str:
        """The last lines it wrote."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def lives(group: int) -> bool:
    """The process group has a member that is not dead. (Asking the kernel by signal would count the dead, too, until
    init collects them.) Where there is no /proc, it is taken to be gone.
    """
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, member = stat.read_text().rpartition(")")[2].split()[:3]
            if int(member) == group and state not in "ZX":
                return True
    return False
