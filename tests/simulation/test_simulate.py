"""`rasa-handoff simulate`: scenarios, what is counted, how many agents are needed, the report, bad input."""

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rasa_handoff.core.conversation import Conversation, Turn
from rasa_handoff.core.decision import Evidence, HandOff, Reason
from rasa_handoff.core.handoff import Accepted, HandedBack, Outcome
from rasa_handoff.core.policy import Policy, Route
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.service import Service
from rasa_handoff.stores import open_store
from rasa_handoff.stores.migrations import upgrade

from .conftest import TREE, Json, Simulate

ROOT = Path(__file__).resolve().parents[2]
ALWAYS_60 = {"name": "any", "handle": {"always": 60}}


def kind(name: str, **more: object) -> Json:
    return {"name": name, "handle": {"exponential": 120}, **more}


def routed(skills: list[str], priority: int = 0) -> Json:
    return {"department": "support", "skills": skills, "priority": priority}


def test_the_same_seed_gives_the_same_numbers_and_another_one_others(simulate: Simulate) -> None:
    first = simulate(runs=2)
    assert simulate(runs=2) == first
    assert simulate("--seed", 7, runs=2) != first
    assert len(set(first["within_of_runs"])) == 2


def test_customers_come_in_the_hours_and_numbers_that_the_profile_says(simulate: Simulate) -> None:
    told = simulate(hours=24, arrivals=[0] * 9 + [200, 400] + [0] * 13, teams=[TREE["teams"][0] | {"count": 40}])
    assert set(told["by_hour"]) == {"9", "10"}
    assert 150 < told["by_hour"]["9"]["customers"] < 250
    assert 330 < told["by_hour"]["10"]["customers"] < 470


def test_with_a_place_for_everybody_nobody_waits_and_occupancy_is_what_they_take(simulate: Simulate) -> None:
    told = simulate(hours=20, kinds=[ALWAYS_60], teams=[TREE["teams"][0] | {"count": 5, "max_chats": 4}])
    assert (told["within"], told["left"], told["unanswered"]) == (1, 0, 0)
    assert told["p90"] == pytest.approx(0, abs=1e-3)
    assert told["occupancy"] == pytest.approx(told["customers"] * 60 / (20 * 3600 * 20), rel=0.01)


def test_a_higher_priority_waits_less(simulate: Simulate) -> None:
    kinds = [kind("low", route=routed([])), kind("high", route=routed([], priority=50))]
    waits = simulate(kinds=kinds)["by_priority"]
    assert waits["50"]["mean_wait"] < waits["0"]["mean_wait"] / 2


def test_who_needs_a_skill_or_a_language_that_nobody_has_is_never_answered(simulate: Simulate) -> None:
    kinds = [kind("plain"), kind("Polish", language="pl"), kind("rare", route=routed(["rare"]))]
    told = simulate(hours=1, arrivals=[30], kinds=kinds)["by_kind"]
    assert told["plain"]["unanswered"] == 0
    assert told["Polish"]["answered"] == told["rare"]["answered"] == 0
    assert told["rare"]["mean_wait"] is None


def test_customers_before_the_shift_wait_until_it_begins(simulate: Simulate) -> None:
    late = TREE["teams"][0] | {"count": 20, "shifts": ["04:00-06:00"]}
    told = simulate(teams=[late])["by_hour"]
    assert told["0"]["mean_wait"] > 3 * 3600
    assert told["5"]["mean_wait"] < 60


def test_customers_who_lose_patience_are_counted_as_left_and_not_as_answered(simulate: Simulate) -> None:
    told = simulate(arrivals=[90], kinds=[kind("any", patience={"exponential": 60})])
    assert told["left"] > 0
    assert told["customers"] == told["answered"] + told["left"]
    assert told["abandonment"] == told["left"] / told["customers"]


def test_agents_who_decline_or_let_pass_make_customers_wait(simulate: Simulate) -> None:
    eager, picky = {"after": {"always": 1}}, {"after": {"always": 1}, "declines": 0.3, "misses": 0.3}
    team = TREE["teams"][0] | {"count": 6}
    assert simulate(teams=[team], answering=eager)["p90"] < simulate(teams=[team], answering=picky)["p90"]


def test_the_p90_that_is_announced_to_who_has_to_wait_mostly_holds(simulate: Simulate) -> None:
    told = simulate(hours=16, arrivals=[50], teams=[TREE["teams"][0] | {"max_chats": 2}])
    assert told["promised"] > 50
    assert 0.8 < told["kept"] < 1


def test_it_finds_the_fewest_agents_that_reach_the_target(simulate: Simulate) -> None:
    found = simulate("--find", "team", target={"within": 20, "share": 0.8})
    tried = {int(count): share for count, share in found["needed"]["tried"].items()}
    count = found["needed"]["count"]
    assert tried[count] == found["within"] >= 0.8 > tried[count - 1]


def test_the_warm_up_is_left_out(simulate: Simulate) -> None:
    assert set(simulate(warm_up=4)["by_hour"]) == {"4", "5"}


def test_without_teams_the_agents_of_the_settings_answer(simulate: Simulate) -> None:
    agents = [{"id": "ana", "name": "Ana", "department": "help", "max_chats": 20}]
    settings = {"departments": [{"id": "help", "name": "Help"}], "agents": agents}
    told = simulate(settings=settings, teams=[])
    assert (told["unanswered"], told["within"]) == (0, 1)


