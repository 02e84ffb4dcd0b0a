# Every target sets up what it needs, and is quick the second time.
# The locked lists are complete, hence --no-deps: an older pip, asked to resolve them again, stumbles over
# an extra (coverage[toml]) as soon as the index has a newer release than the lock.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUN    := $(VENV)/.run-ready
DEV    := $(VENV)/.dev-ready
LOCK   := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
          --no-emit-index-url --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help sandbox story test crash check format pictures bench lock clean

help: ## what each target does
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

sandbox: $(RUN) ## the bot between a simulated Slack and a simulated Buddy
	@$(BIN)/greenlight sandbox

story: $(RUN) ## play the main story and print it; fails when a promise is broken
	@$(BIN)/greenlight sandbox --story

# By group: the tests of the page share one Chromium.
test: $(DEV) ## every test, with branch coverage
	@$(BIN)/python -m pytest --numprocesses auto --dist loadgroup --cov --cov-report=term:skip-covered

crash: $(DEV) ## kill the bot at every boundary, on both databases; takes some twenty minutes
	@$(BIN)/python -m tests.crash $(CRASH)

check: $(DEV) ## format, lint, types, import rules, spelling, secrets
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/codespell
	@git ls-files -z -- ':!tests' ':!requirements' | xargs -0 $(BIN)/detect-secrets-hook

format: $(DEV) ## let ruff write what it can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

pictures: $(DEV) ## take the pictures of the README anew; needs Chromium
	@$(BIN)/python -m tests.page.pictures

bench: $(DEV) ## how fast clicks are acknowledged and carried out, and what following and notifying cost, beside peers
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.notify

lock: $(DEV) ## lock current versions with hashes
	$(LOCK) --upgrade pyproject.toml --group build -o requirements/run.txt
	$(LOCK) --upgrade -c requirements/run.txt pyproject.toml --group dev -o requirements/dev.txt

clean: ## remove what these targets made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Greenlight needs Python 3.11 or newer; name one with: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(RUN): requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "Setting up $(VENV) (once) ..."
	@$(PIP) install --require-hashes --no-deps -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements/dev.txt $(RUN)
	@echo "Adding what tests and checks need (once) ..."
	@$(PIP) install --require-hashes --no-deps -r requirements/dev.txt
	@touch $@
