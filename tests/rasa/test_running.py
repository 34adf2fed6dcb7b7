"""A bot's action run on purpose: what the tracker tells of it."""

from typing import Any

from rasa_handoff.rasa.running import marked, spoken, trace

RUN = {"id": "r1", "action": "refund", "agent": "Ana"}
MARK = marked(RUN, {})
RAN = {"event": "action", "name": "action_issue_refund"}
LISTEN = {"event": "action", "name": "action_listen"}
SAID = {"event": "bot", "text": "Refunded.", "data": {"buttons": None}, "metadata": {}}


def traced(*events: dict[str, Any]) -> Any:
    return trace(events, "r1", "action_issue_refund")


def test_a_run_that_was_never_marked_has_no_trace() -> None:
    assert traced(RAN, SAID) is None


def test_a_mark_alone_means_that_it_has_not_run() -> None:
    found = traced(*MARK)
    assert (found.executed, found.closed) == (False, False)


def test_what_the_action_said_is_the_result() -> None:
    found = traced(SAID, RAN, *MARK, RAN, SAID, LISTEN)
    assert (found.executed, found.closed, found.traces, found.text) == (True, True, True, "Refunded.")
    assert spoken([SAID, *MARK, RAN, SAID], "r1", "action_issue_refund") == [{"text": "Refunded."}]


def test_its_own_result_goes_before_what_it_said_to_the_customer() -> None:
    result = {"event": "slot", "name": "handoff_action", "value": {**RUN, "result": "€ 5 are on the way."}}
    assert traced(*MARK, RAN, SAID, result).text == "€ 5 are on the way."


def test_an_action_that_left_nothing_may_not_have_run() -> None:
    assert traced(*MARK, RAN).traces is False
    assert traced(*MARK, RAN, LISTEN).traces is False


def test_what_others_said_later_is_not_the_actions() -> None:
    agents = {**SAID, "metadata": {"handoff": {"author": "agent"}}}
    assert traced(*MARK, RAN, agents).traces is False
    assert traced(*MARK, RAN, {"event": "user", "text": "hm"}, SAID).traces is False
