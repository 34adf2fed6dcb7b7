"""A day at the desk, played in a moment: the service itself, over customers and agents that follow a scenario."""
