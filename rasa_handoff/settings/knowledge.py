"""The part of handoff.yml about the articles that agents answer from."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from rasa_handoff.settings.sections import STRICT


def _with_id(value: str) -> str:
    if not value.startswith(("https://", "http://")) or "{id}" not in value:
        raise ValueError("write an address with {id} in it, such as https://shop.example/help/{id}")
    return value


class KnowledgeSettings(BaseModel):
    """The articles that agents are shown and suggested replies rest on."""

    model_config = STRICT

    folder: Annotated[Path, Field(strict=False)] = Field(
        Path("kb"), description="The folder with the articles, Markdown files; from where the desk is started."
    )
    url: Annotated[str, AfterValidator(_with_id)] | None = Field(
        None,
        description="Where customers can read an article that names no address itself, with `{id}` for its id. Without"
        " one an agent can insert a passage, and no link.",
    )
