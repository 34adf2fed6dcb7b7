"""Writes every conversation of a Rasa tracker store as JSON lines. Runs in the bot's environment: imports Rasa alone.

    python rasa_store.py endpoints.yml < ids of conversations that are not wanted, a JSON text a line

The first line is {"total": N}. Works with every store Rasa 3.6 can be configured with, one's own included.
"""

import asyncio
import inspect
import json
import logging
import os
import sys
import warnings


async def export(endpoints, skipped, out):
    from rasa.core.tracker_store import TrackerStore
    from rasa.core.utils import AvailableEndpoints
    from rasa.shared.core.domain import Domain

    config = AvailableEndpoints.read_endpoints(endpoints).tracker_store
    if config is None:
        raise SystemExit("there is no `tracker_store` in it, so Rasa keeps conversations in memory")
    store = TrackerStore.create(config, domain=Domain.empty())
    wanted = [key for key in await store.keys() if key not in skipped]
    write(out, {"total": len(wanted)})
    for key in wanted:
        tracker = await store.retrieve_full_tracker(key)
        if tracker is not None:
            write(out, {"sender_id": key, "events": [event.as_dict() for event in tracker.events]})


def write(out, value):
    out.write(json.dumps(value, default=str) + "\n")
    out.flush()


def main():
    # Rasa and its stores print as they like; standard output is for us alone.
    out, sys.stdout = sys.stdout, sys.stderr
    sys.path[0] = os.getcwd()  # as where Rasa itself is started: a store of the bot's own is found there
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    skipped = {json.loads(line) for line in sys.stdin}
    done = export(sys.argv[1], skipped, out)
    if inspect.isawaitable(done):
        asyncio.run(done)


if __name__ == "__main__":
    main()
