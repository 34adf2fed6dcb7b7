"""Runs a supervisor over two fake children until it is ended: `parent.py FOLDER`."""

import signal
import sys
from pathlib import Path

from scripts.stack import end_on_sigterm
from tests.scripts.fakes import supervisor

if __name__ == "__main__":
    # As on a terminal: a shell makes its background jobs, and all they start, ignore Ctrl-C; nohup the hang-up.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    end_on_sigterm()
    with supervisor(Path(sys.argv[1])) as running:
        print("healthy", flush=True)
        running.watch()
