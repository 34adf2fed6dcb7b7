"""Channels of Rasa, for its `credentials.yml`.

They run inside the Rasa server (Rasa 3.6, Python 3.8 to 3.10) and import Rasa, what it brings, and nothing of ours.
"""
