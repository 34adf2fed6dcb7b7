"""compose.yaml and what it builds from: by the compose specification's schema, and by what the code knows.

No container engine runs here: that the images build and work together is not shown.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main
from ruamel.yaml import YAML

from rasa_handoff.cli import app
from rasa_handoff.settings import Environment

ROOT = Path(__file__).resolve().parents[2]
ONE_SHOT = {"migrate"}
OURS = {"actions", "desk", "migrate", "rasa"}
DOCKERFILES = sorted((ROOT / "deploy").glob("*.Dockerfile"))


def loaded(path: Path) -> Any:
    return YAML(typ="safe").load(path)


@pytest.fixture(scope="module")
def compose() -> Any:
    return loaded(ROOT / "compose.yaml")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_it_is_valid_by_the_compose_specification() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    command = [str(checker), "--builtin-schema", "vendor.compose-spec", str(ROOT / "compose.yaml")]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_whole_is_there_and_what_must_scale_can(compose: Any) -> None:
    services = compose["services"]
    assert set(services) == {"postgres", "redis", "rabbitmq", "proxy"} | OURS
    assert {name for name, one in services.items() if "deploy" in one} == {"actions", "desk", "rasa"}
    assert [name for name, one in services.items() if "ports" in one] == ["proxy"]


def test_every_service_says_whether_it_is_well_and_waits_for_those_it_needs(compose: Any) -> None:
    services = compose["services"]
    for name, service in services.items():
        in_image = "HEALTHCHECK" in text(service["build"]["dockerfile"]) if "build" in service else False
        assert "healthcheck" in service or in_image, name
        for needed, how in service.get("depends_on", {}).items():
            wanted = "service_completed_successfully" if needed in ONE_SHOT else "service_healthy"
            assert how["condition"] == wanted, (name, needed)
            assert needed in services


def test_images_are_of_one_release_and_ours_run_without_privileges(compose: Any) -> None:
    for name, service in compose["services"].items():
        if name in OURS:
            assert service["cap_drop"] == ["ALL"]
            assert service["security_opt"] == ["no-new-privileges:true"]
        else:
            assert re.fullmatch(r"[a-z]+:\d[\w.-]*", service["image"]), name


def test_secrets_are_asked_for_and_none_is_in_the_files(compose: Any) -> None:
    named = {found[0]: found[1] for found in re.findall(r"\$\{(\w+)(:[?-])?", text("compose.yaml"))}
    offered = dict(re.findall(r"^(\w+)=(.*)$", text("deploy/example.env"), re.MULTILINE))
    assert set(named) == set(offered)
    for name, needed in named.items():
        secret = name.endswith(("PASSWORD", "TOKEN", "SECRET"))
        assert (needed == ":?") == secret, name
        assert not (secret and offered[name]), name


def test_what_the_server_is_told_are_settings_it_has(compose: Any) -> None:
    known = {f"HANDOFF_{name.upper()}" for name in Environment.model_fields}
    for name in ("actions", "desk", "migrate"):
        told = {key for key in compose["services"][name]["environment"] if key.startswith("HANDOFF_")}
        assert told <= known
        assert "HANDOFF_DATABASE_URL" in told


def test_the_commands_exist(compose: Any) -> None:
    command: Any = typer.main.get_command(app)
    for name in ("migrate", "desk"):
        program, *words = compose["services"][name]["command"]
        assert program == "rasa-handoff"
        found = command
        while words and not words[0].startswith("-"):
            found = found.commands[words.pop(0)]
        options = {option for parameter in found.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options


def test_rasas_endpoints_have_all_they_name(compose: Any) -> None:
    named = set(re.findall(r"\$\{(\w+)\}", text("deploy/endpoints.yml")))
    assert named == set(compose["services"]["rasa"]["environment"])
    endpoints = loaded(ROOT / "deploy/endpoints.yml")
    assert (endpoints["lock_store"]["type"], endpoints["event_broker"]["type"]) == ("redis", "pika")


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.name)
def test_images_are_built_in_stages_of_hashed_packages_and_run_as_nobody_special(dockerfile: Path) -> None:
    lines = dockerfile.read_text(encoding="utf-8").splitlines()
    stages = [number for number, line in enumerate(lines) if line.startswith("FROM ")]
    assert len(stages) == 2
    assert any("--require-hashes" in line for line in lines[: stages[1]])
    users = [line for line in lines[stages[1] :] if line.startswith("USER ")]
    assert users == ["USER 10001"]
    assert any(line.startswith("HEALTHCHECK ") for line in lines[stages[1] :])


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.name)
def test_what_an_image_is_made_of_is_there_and_not_ignored(dockerfile: Path) -> None:
    allowed = {line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")}
    for copied in re.findall(r"^COPY (?!--from)(.*)$", dockerfile.read_text(encoding="utf-8"), re.MULTILINE):
        for source in copied.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert any(source == one or source.startswith(f"{one}/") for one in allowed), source


def test_mounted_files_are_there_and_only_read(compose: Any) -> None:
    mounted = [one for service in compose["services"].values() for one in service.get("volumes", []) if one[0] == "."]
    assert len(mounted) == 2
    for one in mounted:
        source, _, mode = one.split(":")
        assert (ROOT / source).is_file()
        assert mode == "ro"


def test_the_rest_channel_and_the_metrics_are_not_open_to_the_outside() -> None:
    doors = dict(re.findall(r"handle (/\S+) \{\s+(\w+)", text("deploy/Caddyfile")))
    assert doors == {"/webhooks/rest/*": "respond", "/metrics": "respond", "/webhooks/*": "reverse_proxy"}
