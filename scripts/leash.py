"""Runs one command, and ends it with all it started as soon as whoever asked for it is gone.

    python leash.py COMMAND ARGUMENT ...

Our standard input is a pipe that the parent never writes to. However the parent ends, also by kill -9, the kernel
closes its side and we read the end: no signal has to arrive. PR_SET_PDEATHSIG would be less: Linux only, the direct
child only (the action server forks workers), and sent already when the *thread* that started the child ends.

We and the command share a process group of our own, so one signal reaches everything it started.
"""

import os
import signal
import subprocess
import sys
import threading

GRACE = 8.0
"""Seconds between the request to end and the kill."""


def main() -> int:
    command = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # A handler, not SIG_IGN: an ignored signal stays ignored in what we start.
        signal.signal(number, lambda *_: None)
    threading.Thread(target=end_with_the_parent, args=(command,), daemon=True).start()
    code = command.wait()
    os.killpg(0, signal.SIGTERM)
    return code if code >= 0 else 128 - code


def end_with_the_parent(command: subprocess.Popen[bytes]) -> None:
    # Not sys.stdin: its lock, held by this thread, would abort the interpreter's end.
    os.read(0, 1)
    os.killpg(0, signal.SIGTERM)
    try:
        command.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
