"""What each side has, for the journeys to compare."""

from scripts.clients import AgentClient


def messages_to_agent(agent: AgentClient, handoff_id: str) -> list[str]:
    """What the customer has written since the handoff, as the agent reads it."""
    log = agent.handoff(handoff_id)["log"]
    return [entry["data"]["text"] for entry in log if entry["kind"] == "customer_messaged"]
