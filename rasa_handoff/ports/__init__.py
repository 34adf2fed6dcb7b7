"""What the service and the courier need from the world, as protocols."""

from rasa_handoff.ports.outside import Bot, KnowledgeBase, Listeners, Post, Writer
from rasa_handoff.ports.store import GRACE, ChatLine, Choose, Entry, Pending, Signalled, Staff, Store

__all__ = [
    "GRACE",
    "Bot",
    "ChatLine",
    "Choose",
    "Entry",
    "KnowledgeBase",
    "Listeners",
    "Pending",
    "Post",
    "Signalled",
    "Staff",
    "Store",
    "Writer",
]
