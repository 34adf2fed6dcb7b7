"""What no linter looks for: paths of one machine, registry hosts, notes to self, and files with two subjects.

Looks at every file that git tracks or would add.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST = 400
"""Lines of a Python file outside tests. Ours are near 150; past this it has a second subject."""

FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.}/-])/(?:work|root|home)(?=/|\b(?!-))"),
    "the host of a package registry": re.compile(
        r"(?:pypi|pythonhosted|npmjs|yarnpkg|anaconda)\.(?:org|com)|artifactory|--(?:extra-)?index-url|--find-links"
    ),
    "a note to self": re.compile(r"\b(?:TODO|FIXME|XXX)(?=[:( ])"),
}
NOT_OURS = ("static/vendor/", "LICENSE")


def main() -> int:
    problems = [problem for path in files() for problem in problems_of(path)]
    for problem in problems:
        print(problem)
    print(
        f"{len(problems)} problems." if problems else "Clean: no machine paths, registry hosts, notes to self, giants."
    )
    return 1 if problems else 0


def files() -> list[Path]:
    """Every file that is tracked or would be added."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = [Path(name) for name in sorted(set(names.split("\0"))) if name]
    return [path for path in found if path.is_file() and not any(part in str(path) for part in NOT_OURS)]


def problems_of(path: Path) -> Iterator[str]:
    """Each as "file:line: what", with the line's text."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return
    if path != Path("scripts/hygiene.py"):
        yield from (f"{path}:{number}: {what}: {line.strip()[:100]}" for number, what, line in matches(lines))
    if path.suffix == ".py" and path.parts[0] != "tests" and len(lines) > LONGEST:
        yield f"{path}: {len(lines)} lines; split it at its second subject (at most {LONGEST})"


def matches(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(lines, 1):
        for what, pattern in FORBIDDEN.items():
            if pattern.search(line):
                yield number, what, line


if __name__ == "__main__":
    sys.exit(main())
