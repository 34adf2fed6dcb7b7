"""Addresses of ours that others open: a handoff's page on the desk, and files that only a channel's token can read."""

from dataclasses import dataclass
from urllib.parse import quote

from itsdangerous import BadSignature, URLSafeSerializer

from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Links:
    """`public_url` is where the desk is reached from outside, None when it is not."""

    public_url: str | None
    secret: str

    def page(self, handoff_id: str) -> str | None:
        """The handoff on the desk."""
        return f"{self.public_url}/desk/{handoff_id}" if self.public_url else None

    def hook(self, channel_id: str) -> str | None:
        """The address that the channel's vendor calls."""
        return f"{self.public_url}/hooks/{channel_id}" if self.public_url else None

    def file(self, channel_id: str, private: Attachment, name: str = "file") -> Attachment | None:
        """A private file, at an address that whoever has it can read; None when there is no such address."""
        if self.public_url is None:
            return None
        token = self._signer().dumps([channel_id, private.url])
        assert isinstance(token, str)
        return Attachment(f"{self.public_url}/files/{token}/{quote(name, safe='')}", private.kind)

    def opened(self, token: str) -> tuple[str, str]:
        """The channel and its name for the file. Errors: NotFound."""
        try:
            channel_id, ref = self._signer().loads(token)
        except (BadSignature, ValueError, TypeError) as error:
            raise NotFound("There is no such file.") from error
        return str(channel_id), str(ref)

    def _signer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.secret, salt="channel files")
