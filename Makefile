# Everything a newcomer needs: `make demo`, `make test`. `make` alone lists the targets.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

UV_VERSION := 0.13.9
UV := .uv/bin/uv
PYTHON := .venv/bin/python
# Rasa 3.6 and what it pins warn about each other at every start.
RASA := PYTHONWARNINGS=ignore .venv-bot/bin/rasa

# uv trusts what this machine trusts: a company's own certificate authority, say.
export UV_SYSTEM_CERTS := 1
# Where Python may not keep what it compiled, every start of Rasa would compile all of TensorFlow again.
ifdef PYTHONDONTWRITEBYTECODE
export UV_COMPILE_BYTECODE := 1
endif
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 3
export CUDA_VISIBLE_DEVICES :=
export SQLALCHEMY_SILENCE_UBER_WARNING := 1

.PHONY: help
help:
	@echo "make demo    install, train, start everything, play one conversation, stay up for you to look around"
	@echo "make run     the same without the conversation, until Ctrl-C"
	@echo "make test    everything that must pass: bot, stories, units, contracts, journeys, browser"
	@echo "make test-bots  the plugin in public bots, fetched into HANDOFF_BOTS (minutes for each): not a part of make test"
	@echo "make test-compat  the versions that the documentation names: Python, Rasa, rasa-sdk, SQLAlchemy (long)"
	@echo "make check   lint, format, types, layers, hygiene"
	@echo "make bench   all benchmarks, or one: make bench NAME=turn_overhead"
	@echo "make docs    build the documentation site into site/"
	@echo "make format  let ruff rewrite the code"
	@echo "make lock    pin the requirements anew from requirements/*.in"
	@echo "make clean   remove what was trained, run and measured (not the environments)"

.PHONY: demo
demo: .venv/.synced .venv-bot/.synced
	@exec $(PYTHON) -m scripts.demo

.PHONY: run
run: .venv/.synced .venv-bot/.synced
	@exec $(PYTHON) -m scripts.stack

# pytest goes last, so that its closing line does. Two processes, each with a stack of its own:
# journeys wait for Rasa most of the time.
.PHONY: test
test: .venv/.synced .venv-bot/.synced
	@echo "Checking the bot's data"
	@$(RASA) data validate --fail-on-warnings
	@$(PYTHON) -m scripts.training
	@echo "Testing the policy in Rasa's own environment"
	@.venv-bot/bin/python -W ignore -m unittest discover --buffer --start-directory tests/bot
	@echo "Testing the stories"
	@$(RASA) test core --stories tests/stories --model models/bot.tar.gz --fail-on-prediction-errors --out results
	@$(PYTHON) -m pytest -n 2 --dist worksteal

# Minutes, and gigabytes under .compat/: for a release, not for every change.
.PHONY: test-compat
test-compat: .venv/.synced .venv-bot/.synced
	@$(PYTHON) -m scripts.compat $(if $(ONLY),"$(ONLY)")

HANDOFF_BOTS ?= .cache/bots

.PHONY: test-bots
test-bots: .venv/.synced .venv-bot/.synced
	@HANDOFF_BOTS=$(abspath $(HANDOFF_BOTS)) $(PYTHON) -m pytest tests/bots -v

.PHONY: check
check: .venv/.synced
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/mypy --python-version 3.11 scripts
	@.venv/bin/lint-imports
	@$(PYTHON) -m scripts.hygiene

.PHONY: bench
bench: .venv/.synced .venv-bot/.synced
	@$(PYTHON) -m benchmarks $(NAME)

.PHONY: docs
docs: .venv/.synced
	@.venv/bin/zensical build --clean --strict

.PHONY: format
format: .venv/.synced
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

COMPILE = $(UV) pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-header

.PHONY: lock
lock: $(UV)
	@$(COMPILE) --python-version 3.10 --output-file requirements/bot.txt requirements/bot.in
	@$(COMPILE) --python-version 3.11 --output-file requirements/server.txt requirements/server.in
	@$(COMPILE) --python-version 3.11 --output-file requirements/dev.txt requirements/dev.in

.PHONY: clean
clean:
	@rm -rf models results .run .rasa benchmarks/results dist build site
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .cache

# The environments. Each has a stamp: it is made again when its pins change, and only then.
.venv/.synced: requirements/dev.txt pyproject.toml | $(UV)
	@echo "Setting up .venv: action server, desk, tests"
	@test -x .venv/bin/python || $(UV) venv --quiet --python 3.11 .venv
	@$(UV) pip sync $(if $(CI),--quiet) --python .venv --require-hashes requirements/dev.txt
	@$(UV) pip install --quiet --python .venv --no-deps --no-build-isolation --editable .
	@touch $@

# Nothing of ours is installed here: Rasa finds rasa_handoff/policy.py in the folder it is started in.
.venv-bot/.synced: requirements/bot.txt | $(UV)
	@echo "Setting up .venv-bot: Rasa (large, this takes a while)"
	@test -x .venv-bot/bin/python || $(UV) venv --quiet --python 3.10 .venv-bot
	@$(UV) pip sync $(if $(CI),--quiet) --python .venv-bot --require-hashes requirements/bot.txt
	@touch $@

$(UV):
	@scripts/install-uv $(UV_VERSION)
