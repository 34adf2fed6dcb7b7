"""Other settings for the shared stack's processes, for as long as a journey needs them."""

from collections.abc import Iterator
from contextlib import contextmanager

from scripts.stack import Stack


@contextmanager
def changed(stack: Stack, *names: str, **environment: str) -> Iterator[None]:
    """The named processes run with this environment inside the block, and as they were after it."""
    before = {name: dict(stack.children[name].environment) for name in names}
    try:
        for name in names:
            stack.restart(name, **environment)
        yield
    finally:
        for name in names:
            stack.children[name].environment = before[name]
            stack.restart(name)
