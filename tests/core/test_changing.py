"""A changed copy is what the standard library's would be."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rasa_handoff.core.changing import changed
from rasa_handoff.core.decision import Reason
from rasa_handoff.core.handoff import Handoff, Rules, Status
from rasa_handoff.core.need import Need
from rasa_handoff.core.package import Summary

HANDOFF = Handoff(
    "h1",
    "c1",
    "rest",
    Reason.CUSTOMER_REQUESTED,
    Need("support"),
    Rules(),
    datetime(2026, 3, 1, tzinfo=UTC),
    Summary(()),
)


def test_a_changed_copy_is_the_one_that_replace_makes_and_the_first_stays():
    changes = {"status": Status.OFFERED, "agent_id": "ana", "version": 7}
    assert changed(HANDOFF, **changes) == replace(HANDOFF, **changes)
    assert HANDOFF.version == 0


def test_a_field_that_there_is_not_is_an_error():
    with pytest.raises(KeyError):
        changed(HANDOFF, colour="red")
