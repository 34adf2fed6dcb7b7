"""Takeover in Chatwoot, which owns the conversations: customers write there, the bot answers there as its agent bot.

`docs/how-to/channels/chatwoot.md` says how it is set up. What is said here of Chatwoot was read in its source, 4.10 and
later; where versions differ, it is said.
"""

from rasa_handoff.channels.chatwoot.channel import KIND

__all__ = ["KIND"]
