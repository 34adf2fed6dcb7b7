"""The real processes for the journeys: one stack for the session, and stacks of their own for those that break things.

The bot is trained once. A journey gets the shared stack with nobody online and no handoff open, and leaves it so.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from scripts import training
from scripts.clients import AgentClient, ChatCustomer, RestCustomer, wait_until
from scripts.stack import BOT, Stack

HERE = Path(__file__).parent
SECONDS = 600
AGENTS = ("ana", "ben", "clara")  # as handoff.yml has them


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.journey)
            # The first journey trains the bot, if nobody has, and starts the stack.
            item.add_marker(pytest.mark.timeout(SECONDS))


@pytest.fixture(scope="session")
def model() -> Path:
    """The trained bot. Skips where Rasa is not installed, fails in CI."""
    if not (BOT / "rasa").exists():
        absent = "Rasa's environment is missing: `make .venv-bot/.synced` makes it"
        pytest.fail(absent) if os.environ.get("CI") else pytest.skip(absent)
    return training.trained()


@pytest.fixture(scope="session")
def new_stack(model: Path) -> Callable[..., Stack]:
    """Makes a stack that knows nothing of this machine's own settings; takes what `Stack` does."""
    private = ("HANDOFF_", "OPENAI_", "RASA_", "SHOP_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(private)}
    return partial(Stack, model=model, inherited=inherited)


@pytest.fixture(scope="session")
def shared(new_stack: Callable[..., Stack], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with new_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(scope="session")
def staff(shared: Stack) -> dict[str, AgentClient]:
    """The agents of handoff.yml on the shared stack, by id."""
    return {id: shared.agent(id) for id in AGENTS}


@pytest.fixture
def stack(shared: Stack, staff: dict[str, AgentClient]) -> Iterator[Stack]:
    """The shared stack. What a journey has ended on purpose is started again after it; a crash fails it."""
    yield shared
    shared.start()
    wait_until(lambda: all_ended(staff), "all handoffs are closed", meanwhile=shared.check)
    for agent in staff.values():
        agent.available(False)


@pytest.fixture
def own_stack(new_stack: Callable[..., Stack], tmp_path: Path) -> Iterator[Callable[..., Stack]]:
    """Starts a stack of the journey's own, gone with it: `own_stack(settings=..., environment=...)`."""
    with ExitStack() as running:
        yield lambda **options: running.enter_context(new_stack(tmp_path / "stack", **options))


@pytest.fixture
def ana(stack: Stack, staff: dict[str, AgentClient]) -> AgentClient:
    """Ana of customer support, online."""
    staff["ana"].available()
    return staff["ana"]


@pytest.fixture
def ben(stack: Stack, staff: dict[str, AgentClient]) -> AgentClient:
    """Ben of customer support, away until the journey brings him online."""
    return staff["ben"]


@pytest.fixture
def clara(stack: Stack, staff: dict[str, AgentClient]) -> AgentClient:
    """Clara of legal and data protection, online."""
    staff["clara"].available()
    return staff["clara"]


@pytest.fixture
def customer(stack: Stack) -> ChatCustomer:
    """A new customer in the web chat."""
    return ChatCustomer(stack.desk_url)


@pytest.fixture
def rest_customer(stack: Stack) -> RestCustomer:
    """A new customer straight at Rasa."""
    return RestCustomer(stack.rasa_url)


def all_ended(staff: dict[str, AgentClient]) -> bool:
    """Close what is open, as the agents would; True when nothing was."""
    somebody = next(iter(staff.values()))
    left = somebody.handoffs()
    for handoff in left:
        agent = staff.get(str(handoff["agent_id"]))
        if handoff["status"] == "offered" and agent:
            agent.accept(handoff["id"])
        if handoff["status"] in ("offered", "active") and agent:
            agent.close(handoff["id"], "cancelled")
        if handoff["status"] == "waiting":
            for one in staff.values():
                one.available()
    return not left
