"""Runs a supervisor over two fake children until it is ended: `parent.py FOLDER`."""

import sys
from pathlib import Path

from scripts.stack import end_on_sigterm
from tests.scripts.fakes import supervisor

if __name__ == "__main__":
    end_on_sigterm()
    with supervisor(Path(sys.argv[1])) as running:
        print("healthy", flush=True)
        running.watch()
