"""The page of the command line, from the commands themselves."""

import inspect
from collections.abc import Iterator
from typing import Any

import typer.main

from rasa_handoff.cli import app

# Click's commands and parameters; typer brings a click of its own, whose types have no public name.
Command = Any
Parameter = Any

KINDS = {"path": "PATH", "int": "NUMBER", "float": "NUMBER"}

HEAD = """# Command line

Generated from the code by `python -m scripts.reference`; do not edit.

All commands read [the settings and the environment](settings.md). Errors go to standard error with exit code 1.
`detect`, `explain`, `replay` and `evaluate` need no store; what is broken in their input is named by its line and stops
them, or with `--skip-bad` is told and passed over. What their files look like is on [Evaluation files](evaluation.md),
a scenario on [Scenario files](scenario.md).
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_section(name, command) for name, command in _commands(typer.main.get_command(app)))])


def _commands(group: Command, path: str = "") -> Iterator[tuple[str, Command]]:
    """All that can be run, by its words."""
    if hasattr(group, "commands"):
        for name, command in sorted(group.commands.items()):
            yield from _commands(command, f"{path} {name}".strip())
    else:
        yield path, group


def _section(name: str, command: Command) -> str:
    rows = [_row(one) for one in command.params if one.name != "help"]
    arguments = " ".join(_metavar(one) for one in command.params if _is_argument(one))
    options = "[OPTIONS]" if any(one.name != "help" and not _is_argument(one) for one in command.params) else ""
    usage = " ".join(part for part in ("rasa-handoff", name, arguments, options) if part)
    parts = [f"## {name}\n", f"`{usage}`\n", f"{inspect.cleandoc(command.help or '')}\n"]
    if rows:
        parts += ["| argument or option | default | meaning |\n|---|---|---|", *rows, ""]
    return "\n".join(parts)


def _is_argument(one: Parameter) -> bool:
    return bool(one.param_type_name == "argument")


def _row(one: Parameter) -> str:
    named = f"`{_metavar(one)}`" if _is_argument(one) else _option(one)
    meaning = str(getattr(one, "help", None) or "")
    if not meaning:
        raise ValueError(f"the parameter {one.name} has no help")
    return f"| {named} | {_default(one)} | {meaning} |"


def _option(one: Parameter) -> str:
    value = "" if _is_switch(one) else f" {one.metavar or _kind(one)}"
    return ", ".join(f"`{name}{value}`" for name in (*one.opts, *one.secondary_opts))


def _is_switch(one: Parameter) -> bool:
    return "bool" in _type(one)


def _kind(one: Parameter) -> str:
    return next((shown for part, shown in KINDS.items() if part in _type(one)), "TEXT")


def _type(one: Parameter) -> str:
    return str(one.display_type(None))


def _metavar(argument: Parameter) -> str:
    if argument.metavar:
        return str(argument.metavar)
    name = str(argument.name).upper() + ("..." if argument.nargs != 1 else "")
    return name if argument.required else f"[{name}]"


def _default(one: Parameter) -> str:
    if one.required:
        return "required"
    shown = one.default() if callable(one.default) else one.default
    if not _is_argument(one) and _is_switch(one):
        return f"`{(one.opts if shown else one.secondary_opts)[0]}`" if one.secondary_opts else "off"
    return "not set" if shown in (None, [], ()) else f"`{shown}`"
