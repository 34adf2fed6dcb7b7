"""Rasa's words and ours: the tracker, the two slots, and the server's HTTP API."""
