"""Where things are, and secrets: environment variables."""

import json
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from rasa_handoff.core.errors import SettingsError
from rasa_handoff.settings.promise import known_address
from rasa_handoff.settings.wording import said


def _parsed(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise ValueError('must be a JSON object such as {"crm": "whsec_..."}') from error


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("must be an address such as https://desk.example.com")
    return value.rstrip("/")


class Environment(BaseSettings):
    """Where things are. Each is an environment variable HANDOFF_<NAME>; OPENAI_API_KEY is read as well."""

    model_config = SettingsConfigDict(env_prefix="HANDOFF_", extra="ignore")

    config: Path = Field(Path("handoff.yml"), description="The settings file.")
    database_url: str = Field(
        "sqlite:///handoff.sqlite",
        description="The store: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE.",
    )
    rasa_url: str = Field("http://localhost:5005", description="The Rasa server, started with --enable-api.")
    rasa_token: SecretStr | None = Field(None, description="The --auth-token the Rasa server was started with.")
    secret: SecretStr | None = Field(
        None, description="Signs the desk's cookies; without it sessions end when the desk restarts."
    )
    webhook_secrets: Annotated[dict[str, SecretStr], NoDecode, BeforeValidator(_parsed)] = Field(
        {},
        description="The keys that webhooks are signed with, as JSON, by their ids in handoff.yml:"
        ' `{"crm": "whsec_..."}`.',
    )
    channel_secrets: Annotated[dict[str, dict[str, SecretStr]], NoDecode, BeforeValidator(_parsed)] = Field(
        {},
        description="The secrets of takeover channels, as JSON, by their ids in handoff.yml:"
        ' `{"slack": {"bot_token": "xoxb-..."}}`.',
    )
    public_url: Annotated[str, AfterValidator(_address)] | None = Field(
        None,
        description="Where the desk is reached from outside, such as https://desk.example.com: takeover channels call"
        " it, and links to it are shown.",
    )
    llm_model: str = Field("gpt-4o-mini", description="The model that writes the summary.")
    llm_base_url: str | None = Field(None, description="Any OpenAI-compatible server; OpenAI's own when not set.")
    llm_api_key: SecretStr | None = Field(
        None, validation_alias="HANDOFF_LLM_API_KEY", description="The model's key. Without key and base URL: no model."
    )
    llm_timeout: float = Field(20.0, gt=0, le=24, description="Seconds the model may take for one summary; at most 24.")
    smtp_url: SecretStr | None = Field(
        None,
        description="The mail server: smtp://USER:PASSWORD@HOST:587 (STARTTLS where it has it) or smtps://HOST:465."
        " Without one no e-mail is sent, and the desk's list is what people answer from.",
    )
    smtp_sender: Annotated[str, AfterValidator(known_address)] | None = Field(
        None, description="The address our e-mails come from; the department's own when not set."
    )
    openai_api_key: SecretStr | None = Field(
        None, validation_alias="OPENAI_API_KEY", description="Used when HANDOFF_LLM_API_KEY is not set."
    )


def load_environment() -> Environment:
    """Errors: SettingsError with the variable that is wrong."""
    try:
        return Environment()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        variable = name if name.isupper() else f"HANDOFF_{name.upper()}"
        raise SettingsError(f"The environment variable {variable} is wrong: {said(first)}") from error
