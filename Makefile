# Two commands do everything: `make run` and `make test`.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test lint types contracts bench docs lock chromium redis clean

run: $(READY) chromium
	@$(BIN)/newsbot up --demo

# Much of what is tested waits, for sites, servers and clocks: five processes share two cores well.
test: $(READY) chromium redis lint types contracts
	$(BIN)/pytest -n 5 --dist loadfile --no-loadscope-reorder

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

contracts: $(READY)
	$(BIN)/lint-imports

bench: $(VENV)/.peers redis
	$(BIN)/python -m benchmarks

# The peers that newsbot is measured beside; nothing else needs them.
$(VENV)/.peers: benchmarks/peers.lock $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r benchmarks/peers.lock
	@touch $@

# Files under docs/ that are generated from the code.
docs: $(READY)
	$(BIN)/python -m newsbot.config_reference > docs/configuration.md

# pip 23.2 and older stumble over some extras, so pip comes first.
$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "newsbot needs Python 3.11; name yours with: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up in $(VENV); this takes about a minute ..."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Pages that need JavaScript want a browser. As root on Debian it is installed; elsewhere its absence is said.
chromium:
	@.ci/chromium

# The tests of runs that a broker hands out want a real one. Installed like Chromium.
redis:
	@.ci/redis

# Needs `uv`; writes every version and hash that the set-up uses.
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --upgrade -o requirements.lock
	uv pip compile benchmarks/peers.txt --no-deps --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --upgrade -o benchmarks/peers.lock

clean:
	rm -rf $(VENV) build dist *.egg-info
