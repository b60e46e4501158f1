# Three commands a person needs: make run, make test, make check. Each makes the virtual environment if it is not there.
# make test WORKERS=0 runs the tests one after another; TESTS="tests/store -x" names some of them.
# make bench and make torture prove the claims in bench/RESULTS.md; KILLS=1000 make torture for a long night.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000

.DEFAULT_GOAL := help
KILLS ?= 200
WORKERS ?= auto
FAST := tests/unit tests/scenario tests/store tests/web

.PHONY: help run test test-fast check packaging format example bench torture clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.serves ## Serve on http://127.0.0.1:8000 (PORT=8001 for another port)
	@$(BIN)/mockpos serve --port $(PORT)

test: $(VENV)/.develops ## Run all tests, side by side on every processor (some minutes)
	@$(BIN)/pytest -n $(WORKERS) $(TESTS)

test-fast: $(VENV)/.develops ## Run the tests of rules, scenarios, stores and the web layer (about a minute)
	@$(BIN)/pytest -n $(WORKERS) $(FAST)

check: $(VENV)/.develops ## Lint, types, and who may import whom
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

packaging: $(VENV)/.develops ## Build the wheel and try it alone; ask the registry for wheels of all it needs
	@$(BIN)/pytest tests/packaging

format: $(VENV)/.develops ## Format the code and bring what is derived up to date
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/python tests/guards/docs_tables.py
	@$(BIN)/python -m tests.scenario.made_files
	@$(BIN)/python -m tests.guards.control_commands
	@$(BIN)/python -m tests.guards.control_examples

example: $(VENV)/.develops ## Serve the example automator over PostgreSQL on http://127.0.0.1:8700 (its data in example-data)
	@PYTHON=$(CURDIR)/$(BIN)/python examples/postgres_automator/serve.sh example-data

bench: $(VENV)/.measures ## Measure mockpos beside the field, and render bench/RESULTS.md (an hour; needs wrk, Node.js and Java)
	@npm ci --silent --prefix bench/peers
	@$(BIN)/python -m bench run; met=$$?; $(BIN)/python -m bench page && exit $$met

torture: $(VENV)/.develops ## Kill a server under load KILLS times (200), then watch one for memory
	@$(BIN)/python -m tests.torture --kills $(KILLS) --report bench/results/torture.json
	@$(BIN)/python -m tests.torture.soak
	@$(BIN)/python -m tests.oracle --steps 20000

clean: ## Remove the virtual environment and what the tools left behind
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("mockpos needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; try make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else 0'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'

$(VENV)/.serves: $(VENV)/bin/python pyproject.toml
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.develops: $(VENV)/bin/python pyproject.toml
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@ $(VENV)/.serves

$(VENV)/.measures: $(VENV)/.develops
	@$(BIN)/pip install --quiet --disable-pip-version-check --group bench
	@touch $@
