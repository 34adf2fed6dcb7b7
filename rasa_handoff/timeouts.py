"""`asyncio.timeout`, on Python 3.10 from the package that it was taken from."""

import sys

__all__ = ["timeout"]

if sys.version_info >= (3, 11):
    from asyncio import timeout
else:
    from async_timeout import timeout
