"""Writes changes to disk: all of them or none."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rasa_handoff.adding.plan import Change
from rasa_handoff.adding.reading import read
from rasa_handoff.core.errors import BadInput


def write(changes: Sequence[Change]) -> None:
    """All changes, or, after a failure, none.

    Errors: BadInput, when a file is another one than the plan saw, or cannot be written; then everything is as it was.
    """
    for change in changes:
        now = read(change.path) if change.path.is_file() else None
        if now != change.before:
            raise BadInput(f"{change.path} has changed meanwhile; nothing was written. Run the command again")
    made: list[Path] = []
    done: list[Change] = []
    try:
        made += _made_folders(changes)
        staged = [(change, _staged(change)) for change in changes]
        for change, temporary in staged:
            done.append(change)
            _put(change.path, temporary)
    except BaseException as error:  # Ctrl-C too
        _undo(done)
        if isinstance(error, OSError):
            raise BadInput(f"{error}. Nothing was changed") from error
        raise
    finally:
        _sweep(changes, made)
    _drop_empty({change.path.parent for change in changes if change.after is None})


def _made_folders(changes: Sequence[Change]) -> list[Path]:
    """The folders that the changes want and that are not there, made; deepest first."""
    missing = {folder for change in changes for folder in change.path.parents if not folder.exists()}
    for change in changes:
        change.path.parent.mkdir(parents=True, exist_ok=True)
    return sorted(missing, key=lambda folder: len(folder.parts), reverse=True)


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.rasa-handoff")


def _staged(change: Change) -> Path | None:
    """The new content beside the file, with its rights; None: the file goes."""
    if change.after is None:
        return None
    target = change.path.resolve()
    temporary = _temporary(target)
    temporary.write_bytes(change.after.encode("utf-8"))
    if target.exists():
        temporary.chmod(target.stat().st_mode)
    return temporary


def _put(path: Path, temporary: Path | None) -> None:
    path.unlink() if temporary is None else os.replace(temporary, path.resolve())


def _undo(done: Sequence[Change]) -> None:
    for change in reversed(done):
        with suppress(OSError):
            if change.before is None:
                change.path.unlink(missing_ok=True)
            else:
                _put(change.path, _staged(Change(change.path, change.after, change.before)))


def _sweep(changes: Sequence[Change], made: Sequence[Path]) -> None:
    """No temporary file stays, and no folder of ours with nothing in it."""
    for change in changes:
        with suppress(OSError):
            _temporary(change.path.resolve()).unlink(missing_ok=True)
    for folder in made:
        with suppress(OSError):
            folder.rmdir()


def _drop_empty(folders: set[Path]) -> None:
    """What held only files of ours; Python's own leavings do not count."""
    for folder in sorted(folders, key=lambda one: len(one.parts), reverse=True):
        left = list(folder.iterdir())
        if all(one.name == "__pycache__" for one in left):
            with suppress(OSError):
                for cache in left:
                    for compiled in cache.iterdir():
                        compiled.unlink()
                    cache.rmdir()
                folder.rmdir()