def test_the_report_is_one_page_that_loads_nothing_and_escapes_what_it_is_given(simulate: Simulate) -> None:
    simulate.said("--find", "team", "--out", "report.html", kinds=[kind("<script>alert(1)</script>")], runs=2)
    page = (simulate.folder / "report.html").read_text()
    assert "<script" not in page
    assert page.count("<svg") == 3
    assert not re.search(r"(?:src|href)=", page)
    HTMLParser().feed(page)


@pytest.mark.parametrize(
    ("instead", "said"),
    [
        ({"arivals": [1]}, "arivals: there is no such setting"),
        ({"arrivals": [1, 2]}, "one for each hour from midnight; here are 2"),
        ({"arrivals": [0]}, "nobody comes"),
        ({"warm_up": 6}, "nothing would be left"),
        ({"kinds": [kind("a"), kind("a")]}, "'a' is there twice"),
        ({"kinds": [{"name": "a", "handle": {"exponential": 1, "always": 2}}]}, "say one of always, exponential"),
        ({"kinds": [{"name": "a", "handle": {"exponential": 0}}]}, "must be more than 0"),
        ({"kinds": [{"name": "a", "handle": {"lognormal": {"median": 5, "p90": 5}}}]}, "p90 must be more"),
        ({"kinds": [kind("a", reason="boredom")]}, "there is no such reason"),
        ({"kinds": [kind("a", route={"department": "moon"})]}, "there is no department 'moon'"),
        ({"teams": [TREE["teams"][0] | {"shifts": ["22:00-06:00"]}]}, "ends before it starts"),
        ({"teams": [TREE["teams"][0] | {"max_chats": 0}]}, "max_chats"),
        ({"teams": []}, "there is nobody to answer"),
        ({"answering": {"declines": 0.5, "misses": 0.5}}, "nothing would ever be accepted"),
        ({"settings": {"departments": []}}, "settings.departments"),
    ],
)
def test_what_is_wrong_in_a_scenario_is_named(simulate: Simulate, instead: Json, said: str) -> None:
    told = simulate.said(status=1, **instead)
    assert said in told
    assert "scenario.json" in told
    assert "Traceback" not in told


def test_the_line_is_named(simulate: Simulate) -> None:
    (simulate.folder / "bad.yml").write_text("hours: 3\narrivals: [5]\nkinds:\n  - {name: a, handle: {always: -1}}\n")
    assert "bad.yml, line 4: kinds.0.handle.always" in simulate.run("bad.yml", status=1)


def test_a_team_that_cannot_be_found_or_never_is_enough_is_told(simulate: Simulate) -> None:
    assert "no team 'nobody'" in simulate.said("--find", "nobody", status=1)
    assert "still missed" in simulate.said("--find", "team", status=1, hours=0.2, kinds=[kind("pl", language="pl")])


def test_the_scenario_of_the_guide_is_played_with_the_bots_own_settings(simulate: Simulate) -> None:
    guide = (ROOT / "docs/how-to/simulate.md").read_text(encoding="utf-8")
    scenario = re.search(r"^```yaml\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)
    assert scenario is not None
    (simulate.folder / "day.yml").write_text(scenario[1])
    told = simulate.run("day.yml", "--config", ROOT / "handoff.yml", "--find", "day")
    assert "reach 80% within 60 s" in told


def test_a_scenario_comes_from_the_stores_history(simulate: Simulate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOFF_DATABASE_URL", f"sqlite:///{simulate.folder / 'handoff.sqlite'}")
    remember(f"sqlite:///{simulate.folder / 'handoff.sqlite'}")
    said = simulate.run("--history", 7, "--save", "past.json", "--seed", 3)
    assert "priority 4" in said
    made = json.loads((simulate.folder / "past.json").read_text())
    assert made["kinds"][0]["handle"] == {"empirical": [90.0] * 24}
    assert (made["kinds"][0]["language"], made["kinds"][0]["route"]["priority"]) == ("de", 4)
    assert sum(made["arrivals"]) == pytest.approx(24, rel=0.01)
    assert made["teams"][0]["id"] == "ana"
    assert simulate.run("past.json", "--seed", 3).splitlines() == said.splitlines()[1:]


def test_a_history_without_handoffs_is_told(simulate: Simulate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOFF_DATABASE_URL", f"sqlite:///{simulate.folder / 'handoff.sqlite'}")
    upgrade(f"sqlite:///{simulate.folder / 'handoff.sqlite'}")
    assert "nothing to go by" in simulate.run("--history", 7, status=1)
    assert "Name a scenario file, or --history" in simulate.run(status=1)


def remember(url: str) -> None:
    """A handoff an hour over one day, each of which an agent had for 90 seconds."""
    upgrade(url)
    store, now = open_store(url), [datetime.now(UTC) - timedelta(days=1)]
    store.add_agent(Agent("ana", "Ana", "support", languages=frozenset({"de"}), max_chats=1))
    policy = Policy(routes=(Route("support", priority=4),), language_slot="lang")
    service = Service(store, policy, lambda _: 0.0, clock=lambda: now[0])
    for hour in range(24):
        turn = Turn(f"m{hour}", "human please", now[0])
        conversation = Conversation(f"c{hour}", "rest", (turn,), slots={"lang": "de"})
        evidence = (Evidence("explicit_phrase", "human please", None, 1, "Customer said: human please"),)
        handoff = service.initiate(conversation, (), HandOff(Reason.CUSTOMER_REQUESTED, evidence))
        service.set_presence("ana", Presence.ONLINE)
        service.receive(handoff.id, Accepted("ana", "Ana"))
        now[0] += timedelta(seconds=90)
        service.receive(handoff.id, HandedBack("ana", Outcome.RESOLVED))
        now[0] += timedelta(hours=1, seconds=-90)
