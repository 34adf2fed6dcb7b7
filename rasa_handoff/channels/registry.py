"""The kinds of channels there are: ours and those of other packages, by entry points."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points

from rasa_handoff.channels.kinds import ChannelKind
from rasa_handoff.core.errors import SettingsError

GROUP = "rasa_handoff.channels"


@cache
def kinds() -> Mapping[str, ChannelKind]:
    """By name. Errors: SettingsError, when one cannot be loaded, or two have one name."""
    found: dict[str, ChannelKind] = {}
    for point in entry_points(group=GROUP):
        kind = _loaded(point.name, point.load)
        if kind.name != point.name or kind.name in found:
            raise SettingsError(f"The channel {kind.name!r} is there twice, or its entry point has another name.")
        found[kind.name] = kind
    return dict(sorted(found.items()))


def _loaded(name: str, load: object) -> ChannelKind:
    try:
        kind = load()  # type: ignore[operator]
    except Exception as error:
        raise SettingsError(f"The channel {name!r} cannot be loaded: {error}. Install its package anew.") from error
    if not isinstance(kind, ChannelKind):
        raise SettingsError(f"The entry point of the channel {name!r} is no ChannelKind.")
    return kind
