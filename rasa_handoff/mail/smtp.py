"""Sends an e-mail over SMTP: `ports.Mailer`. The standard library's client, in a thread."""

import asyncio
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from rasa_handoff.core.errors import Refused, SettingsError, Unreachable, problem_of

_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server. `secure`: TLS from the first byte; else STARTTLS wherever the server has it.

    A password goes over TLS only.
    """

    host: str
    port: int
    secure: bool = False
    user: str = ""
    password: str = ""
    timeout: float = 10.0

    async def send(self, message: EmailMessage) -> None:
        """Errors: Refused (the server will not take this one, ever), Unreachable (try again)."""
        await asyncio.to_thread(self._send, message)

    def check(self) -> None:
        """See that it lets us in, and send nothing. Blocks. Errors: those of `send`."""
        self._with_server(lambda server: server.noop())

    def _send(self, message: EmailMessage) -> None:
        self._with_server(lambda server: server.send_message(message))

    def _with_server(self, do: Callable[[smtplib.SMTP], object]) -> None:
        try:
            with self._connected() as server:
                do(server)
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise self._answered(code, text) from error
        except smtplib.SMTPResponseException as error:
            raise self._answered(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            problem = problem_of(error)
            raise Unreachable(f"The mail server {self.host}:{self.port} did not take it ({problem}).") from error

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.secure:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
            elif self.user:
                server.close()
                raise Refused(f"The mail server {self.host}:{self.port} has no TLS; the password is not sent without.")
        if self.user:
            server.login(self.user, self.password)
        return server

    def _answered(self, code: int, text: bytes | str) -> Exception:
        said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        told = f"The mail server {self.host}:{self.port} answered {code} {said}"
        return Refused(told) if 500 <= code < 600 else Unreachable(told)


def smtp_of(url: str) -> Smtp:
    """The server at smtp://user:password@host:587 or smtps://host:465. Errors: SettingsError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise SettingsError("HANDOFF_SMTP_URL is no URL of a mail server; write smtp://user:password@host:587.")
    return Smtp(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        secure=parts.scheme == "smtps",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )
