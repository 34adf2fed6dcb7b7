"""What was done of something that takes several calls, so that another try goes on where the first one failed.

Telegram recognises no repeated call, and lets bots look for nothing they wrote. What is remembered here is lost with
the process; then a part may be shown twice.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

_KEPT = 2000


class Steps:
    def __init__(self) -> None:
        self._done: OrderedDict[tuple[str, str], Any] = OrderedDict()

    async def once(self, whole: str, step: str, call: Callable[[], Awaitable[Any]]) -> Any:
        """The result of the call, made now or on an earlier try."""
        if (whole, step) not in self._done:
            self._done[whole, step] = await call()
            while len(self._done) > _KEPT:
                self._done.popitem(last=False)
        return self._done[whole, step]

    def forget(self, whole: str) -> None:
        for key in [key for key in self._done if key[0] == whole]:
            del self._done[key]
