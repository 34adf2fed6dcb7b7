"""Whether everything is set up at Twilio, seen live."""

from collections.abc import Awaitable, Callable, Sequence

from rasa_handoff.channel import Checked
from rasa_handoff.channels.twilio.api import Missing, Twilio
from rasa_handoff.channels.twilio.settings import TwilioChannelSettings
from rasa_handoff.core.errors import HandoffError

_CONSOLE = "https://console.twilio.com"


class Checks:
    def __init__(self, twilio: Twilio, settings: TwilioChannelSettings, auth_token: str, hook_url: str | None) -> None:
        self._twilio = twilio
        self._settings = settings
        self._auth_token = auth_token
        self._hook_url = hook_url

    async def all(self) -> Sequence[Checked]:
        """Errors: none."""
        looks = (self._account, self._flex, self._default, self._workflow, self._task_channel)
        return [*[one for look in looks for one in await _done(look)], self._address()]

    async def _account(self) -> Sequence[Checked]:
        account = self._settings.account
        try:
            found = await self._twilio.absolute(
                "api", f"2010-04-01/Accounts/{account}.json", auth=(account, self._auth_token)
            )
        except HandoffError as error:
            mend = f"copy the account's SID and its primary auth token from {_CONSOLE}: webhooks are signed with it"
            return [Checked(False, f"account and auth token: {error}", mend)]
        status = found.get("status")
        return [Checked(status == "active", f"the account and its auth token fit; it is {status}", f"see {_CONSOLE}")]

    async def _flex(self) -> Sequence[Checked]:
        found = await self._twilio.absolute("flex-api", "v1/Configuration")
        services = [found.get("chat_service_instance_sid"), found.get("flex_service_instance_sid")]
        workspace = found.get("taskrouter_workspace_sid")
        return [
            Checked(
                self._settings.service in services,
                f"the service {self._settings.service} is the one that Flex uses",
                f"set service to {services[0]}",
            ),
            Checked(
                self._settings.workspace == workspace,
                f"the workspace {self._settings.workspace} is the one that Flex uses",
                f"set workspace to {workspace}",
            ),
        ]

    async def _default(self) -> Sequence[Checked]:
        found = await self._twilio.absolute("conversations", "v1/Configuration")
        well = found.get("default_chat_service_sid") == self._settings.service
        mend = f"make it the default, as Flex wants it: {_CONSOLE}, Conversations, Manage, Defaults"
        return [Checked(well, "Flex's service is the account's default for Conversations", mend)]

    async def _workflow(self) -> Sequence[Checked]:
        mend = f"set workflow to the SID of one: {_CONSOLE}, TaskRouter, Workspaces, Workflows"
        return [await self._there("workflow", mend, "Workflows", self._settings.workflow)]

    async def _task_channel(self) -> Sequence[Checked]:
        mend = f"set task_channel to a unique name: {_CONSOLE}, TaskRouter, Workspaces, Task Channels"
        return [await self._there("task channel", mend, "TaskChannels", self._settings.task_channel)]

    async def _there(self, what: str, mend: str, *path: str) -> Checked:
        try:
            found = await self._twilio.get("taskrouter", *path)
        except Missing:
            return Checked(False, f"there is no {what} {path[-1]} in the workspace", mend)
        return Checked(True, f"the {what} {found.get('friendly_name') or path[-1]} is there")

    def _address(self) -> Checked:
        url = self._hook_url or ""
        mend = "give the desk an address that Twilio reaches by https: HANDOFF_PUBLIC_URL"
        return Checked(url.startswith("https://"), f"Twilio is given {url or 'no address'} for its webhooks", mend)


async def _done(look: Callable[[], Awaitable[Sequence[Checked]]]) -> Sequence[Checked]:
    try:
        return await look()
    except HandoffError as error:
        return [Checked(False, str(error), "see that Twilio can be reached, and what the key may do")]
