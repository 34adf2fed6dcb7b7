"""What a server that calls itself compatible understands: found out by being refused, and then remembered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import openai

from rasa_handoff.writers.asking import Ask, Shape

_REFUSALS = frozenset((400, 404, 415, 422, 501))
_SIMPLER = {Shape.SCHEMA: Shape.OBJECT, Shape.OBJECT: Shape.TEXT}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How answers are shaped, what the limit of tokens is called, and whether a stream tells what it used."""

    shape: Shape = Shape.SCHEMA
    limit: str = "max_tokens"
    stream_usage: bool = True

    def options(self, ask: Ask, *, stream: bool) -> dict[str, Any]:
        """The request's arguments beside model and messages."""
        options: dict[str, Any] = {self.limit: ask.most_tokens}
        if stream:
            options["stream"] = True
            if self.stream_usage:
                options["stream_options"] = {"include_usage": True}
        if ask.form is not None and (wanted := self._response_format(ask)):
            options["response_format"] = wanted
        return options

    def _response_format(self, ask: Ask) -> Mapping[str, Any] | None:
        assert ask.form is not None
        match self.shape:
            case Shape.SCHEMA:
                schema = {"name": ask.form.name, "strict": True, "schema": ask.form.schema}
                return {"type": "json_schema", "json_schema": schema}
            case Shape.OBJECT:
                return {"type": "json_object"}
            case Shape.TEXT:
                return None

    def simpler(self, error: Exception, ask: Ask, *, stream: bool) -> "Dialect | None":
        """What to try after the server refused this; None when it is not about the dialect."""
        if not isinstance(error, openai.APIStatusError) or error.status_code not in _REFUSALS:
            return None
        said = str(error).lower()
        if self.limit == "max_tokens" and "max_completion_tokens" in said:
            return replace(self, limit="max_completion_tokens")
        if stream and self.stream_usage and ("stream_options" in said or "include_usage" in said):
            return replace(self, stream_usage=False)
        if ask.form is not None and self.shape in _SIMPLER and error.status_code != 404:
            return replace(self, shape=_SIMPLER[self.shape])
        return None
