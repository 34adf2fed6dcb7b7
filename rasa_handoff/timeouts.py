"""`asyncio.timeout`, for Python 3.10 from the package that it was taken from.

There asyncio's TimeoutError is not yet the built-in one, which is what everybody here catches.
"""

import sys

__all__ = ["timeout"]

if sys.version_info >= (3, 11):
    from asyncio import timeout
else:
    import asyncio
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager

    import async_timeout

    @asynccontextmanager
    async def timeout(delay: float | None) -> AsyncIterator[None]:
        """Errors: TimeoutError after `delay` seconds."""
        try:
            async with async_timeout.timeout(delay):
                yield
        except asyncio.TimeoutError as error:
            raise TimeoutError(str(error)) from error
