"""The `rasa-handoff` command. In the bot's environment, where only the policy lives, it says what is missing.

Imports nothing by itself and runs on Python 3.8, as the policy does.
"""

import sys


def main() -> None:
    """Run the command; exits with 1 where the server part is not installed."""
    if sys.version_info < (3, 10):
        sys.exit(_advice("this is Python {}.{}".format(*sys.version_info)))
    try:
        from rasa_handoff.cli import app
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("rasa_handoff"):
            raise
        sys.exit(_advice("{} is not installed here".format(error.name)))
    app()


def _advice(what: str) -> str:
    return (
        "rasa-handoff: {}. The command, the action server and the desk live in an environment of their own, "
        "with Python 3.10 or newer: pip install 'rasa-handoff[server]'"
    ).format(what)


if __name__ == "__main__":
    main()
