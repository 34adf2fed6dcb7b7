"""A stand-in for a process of the stack: `fake.py PORT` serves 200 on every path, and has a child as stubborn as it is.

It writes both process ids to its output. GET /crash makes it end with exit code 3.
"""

import os
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/crash":
            print("this is why it crashed", flush=True)
            os._exit(3)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Only the process ids go to the log."""


if __name__ == "__main__":
    if "--stubborn" in sys.argv:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    worker = subprocess.Popen(["sleep", "600"])  # inherits the ignored signal
    print(f"pids {os.getpid()} {worker.pid}", flush=True)
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
