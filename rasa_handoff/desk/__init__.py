"""The web desk for human agents and the reference chat page for customers."""
