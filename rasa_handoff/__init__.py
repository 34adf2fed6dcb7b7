"""Human handoff for Rasa. Imports nothing: the policy file must load inside Rasa's own environment."""

__version__ = "0.1.0"
