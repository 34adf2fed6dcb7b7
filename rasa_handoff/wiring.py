"""Puts the parts together, once per process."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from rasa_handoff.asking import Asking
from rasa_handoff.calling import Caller
from rasa_handoff.channel import Channel
from rasa_handoff.channels.kinds import ChannelKind, ChannelSettings, Setup
from rasa_handoff.core.errors import SettingsError
from rasa_handoff.core.quick import QuickAction
from rasa_handoff.core.runs import Kind
from rasa_handoff.courier import Courier
from rasa_handoff.keeping import Pruner
from rasa_handoff.knowledge import FolderKnowledge
from rasa_handoff.language import Languages
from rasa_handoff.mail.post import MailPost
from rasa_handoff.mail.smtp import smtp_of
from rasa_handoff.normalising import normaliser
from rasa_handoff.ports import KnowledgeBase, Store
from rasa_handoff.rasa.client import RasaClient
from rasa_handoff.relay import Inbound, Links, Outbound
from rasa_handoff.sentiment import vader
from rasa_handoff.service import Service, utc_now
from rasa_handoff.settings import Environment, Settings, load_settings
from rasa_handoff.settings.channels import channels_of
from rasa_handoff.signing import key_of
from rasa_handoff.stores import open_store
from rasa_handoff.suggesting import Suggester
from rasa_handoff.webhooks import Endpoint, Webhooks
from rasa_handoff.writers.metrics import Prices
from rasa_handoff.writers.model import LanguageModel, Limits
from rasa_handoff.writers.openai_writer import OpenAIWriter

_MADE_UP = secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Assist:
    """What helps agents to answer. `unavailable` says by a quick action's id why it cannot run."""

    knowledge: KnowledgeBase
    suggester: Suggester
    actions: tuple[QuickAction, ...]
    unavailable: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the edges (actions, desk, command line) work with. All of the desk shares the `model`, for its bounds."""

    environment: Environment
    settings: Settings
    store: Store
    service: Service
    model: LanguageModel | None
    languages: Languages = field(default_factory=Languages)

    def bot(self) -> RasaClient:
        """A client of the Rasa server, for one event loop."""
        token = self.environment.rasa_token
        return RasaClient(self.environment.rasa_url, token.get_secret_value() if token else None)

    def courier(self, bot: RasaClient, channels: Mapping[str, Channel] | None = None) -> Courier:
        """`channels` are those of `channels()`, which the desk's hooks share with it."""
        channels = self.channels() if channels is None else channels
        webhooks = Webhooks(endpoints(self.environment, self.settings))
        writer = OpenAIWriter(self.model) if self.model else None
        caller = Caller(action_keys(self.environment, self.settings))
        outbound = Outbound(self.store, self.service, channels, self.links())
        inbound = Inbound(
            self.store,
            self.service,
            bot,
            channels,
            self.links(),
            self.assist().suggester,
            utc_now,
            {one.id: one.correction for _, one in channels_of(self.settings.channels)},
        )
        return Courier(
            self.store,
            self.service,
            bot,
            writer,
            webhooks,
            self.post(),
            caller=caller,
            outbound=outbound,
            inbound=inbound,
        )

    def links(self) -> Links:
        return Links(self.environment.public_url, self.secret())

    def channels(self) -> dict[str, Channel]:
        """The takeover channels, for one event loop. Errors: SettingsError, when one lacks a secret."""
        told = channels_of(self.settings.channels)
        return {one.id: channel_of(self.environment, kind, one, self.links()) for kind, one in told}

    def post(self) -> MailPost | None:
        """What sends the e-mails, if there is a mail server. Errors: SettingsError."""
        url = self.environment.smtp_url
        if url is None:
            return None
        settings = self.settings
        return MailPost(
            smtp_of(url.get_secret_value()),
            teams={one.id: one.email for one in settings.departments if one.email},
            names={one.id: one.name for one in settings.departments},
            words=settings.promise.words(),
            sender=self.environment.smtp_sender,
        )

    def pruner(self) -> Pruner | None:
        """What deletes old conversations, if they are not kept for ever."""
        keep = self.settings.retention.keep()
        return Pruner(self.store, keep) if keep else None

    def asking(self) -> Asking:
        return Asking(self.store, self.settings.questions.patience())

    def assist(self) -> Assist:
        """What helps agents to answer, for one desk."""
        told, keys = self.settings.knowledge, action_keys(self.environment, self.settings)
        knowledge = FolderKnowledge(told.folder, self.settings.language, told.url)
        actions = tuple(one.action() for one in self.settings.quick_actions)
        keyless = [one.id for one in actions if one.kind is Kind.HTTP and one.id not in keys]
        unavailable = {id: f"It has no key: set one for {id!r} in HANDOFF_WEBHOOK_SECRETS." for id in keyless}
        return Assist(knowledge, Suggester(knowledge, self.model), actions, unavailable)

    def secret(self) -> str:
        """Signs the desk's cookies, and addresses of files."""
        secret = self.environment.secret
        return secret.get_secret_value() if secret else _MADE_UP


