"""Between handoffs and takeover channels: what is done there (`outbound`), and what comes from there (`inbound`)."""

from rasa_handoff.relay.inbound import Inbound
from rasa_handoff.relay.links import Links
from rasa_handoff.relay.outbound import Outbound

__all__ = ["Inbound", "Links", "Outbound"]
