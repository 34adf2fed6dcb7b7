"""The e-mails of a follow-up: what they say, and how they are sent."""
