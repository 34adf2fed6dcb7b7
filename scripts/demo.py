"""One conversation through the real stack, shown from both sides as it happens; then the stack stays for you.

Only what a customer and an agent type is written here. Everything else that is printed comes back from the system:
the words of the bot, its decision and why, the package, the choice of the agent, what the bot knows afterwards. Each
step has a time limit, so a stack that does not work ends the demo with an error.
"""

import shutil
import sys

import httpx
from rich.console import Console
from rich.markup import escape

from scripts import training
from scripts.clients import AgentClient, ChatCustomer, RestCustomer, TooLate, wait_until
from scripts.panels import chat_line, choice, decision, memory, package, title
from scripts.stack import ROOT, Stack, end_on_sigterm
from scripts.supervisor import StackError

FOLDER = ROOT / ".run/demo"


def play(stack: Stack, agent: AgentClient, console: Console) -> None:
    """The conversation. Errors: TooLate, StackError, httpx.HTTPError."""
    customer = ChatCustomer(stack.desk_url, arrived=lambda line: chat_line(console, line), meanwhile=stack.check)
    agent.available()
    title(console, "A customer talks to the bot")
    ask(customer, "Hello!")
    customer.hears("bot")
    ask(customer, "Where is my order #10391?")
    customer.hears("bot", "10391")
    ask(customer, "It was meant to be a present. Can I speak to a human please?")
    customer.hears("system", "team")

    handoff = agent.wait_for(customer.conversation_id, "offered")
    whole = agent.handoff(handoff["id"])
    title(console, "Why the bot hands over, and to whom")
    console.print(decision(whole))
    console.print(choice(whole["handoff"], agent.me()))
    title(console, "What the agent has in front of them")
    console.print(package(whole["package"]))

    title(console, "The agent takes over; the bot is silent")
    agent.accept(handoff["id"])
    customer.hears("system", handoff["agent_name"])
    agent.say(handoff["id"], "Hello, Ana here. I can see order #10391 is late. Shall I send a new one by express?")
    customer.hears("agent")
    ask(customer, "Yes please, that would be wonderful.")
    wait_until(lambda: "customer_messaged" in kinds(agent, handoff["id"]), "the agent reads the customer's answer")
    agent.say(handoff["id"], "Done: your new order is #10517, it leaves tomorrow.")
    customer.hears("agent", "10517")

    title(console, "The agent hands back; the bot goes on, and knows what happened")
    note = "Order #10391 was replaced by #10517, sent by express."
    agent.close(handoff["id"], "resolved", note, {"order_id": "10517"})
    customer.hears("bot", note)
    console.print(memory(RestCustomer(stack.rasa_url, customer.conversation_id).slots()))
    ask(customer, "Where is my order now?")
    customer.hears("bot", "10517")


def ask(customer: ChatCustomer, text: str) -> None:
    """The customer writes; what is printed is what the chat then shows."""
    customer.say(text)
    customer.hears("customer", text)


def kinds(agent: AgentClient, handoff_id: str) -> list[str]:
    """What has happened to the handoff."""
    return [entry["kind"] for entry in agent.handoff(handoff_id)["log"]]


def show(console: Console) -> None:
    """Start, play, and stay while there is somebody to look."""
    model = training.trained()
    if FOLDER.exists():
        shutil.rmtree(FOLDER)
    console.print("Starting Rasa, its action server and the desk")
    with Stack(FOLDER, model=model, say=lambda line: console.print(f"  {line}")) as stack:
        agent = stack.agent("ana")
        play(stack, agent, console)
        title(console, "Your turn")
        console.print(f"Chat page  {stack.desk_url}/chat\nDesk       {stack.desk_url}/desk", highlight=False)
        console.print(f"Sign in as {agent.id} with {agent.password}", highlight=False, markup=False)
        if sys.stdin.isatty():
            console.print("Ctrl-C ends it all.")
            stack.watch()


def main() -> int:
    console = Console(soft_wrap=False, width=None if sys.stdout.isatty() else 120)
    end_on_sigterm()
    try:
        show(console)
    except KeyboardInterrupt:
        return 130
    except (StackError, TooLate, training.TrainingError, httpx.HTTPError) as error:
        Console(stderr=True).print(f"[bold red]The demo failed.[/] {escape(str(error))}", highlight=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
