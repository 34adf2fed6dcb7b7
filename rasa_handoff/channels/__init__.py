"""The takeover channels, one module or package each. `registry` finds them, and those that others have added."""