def build(environment: Environment) -> Parts:
    """Errors: SettingsError (handoff.yml), Unreachable (the store)."""
    settings = load_settings(environment.config)
    store = open_store(environment.database_url)
    model = model_of(environment, settings)
    normalise = normaliser(settings.phone_region)
    languages = Languages()
    service = Service(
        store, settings.policy(), vader(), with_model=model is not None, language=languages, normalise=normalise
    )
    return Parts(environment, settings, store, service, model, languages)


def seed(store: Store, settings: Settings) -> None:
    """Make the agents of handoff.yml known; what it says of them replaces what the store says."""
    for agent in settings.agents:
        store.add_agent(agent.agent())


def endpoints(environment: Environment, settings: Settings) -> dict[str, Endpoint]:
    """The webhooks with their keys. Errors: SettingsError, when one has none."""
    found = {}
    for webhook in settings.webhooks:
        secret = environment.webhook_secrets.get(webhook.id)
        key = key_of(webhook.id, secret.get_secret_value() if secret else "")
        found[webhook.id] = Endpoint(str(webhook.url), key, webhook.transcript)
    return found


def channel_of(environment: Environment, kind: ChannelKind, settings: ChannelSettings, links: Links) -> Channel:
    """A takeover channel. Errors: SettingsError, when it lacks a secret, or one is none."""
    told = environment.channel_secrets.get(settings.id, {})
    known = {name: one.get_secret_value() for name, one in told.items()}
    _require_secrets(kind, settings, known)
    return kind.make(Setup(settings.id, settings, known, links.hook(settings.id)))


def _require_secrets(kind: ChannelKind, settings: ChannelSettings, secrets: Mapping[str, str]) -> None:
    lacking = [name for name in kind.secrets if not secrets.get(name) and name not in kind.optional]
    if lacking:
        what = "; ".join(f"{name} ({kind.secrets[name]})" for name in lacking)
        raise SettingsError(
            f"The channel {settings.id!r} lacks secrets in HANDOFF_CHANNEL_SECRETS: {what}. Write them as JSON: "
            f'{{"{settings.id}": {{"{lacking[0]}": "..."}}}}.'
        )
    if unknown := sorted(set(secrets) - set(kind.secrets)):
        known = ", ".join(kind.secrets) or "none"
        raise SettingsError(
            f"HANDOFF_CHANNEL_SECRETS: the channel {settings.id!r} has no secret {unknown[0]!r}; known: {known}."
        )


def action_keys(environment: Environment, settings: Settings) -> dict[str, bytes]:
    """The keys of quick actions that call an address, as far as they have one. Errors: SettingsError, for a bad one."""
    ids = [one.id for one in settings.quick_actions if one.http]
    secrets_ = environment.webhook_secrets
    return {id: key_of(id, secrets_[id].get_secret_value()) for id in ids if id in secrets_}


def model_of(environment: Environment, settings: Settings) -> LanguageModel | None:
    """The language model, if there is a key or a server of one's own."""
    key = environment.llm_api_key or environment.openai_api_key
    if key is None and environment.llm_base_url is None:
        return None
    asked = settings.model
    return LanguageModel(
        name=environment.llm_model,
        base_url=environment.llm_base_url,
        api_key=key.get_secret_value() if key else None,
        limits=Limits(environment.llm_timeout, asked.prompt_tokens, asked.at_once, asked.failures, asked.rest_seconds),
        prices=Prices(asked.prices.prompt, asked.prices.answer, asked.prices.currency),
        allowed=asked.allow,
    )
