"""Invariants under fire: real processes on a real database, and a check of what they left in the log."""
