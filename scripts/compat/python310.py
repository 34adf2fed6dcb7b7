"""For pytest on Python 3.10 (`-p scripts.compat.python310`): what our tests use of 3.11.

The package itself takes none of these from the standard library; mypy, which reads it as 3.10 does, sees to that.
"""

import asyncio
import datetime
import enum
import typing

import typing_extensions

from rasa_handoff.core import backports
from rasa_handoff.timeouts import timeout

for module, name, value in (
    (datetime, "UTC", backports.UTC),
    (enum, "StrEnum", backports.StrEnum),
    (typing, "Self", typing_extensions.Self),
    (typing, "assert_never", backports.assert_never),
    (asyncio, "timeout", timeout),
):
    if not hasattr(module, name):
        setattr(module, name, value)
