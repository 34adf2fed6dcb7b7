"""Tries the versions that docs/reference/compatibility.md speaks of: `make test-compat [ONLY=part of a name]`.

Each row gets an environment of its own under `.compat/` (kept; uv makes it, and fetches a Python that is not here).
Then the demo's conversation is played through the real processes: the bot, trained by the row's Rasa, hands over,
agent and customer talk, the bot goes on. A row of the bot's side runs the tests of the policy first; a row of the
server's side also tests of the stores and of what stands on them, by pytest. The row of Rasa Pro
holds the flow of docs/how-to/rasa-pro.md against the schema in its package. Prints a table and keeps nothing of it.
"""
