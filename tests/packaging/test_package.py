"""What `pip install rasa-handoff` brings: everything, into the bot's environment and into the server's."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import tomllib

import rasa_handoff

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BOTS_PYTHONS = ("3.8", "3.9", "3.10")


def run(*command: str | Path) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=110, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-d", folder)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (wheel,) = dist.glob("*.whl")
    return wheel


def test_the_wheel_has_every_file_of_the_package(wheel: Path) -> None:
    tracked = set(run("git", "ls-files", "--cached", "--others", "--exclude-standard", "rasa_handoff").split())
    assert tracked
    assert tracked <= set(zipfile.ZipFile(wheel).namelist())


def test_what_an_index_would_refuse_is_not_in_it(dist: Path) -> None:
    assert run(sys.executable, "-m", "twine", "check", "--strict", *dist.iterdir()).count("PASSED") == 2


def test_the_version_is_said_in_one_place(wheel: Path) -> None:
    assert wheel.name.startswith(f"rasa_handoff-{rasa_handoff.__version__}-")
    assert "version" not in PROJECT


def test_nothing_of_the_bots_environment_is_moved(wheel: Path) -> None:
    (metadata,) = (name for name in zipfile.ZipFile(wheel).namelist() if name.endswith("METADATA"))
    needs = re.findall(r"^Requires-Dist: (.*)$", zipfile.ZipFile(wheel).read(metadata).decode(), re.MULTILINE)
    assert needs
    assert all("extra ==" in need for need in needs)


def test_the_server_extra_is_what_the_server_is_pinned_from() -> None:
    lines = (ROOT / "requirements/server.in").read_text(encoding="utf-8").splitlines()
    assert PROJECT["optional-dependencies"]["server"] == [line for line in lines if line and line[0] != "#"]


@pytest.mark.parametrize("version", BOTS_PYTHONS)
def test_a_bots_python_installs_it_and_reads_the_policy(version: str, wheel: Path, tmp_path: Path) -> None:
    python = python_of(version)
    run(python, "-m", "venv", tmp_path)
    own = tmp_path / "bin/python"
    run(own, "-m", "pip", "install", "--quiet", "--no-index", "--disable-pip-version-check", wheel)
    files = "import rasa_handoff, pathlib; print(pathlib.Path(rasa_handoff.__file__).parent)"
    package = Path(run(own, "-I", "-c", files).strip())
    for path in (
        *(package / name for name in ("policy.py", "tokenizer.py", "__main__.py")),
        *package.glob("connectors/*.py"),
    ):
        run(own, "-m", "py_compile", path)
    run(own, "-I", "-c", "import rasa_handoff.connectors.chatwoot_words")
    told = subprocess.run([tmp_path / "bin/rasa-handoff"], capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 1
    assert "pip install 'rasa-handoff[server]'" in told.stderr


def python_of(version: str) -> Path:
    """An interpreter of this version; the test is skipped where there is none, since pip installs none."""
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    found = shutil.which(f"python{version}", path=os.environ["PATH"].replace(str(pyenv / "shims"), ""))
    candidates = [*pyenv.glob(f"versions/{version}.*/bin/python"), *([Path(found)] if found else [])]
    if not candidates:
        pytest.skip(f"there is no Python {version} here")
    return candidates[0]


def test_a_server_without_its_packages_says_which_is_missing(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", "--without-pip", tmp_path)
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    command = [tmp_path / "bin/python", "-c", "import sys; sys.path.insert(0, sys.argv.pop()); "
               "from rasa_handoff.__main__ import main; main()", tmp_path / "site"]  # fmt: skip
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 1
    assert "typer is not installed here" in told.stderr
