"""Runs one benchmark, or all: `python -m benchmarks [NAME ...]`. Exits 1 when a target is missed."""

import sys
from importlib import import_module
from pathlib import Path

from benchmarks.report import publish

NAMES = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py") if path.stem != "report")


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        print(f"There is no benchmark {unknown[0]!r}. There are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    held = [publish(name, import_module(f"benchmarks.{name}").measure()) for name in names or NAMES]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
