"""How the project is trained, started, shown and checked. Run from the repository's root: `python -m scripts.demo`."""
