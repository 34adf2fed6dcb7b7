"""The reference bot's actions with a gate that does nothing: what a turn costs without us."""
