"""Reads handoff.yml and says where it is wrong: file, line, key."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError

from rasa_handoff.core.errors import SettingsError
from rasa_handoff.settings.whole import Misfit, Settings, misfits
from rasa_handoff.settings.wording import said

Model = TypeVar("Model", bound=BaseModel)


class _Constructor(RoundTripConstructor):
    """Leaves dates as they are written: a date that does not exist is ours to explain, with its line."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: str(node.value))


def load_settings(path: Path) -> Settings:
    """Read and check handoff.yml. Errors: SettingsError with file, line and key of the first thing that is wrong."""
    return load(path, Settings, misfits, "Write one, or set HANDOFF_CONFIG to yours.")


def load(path: Path, model: type[Model], misfits: Callable[[Model], Iterable[Misfit]], missing: str = "") -> Model:
    """Read a YAML (or JSON) file as `model`; `misfits` says what is wrong between its parts, `missing` what to do
    when there is no such file. Errors: SettingsError with file, line and key of the first thing that is wrong.
    """
    tree = _parse(path, missing)
    try:
        read = model.model_validate(_plain(tree))
    except ValidationError as error:
        first = error.errors()[0]
        raise _wrong(path, tree, first["loc"], said(first)) from error
    for location, text in misfits(read):
        raise _wrong(path, tree, location, text)
    return read


def lines_of(path: Path, locations: Iterable[Sequence[str | int]]) -> dict[tuple[str | int, ...], int]:
    """The line of each location that the file has. Errors: SettingsError."""
    tree = _parse(path, "")
    return {tuple(one): _line_of(tree, one) for one in locations if _has(tree, one)}


def _has(tree: Any, location: Sequence[str | int]) -> bool:
    for part in location:
        try:
            tree = tree[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _wrong(path: Path, tree: Any, location: Sequence[str | int], text: str) -> SettingsError:
    place = ".".join(map(str, location)) or "file"
    return SettingsError(f"{path}, line {_line_of(tree, location)}: {place}: {text}")


def _parse(path: Path, missing: str) -> Any:
    yaml = YAML(typ="rt")
    yaml.Constructor = _Constructor
    try:
        tree = yaml.load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: there is no such file. {missing}".rstrip()) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise SettingsError(f"{path}, line {line}: this is not YAML: {error.problem}") from error
    if tree is not None and not isinstance(tree, CommentedMap):
        raise SettingsError(f"{path}, line 1: expected keys such as `agents:` at the top")
    return tree if tree is not None else CommentedMap()


def _plain(node: Any) -> Any:
    """ruamel's round-trip nodes as plain Python values."""
    if isinstance(node, CommentedMap):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    for plain in (bool, int, float, str):
        if isinstance(node, plain):
            return plain(node)
    return node


def _line_of(tree: Any, location: Sequence[str | int]) -> int:
    """The line of the innermost part of `location` that is in the file."""
    line = 1
    for part in location:
        try:
            line = (tree.lc.key(part) if isinstance(tree, CommentedMap) else tree.lc.item(part))[0] + 1
            tree = tree[part]
        except (KeyError, IndexError, AttributeError, TypeError):
            break
    return line
