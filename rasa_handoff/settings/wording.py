"""What a wrong setting is told."""

from typing import Any


def said(error: Any) -> str:
    if error["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return "there is no such setting. Check the spelling; docs/reference/settings.md lists them all"
    found = f" (found {error['input']!r})" if isinstance(error["input"], str | int | float | bool) else ""
    return f"{error['msg'].removeprefix('Value error, ')}{found}"
