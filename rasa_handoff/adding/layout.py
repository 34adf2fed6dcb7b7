"""Where a bot keeps what: as Rasa looks for it, or where the command line says."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rasa_handoff.core.errors import BadInput

YAMLS = (".yml", ".yaml")
NOT_OURS = ("__pycache__", "node_modules", "site-packages")


@dataclass(frozen=True, slots=True)
class Layout:
    """A bot's folder, and in it the domain (file or folder), training data, settings, and action code (file or folder).

    What is not there yet is where it would be made.
    """

    root: Path
    domain: Path
    data: Path
    config: Path
    endpoints: Path
    credentials: Path
    actions: Path
    settings: Path

    def named(self, path: Path) -> str:
        """A path for a person: from the bot's folder."""
        return os.path.relpath(path, self.root)

    def domain_files(self) -> list[Path]:
        return sorted(yaml_files(self.domain)) if self.domain.is_dir() else [self.domain]

    def data_files(self) -> list[Path]:
        return sorted(yaml_files(self.data)) if self.data.is_dir() else []

    def action_files(self) -> list[Path]:
        if self.actions.is_dir():
            return sorted(path for path in _walk(self.actions) if path.suffix == ".py")
        return [self.actions] if self.actions.exists() else []

    def all_files(self) -> list[Path]:
        """Every file of the bot that we may have written into."""
        single = [self.config, self.endpoints, self.settings]
        found = [*self.domain_files(), *self.data_files(), *self.action_files(), *single]
        return sorted({path for path in found if path.is_file()})


def layout(
    root: Path,
    domain: Path | None = None,
    data: Path | None = None,
    config: Path | None = None,
    endpoints: Path | None = None,
    credentials: Path | None = None,
    actions: Path | None = None,
) -> Layout:
    """Relative paths are the bot's. Errors: BadInput, when there is no bot."""
    if not root.is_dir():
        raise BadInput(f"{root} is no folder")
    at = {
        "domain": _domain(root) if domain is None else root / domain,
        "data": root / (data or "data"),
        "config": root / (config or "config.yml"),
    }
    for what in ("domain", "config"):
        if not at[what].exists():
            hint = "" if _given(domain if what == "domain" else config) else f". Is it elsewhere? --{what} PATH"
            raise BadInput(f"{root} is no Rasa bot: there is no {at[what]}{hint}")
    if at["data"].is_file():
        raise BadInput(f"{at['data']} is a file; training data of the plugin's own needs a folder: --data FOLDER")
    return Layout(
        root=root,
        **at,
        endpoints=root / (endpoints or "endpoints.yml"),
        credentials=root / (credentials or "credentials.yml"),
        actions=_actions(root) if actions is None else root / actions,
        settings=root / "handoff.yml",
    )


def _given(path: Path | None) -> bool:
    return path is not None


def _domain(root: Path) -> Path:
    return next((root / name for name in ("domain.yml", "domain") if (root / name).exists()), root / "domain.yml")


def _actions(root: Path) -> Path:
    """A folder wins over a file of the same name, as it does when Python imports it."""
    module = root / "actions.py"
    return module if module.is_file() and not (root / "actions").is_dir() else root / "actions"


def yaml_files(folder: Path) -> Iterator[Path]:
    yield from (path for path in _walk(folder) if path.suffix in YAMLS)


def _walk(folder: Path, above: frozenset[Path] = frozenset()) -> Iterator[Path]:
    """Every file below, through links too, as Rasa goes; but round in no circle, and into no environment."""
    above |= {folder.resolve()}
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name in NOT_OURS:
            continue
        if path.is_file():
            yield path
        elif path.is_dir() and path.resolve() not in above and not (path / "pyvenv.cfg").exists():
            yield from _walk(path, above)
