"""The bot: its Rasa server, and the model that it was trained to."""

import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from rasa_handoff.checking.findings import Finding, Json, Situation, State, ask
from rasa_handoff.core.effects import Notice

POLICY = "rasa_handoff.policy.HandoffPolicy"
PRIORITY = 7
GATE = "action_handoff_gate"
SLOTS = ("handoff_status", "handoff")
ACTIONS = (GATE, "action_handoff_initiate", "action_handoff_route", "action_handoff_inform", "action_handoff_resume")
INTENTS = (Notice.ACCEPTED.value, Notice.UPDATE.value, Notice.RETURNED.value)
# Without these a customer is handed over, kept waiting or brought back without a word.
RESPONSES = tuple(
    f"utter_handoff_{name}" for name in ("announce", "queued", "no_agent", "waiting", "accepted", "returned", "failed")
)
MENDS = {
    401: "set HANDOFF_RASA_TOKEN to the --auth-token that Rasa was started with",
    404: "rasa run --enable-api",
    409: "rasa train, then start Rasa again: it has no model",
}


def rasa(situation: Situation) -> Iterator[Finding]:
    """Its version, its domain, and with which policies its model was trained."""
    url, token = situation.addresses.rasa, situation.environment.rasa_token
    start = "rasa run --enable-api" + (" --auth-token TOKEN (HANDOFF_RASA_TOKEN has it)" if token else "")
    params = {"token": token.get_secret_value()} if token else {}

    def answer(path: str) -> Json:
        told: Json = ask(situation.http, "Rasa", url + path, start, params, MENDS)
        return told

    version = str(answer("/version").get("version"))
    known = version.startswith("3.6.")
    yield Finding("rasa", State.OK if known else State.WRONG, f"Rasa {version} at {url}",
                  "" if known else "pip install 'rasa==3.6.*'")  # fmt: skip
    yield from _domain(answer("/domain"))
    yield from _model(answer("/status"), situation.models)


def _domain(domain: Json) -> Iterator[Finding]:
    slots = domain.get("slots") or {}
    have = {
        "slots": set(slots),
        "actions": {str(one) for one in domain.get("actions") or ()},
        "intents": {next(iter(one)) if isinstance(one, Mapping) else str(one) for one in domain.get("intents") or ()},
        "responses": set(domain.get("responses") or {}),
    }
    wanted = {"slots": SLOTS, "actions": ACTIONS, "intents": INTENTS, "responses": RESPONSES}
    lacking = {part: [name for name in names if name not in have[part]] for part, names in wanted.items()}
    for part, names in lacking.items():
        if names:
            what = f"its domain lacks the {part} {', '.join(names)}"
            yield Finding("model", State.WRONG, what, f"add the {part} to the domain, then rasa train")
            return
    if deaf := [name for name in SLOTS if not _is_filled_by_the_gate(slots[name])]:
        what = f"the gate does not fill the slot {' and '.join(deaf)}, so it is not called on every turn"
        mend = f"mappings: [{{type: custom, action: {GATE}}}] in the domain, then rasa train"
        yield Finding("model", State.WRONG, what, mend)
    else:
        yield Finding("model", State.OK, "its domain knows the handoff")


def _is_filled_by_the_gate(slot: Json | None) -> bool:
    return any(one.get("type") == "custom" and one.get("action") == GATE for one in (slot or {}).get("mappings") or ())


def _model(status: Json, models: Path) -> Iterator[Finding]:
    """The model's file says with which policies it was trained; Rasa tells its name, and here is where it may lie."""
    named = Path(str(status.get("model_file") or ""))
    file = named if named.is_file() else models / named.name
    metadata = _metadata(file)
    if metadata is None:
        yield Finding("model", State.NOTE, f"{file} is not here, so its policies are not known", "--models FOLDER")
        return
    nodes = metadata["train_schema"]["nodes"].values()
    ours = [node for node in nodes if node.get("uses") == POLICY]
    if not ours:
        mend = f"- name: {POLICY} under policies in config.yml, then rasa train"
        yield Finding("model", State.WRONG, f"{file.name} lacks the policy", mend)
        return
    yield Finding("model", State.OK, f"{file.name} was trained with {POLICY}")
    highest = (ours[0].get("config") or {}).get("priority") or PRIORITY
    for node in nodes:
        if node not in ours and ((node.get("config") or {}).get("priority") or 0) >= highest:
            what = f"{node['uses']} has the priority {node['config']['priority']}, HandoffPolicy {highest}"
            yield Finding("model", State.WRONG, what, "give it a lower one in config.yml, then rasa train")


def _metadata(file: Path) -> Json | None:
    try:
        with tarfile.open(file) as archive:
            member = archive.extractfile("metadata.json")
            found: Json = json.load(member or io.BytesIO(b"{}"))
    except (OSError, tarfile.TarError, KeyError, ValueError):
        return None
    return found if "train_schema" in found else None
