"""Rasa's own connector for Messenger on a port of loopback, in Rasa's environment; says what it hears, a line each."""

import json
import sys

from rasa.core.channels.facebook import FacebookInput, MessengerClient
from sanic import Sanic


async def hear(message):
    print(json.dumps([message.sender_id, message.text]), flush=True)


MessengerClient.send_action = lambda *_, **__: None  # "typing", which would be told to Facebook
app = Sanic("connector", configure_logging=False)
connector = FacebookInput("a-verify-token", sys.argv[2], "EAAH-page-token")
app.blueprint(connector.blueprint(hear), url_prefix="/webhooks/facebook")
app.register_listener(lambda *_: print("ready", flush=True), "after_server_start")
app.run(host="127.0.0.1", port=int(sys.argv[1]), motd=False, access_log=False)
