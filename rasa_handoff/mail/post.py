"""Our e-mails from end to end: written, addressed and sent. `ports.Post`."""

from collections.abc import Mapping
from dataclasses import dataclass

from rasa_handoff.core.errors import Refused
from rasa_handoff.core.follow_up import Recipient
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.package import ContextPackage
from rasa_handoff.mail.letters import Words, letter
from rasa_handoff.mail.smtp import Smtp


@dataclass(frozen=True, slots=True)
class MailPost:
    """`teams` are the departments' addresses, `names` what people call them, `words` the confirmation by language.

    `sender` is the address our e-mails come from; the department's own where there is none.
    """

    smtp: Smtp
    teams: Mapping[str, str]
    names: Mapping[str, str]
    words: Mapping[str, Words]
    sender: str | None = None

    async def send(self, to: Recipient, handoff: Handoff, package: ContextPackage) -> None:
        """Errors: Refused (no use in trying again), Unreachable."""
        department = handoff.need.department
        team = self.teams.get(department)
        if team is None:
            raise Refused(f"The department {department} has no e-mail address: set `email` of it in handoff.yml.")
        name = self.names.get(department, department)
        await self.smtp.send(letter(to, handoff, package, team, self.sender or team, name, self.words))
