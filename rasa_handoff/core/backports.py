"""What Python 3.11 brought, for 3.10 too: rasa-sdk 3.6 knows no newer Python.

Mypy checks the code as of 3.10, so what is missing there is noticed. This module goes when 3.10 does.
"""

import sys

__all__ = ["UTC", "StrEnum", "assert_never"]

if sys.version_info >= (3, 11):
    from datetime import UTC
    from enum import StrEnum
    from typing import assert_never
else:
    import datetime
    from enum import Enum
    from typing import NoReturn

    UTC = datetime.timezone.utc

    class StrEnum(str, Enum):
        """An enumeration whose members are, and read as, their texts."""

        def __str__(self) -> str:
            return str(self.value)

        def __format__(self, format_spec: str) -> str:
            return format(str(self.value), format_spec)

    def assert_never(value: NoReturn) -> NoReturn:
        """For the branch that the type checker knows to be dead."""
        raise AssertionError(f"{value!r} was not expected")
