"""A Facebook page with its inbox, our app, and the Graph API; and Rasa's webhook for Messenger, as 3.6 has it."""

import hashlib
import hmac
import json
import time
from collections import defaultdict
from collections.abc import Mapping
from itertools import count
from typing import Any

from rasa_handoff.channel import Person, Press
from rasa_handoff.channels.messenger import KIND
from rasa_handoff.channels.messenger.settings import PAGE_INBOX
from tests.channels.messenger import edges
from tests.channels.vendor import ANNA, Call, FakeVendor, Hook, Reply

PAGE, APP, OTHER_APP = "1065432109876543", "512345678901234", "601234567890123"
TOKEN, SECRET, VERIFY = "EAAH-page-token", "0123456789abcdef0123456789abcdef", "a-verify-token"
FIELDS = ["messages", "messaging_postbacks", "messaging_handovers", "message_echoes", "standby"]
_METADATA = 1000


class No(Exception):
    """The Graph API answers with an error."""

    def __init__(
        self, message: str, code: int, subcode: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbCdEf"}
        self.reply = Reply({"error": error | ({"error_subcode": subcode} if subcode else {})}, 400, headers or {})


class MessengerWorld(FakeVendor):
    kind = KIND
    customers = "facebook"
    anonymous = "Page inbox"
    only_hands_back = True

    def __init__(self) -> None:
        super().__init__()
        self.owners: dict[str, str | None] = defaultdict(lambda: APP)
        self.disabled = False
        self.default_app: str | None = APP
        self.to_app: str | None = PAGE_INBOX
        self.metadata: dict[str, list[str]] = defaultdict(list)
        self.sent: list[dict[str, Any]] = []
        self.strangers: set[str] = set()
        self.limited: dict[str, str] | None = None  # the headers of the answer that a limit is reached
        self.at_rasa: list[dict[str, Any]] = []
        self.rasa_is_up = True
        self.rasa_secret = SECRET
        self.page_token, self.secret = TOKEN, SECRET
        self.scopes = ["pages_messaging", "pages_manage_metadata", "pages_show_list"]
        self.token_app = APP
        self.subscribed = list(FIELDS)
        self.callback: str | None = self.hook_url
        self._mids = count(1)

    def settings(self) -> dict[str, Any]:
        rasa = f"{self.url}/webhooks/facebook/webhook"
        return {"page": PAGE, "app": APP, "to_app": self.to_app, "api": self.url, "rasa": rasa}

    def secrets(self) -> dict[str, str]:
        return {"page_token": self.page_token, "app_secret": self.secret, "verify_token": VERIFY}

    def conversation_id(self, number: int) -> str:
        return f"{4_444_000_000_000_000 + number}"

    # What the Graph API and Rasa answer

    def answer(self, call: Call) -> Reply:
        if call.path == "/webhooks/facebook/webhook":
            return self._rasa(call)
        try:
            return Reply(self._graph(call))
        except No as no:
            return no.reply

    def _graph(self, call: Call) -> Any:
        version, _, path = call.path.lstrip("/").partition("/")
        assert version == "v25.0"
        self._believe(call)
        told = call.json if call.body else {k: v for k, v in call.query.items() if k != "appsecret_proof"}
        node, _, edge = path.partition("/")
        if (node, edge) == (APP, "subscriptions"):
            told = {"object": "page", "callback_url": self.callback, "active": True, "fields": []}
            return {"data": [told] if self.callback else []}
        if node == "debug_token":
            assert told == {"input_token": self.page_token}
            return {"data": {"app_id": self.token_app, "type": "PAGE", "is_valid": True, "scopes": self.scopes}}
        if node != PAGE:
            raise No(f"Unsupported get request. Object with ID '{node}' does not exist", 100, 33)
        if not edge:
            assert set(told["fields"].split(",")) == {"name", "messaging_feature_status"}
            return {"name": "Shop", "messaging_feature_status": {"hop_v2": self.default_app is not None}, "id": PAGE}
        wrong = edges.problems(call.method, edge, told)
        assert not wrong, wrong
        return getattr(self, f"_{call.method.lower()}_{edge}")(told)

    def _believe(self, call: Call) -> None:
        token = call.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in (TOKEN, f"{APP}|{SECRET}"):
            raise No("Error validating access token: the session has been invalidated", 190, 460)
        proof = hmac.new(SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
        if call.query.get("appsecret_proof") != proof:
            raise No("Invalid appsecret_proof provided in the API argument", 100)
        if self.limited is not None:
            raise No("(#613) Calls to this api have exceeded the rate limit.", 613, headers=self.limited)

    def _post_pass_thread_control(self, told: dict[str, Any]) -> Any:
        self._refuse_disabled()
        self._mine(told)
        self._pass(told["recipient"]["id"], told.get("target_app_id") or self.default_app, told.get("metadata", ""))
        return {"success": True}

    def _post_release_thread_control(self, told: dict[str, Any]) -> Any:
        self._refuse_disabled()
        self._mine(told)
        self.owners[told["recipient"]["id"]] = None if self.default_app == APP else self.default_app
        return {"success": True}

    def _post_take_thread_control(self, told: dict[str, Any]) -> Any:
        self._refuse_disabled()
        customer = self._known(told)
        if self.default_app != APP:
            raise No("(#10) Only the default app may take thread control", 10, 2018278)
        if self.owners[customer] == APP:
            raise No("(#100) You are already the thread owner", 100, 2018279)
        self.owners[customer] = APP
        return {"success": True}

    def _post_request_thread_control(self, told: dict[str, Any]) -> Any:
        self._refuse_disabled()
        self.sent.append({"asked": self._known(told)})
        return {"success": True}

    def _post_messages(self, told: dict[str, Any]) -> Any:
        self._mine(told)
        assert len(told["message"]["text"]) <= 2000
        customer, control = told["recipient"]["id"], told["thread_control"]
        self.sent.append(told)
        if control["control_type"] == "pass":
            self._pass(customer, control.get("app_id") or self.default_app, told["message"].get("metadata", ""))
        else:
            self.owners[customer] = None if self.default_app == APP else self.default_app
        return {"recipient_id": customer, "message_id": f"m_{next(self._mids)}"}

    def _get_thread_owner(self, told: dict[str, Any]) -> Any:
        owner = self.owners[told["recipient"]]
        if owner is None:
            return {"data": []}
        seen = {"app_id": owner} if APP in (owner, self.default_app) else {}
        return {"data": [{"thread_owner": {**seen, "expiration": int(time.time()) + 86_400}}]}

    def _get_subscribed_apps(self, told: dict[str, Any]) -> Any:
        return {"data": [{"id": APP, "name": "Bot", "subscribed_fields": self.subscribed}]}

    def _rasa(self, call: Call) -> Reply:
        if not self.rasa_is_up:
            return Reply({}, 503)
        method, _, given = call.headers.get("x-hub-signature", "").partition("=")
        expected = hmac.new(self.rasa_secret.encode(), call.body, getattr(hashlib, method)).hexdigest()
        if given != expected:
            return Reply(b"not validated")
        events = [event for entry in call.json["entry"] for event in entry["messaging"]]
        self.at_rasa += events[:1]  # it returns after the first
        return Reply(b"success")

    def _refuse_disabled(self) -> None:
        if self.disabled:
            raise No("(#100) Handover Protocol APIs disabled for this page.", 100)

    def _known(self, told: dict[str, Any]) -> str:
        customer = told["recipient"]["id"]
        if customer in self.strangers:
            raise No("(#100) No matching user found", 100, 2018001)
        return customer

    def _mine(self, told: dict[str, Any]) -> None:
        if self.owners[self._known(told)] not in (APP, None):
            raise No("(#10) Message failed to send because another app is controlling this thread now.", 10, 2018300)

    def _pass(self, customer: str, app: str | None, metadata: str) -> None:
        assert len(metadata) <= _METADATA
        self.metadata[customer].append(metadata)
        self.owners[customer] = app

    # What people do there

    def agent_says(self, key: str, text: str, person: Person = ANNA) -> None:
        with self.lock:
            if self.owners[key] != PAGE_INBOX and self.default_app:
                self.press(key, Press.ACCEPT)
            self.echoes(key, {"text": text}, PAGE_INBOX)

    def echoes(self, key: str, content: dict[str, Any], app: str | None) -> str:
        mid = f"m_{next(self._mids)}"
        message = {"mid": mid, "is_echo": True, **({"app_id": int(app)} if app else {}), **content}
        self.tells(key, {"message": message}, by_page=True)
        return mid

    def customer_says(self, key: str, text: str, **content: Any) -> str:
        mid = f"m_{next(self._mids)}"
        self.tells(key, {"message": {"mid": mid, "text": text, **content}})
        return mid

    def press(self, key: str, press: Press, person: Person = ANNA) -> None:
        match press:
            case Press.ACCEPT:
                self._moves(key, "take_thread_control", PAGE_INBOX)
            case Press.CLOSE | Press.HAND_BACK:
                self._moves(key, "pass_thread_control", APP)
            case _:
                raise NotImplementedError(press)

    def _moves(self, key: str, what: str, app: str) -> None:
        with self.lock:
            previous, self.owners[key] = self.owners[key], app
            self.tells(key, {what: {"previous_owner_app_id": previous, "new_owner_app_id": app}}, channel="messaging")

    def tells(self, key: str, event: dict[str, Any], *, by_page: bool = False, channel: str | None = None) -> None:
        ids = ({"id": PAGE}, {"id": key}) if by_page else ({"id": key}, {"id": PAGE})
        now = int(time.time() * 1000) + next(self._mids)
        with self.lock:
            is_ours = self.owners[key] in (APP, None) or self.default_app is None
            found = channel or ("messaging" if is_ours else "standby")
        told = {"sender": ids[0], "recipient": ids[1], "timestamp": now, **event}
        self.hooks.append(hook({"object": "page", "entry": [{"id": PAGE, "time": now, found: [told]}]}))

    # What there is to see

    def shown(self, key: str) -> list[str]:
        return []  # the page shows the customer's messages by itself

    def context(self, key: str) -> str:
        with self.lock:
            return self.metadata[key][-1] if self.metadata[key] else ""

    def told(self, key: str) -> list[str]:
        return []

    def is_released(self, key: str) -> bool:
        with self.lock:
            return self.owners[key] in (APP, None)


def hook(told: dict[str, Any]) -> Hook:
    body = json.dumps(told).encode()
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return Hook(body, {"x-hub-signature-256": f"sha256={digest}", "content-type": "application/json"})
