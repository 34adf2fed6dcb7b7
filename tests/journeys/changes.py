"""Other settings for the shared stack's processes, for as long as a journey needs them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from scripts.stack import Stack


@contextmanager
def changed(stack: Stack, *names: str, **environment: str) -> Iterator[None]:
    """The named processes run with this environment inside the block, and as they were after it."""
    before = {name: stack.children[name].environment for name in names}
    try:
        _restart(stack, {name: {**old, **environment} for name, old in before.items()})
        yield
    finally:
        _restart(stack, before)


def _restart(stack: Stack, environments: Mapping[str, dict[str, str]]) -> None:
    """All of them at once."""
    stack.stop(*environments)
    for name, environment in environments.items():
        stack.children[name].environment = environment
    stack.start(*environments)
