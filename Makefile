.DEFAULT_GOAL := help
.PHONY: help demo demo-cluster distributed test bench crash faults restore fuzz browser pairs sends standstill simulate stateful bugs windows fmt clean

PYTHON ?= $(firstword $(foreach name,python3.13 python3.12 python3.11 python3,$(shell \
	$(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))
BIN := .venv/bin

# list the targets
help:
	@awk '/^# /{text=substr($$0, 3)} /^[a-z-]+:/{sub(":.*", ""); printf "make %-12s %s\n", $$0, text}' Makefile

# install Conductor into .venv and play the winback example on a virtual clock
demo: .venv/installed
	@$(BIN)/conductor demo

# let three nodes over one PostgreSQL send, and kill one of them
demo-cluster: .venv/installed-test
	@$(BIN)/python -m tests.cluster

# run every check and every test
test: .venv/installed-test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache >.venv/lint-imports.log || { cat .venv/lint-imports.log; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/pytest -n auto

# compare the engine with the same work by hand, and with others (make bench FULL=--full: at full size, hours)
bench: .venv/installed-bench
	@$(BIN)/python -m tests.bench $(FULL)

# kill, pause and stop the engine many times, crash its database, and check its history
crash: .venv/installed-test
	@$(BIN)/pytest -m crash

# read, check and lay out a million generated and spoiled scripts
fuzz: .venv/installed-test
	@$(BIN)/python -m tests.fuzz

# draw previews with an installed Chromium or Chrome
browser: .venv/installed-test
	@$(BIN)/pytest -m browser

# send 100,000 texts through a provider that loses answers, killing the engine every second
sends: .venv/installed-test
	@$(BIN)/pytest -m sends

# play the suite of conformance on PostgreSQL whose tables of contacts are split, and watch every statement
distributed: .venv/installed-test
	@$(BIN)/pytest -m distributed
	@CONDUCTOR_TEST_SPLIT=4 $(BIN)/pytest tests/conformance -k postgresql -n auto

# play the night after three days of standstill, with 100,000 who are due
standstill: .venv/installed-test
	@$(BIN)/pytest -m standstill

# let the database fail in every way while a node serves
faults: .venv/installed-test
	@$(BIN)/pytest -m faults

# lose the database while a node sends, put a backup back, and recover, ten times
restore: .venv/installed-test
	@$(BIN)/pytest -m restore

# tell 2,000 worlds in which everything goes wrong, each from one seed
simulate: .venv/installed-test
	@$(BIN)/pytest -m simulate

# compare the engine with a model, whatever happens in whatever order
stateful: .venv/installed-test
	@$(BIN)/pytest -m stateful

# put 14 classic mistakes into the engine, and see who notices
bugs: .venv/installed-test
	@$(BIN)/python -m tests.simulate.teeth

# compare what conditions mean in SQL and in Python, in 50,000 pairs on each database
pairs: .venv/installed-test
	@$(BIN)/pytest -m pairs

# compare the windows of texts with a walk minute by minute, 2,000,000 times, and at every change of the clocks
windows: .venv/installed-test
	@$(BIN)/pytest -m windows

# ask a year of history of a million contacts what people ask, and delete a month of it
.PHONY: year
year: .venv/installed-test
	@mkdir -p build
	@$(BIN)/python -m tests.year $(YEAR)

# format the code and mend what can be mended
fmt: .venv/installed-test
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# remove everything that was built or installed here
clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The rest has no line in the list: an environment, and a stamp for each set of packages put into it.

.venv/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "error: no Python 3.11 or newer found"; \
		echo "hint: install one, or name it: make PYTHON=/path/to/python3 $(MAKECMDGOALS)"; exit 1; }
	@echo "creating .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 || { rm -rf .venv; $(PYTHON) -m venv --without-pip .venv; }

.venv/installed: .venv/pyvenv.cfg setup.cfg pyproject.toml
	$(call install,.)

.venv/installed-test: .venv/pyvenv.cfg setup.cfg pyproject.toml
	$(call install,.[test])
	@touch .venv/installed

.venv/installed-bench: .venv/pyvenv.cfg setup.cfg pyproject.toml
	$(call install,.[bench$(comma)test])
	@touch .venv/installed .venv/installed-test

comma := ,

# Debian splits pip off; then the system's pip installs into the environment.
define install
	@echo "installing Conductor and what it needs into .venv"
	@if test -x $(BIN)/pip; then pip="$(BIN)/python -m pip"; \
	elif $(PYTHON) -m pip --version >/dev/null 2>&1; then pip="$(PYTHON) -m pip --python $(BIN)/python"; \
	else echo "error: $(PYTHON) has no pip"; echo "hint: apt install python3-venv, or the like"; exit 1; fi; \
	$$pip install --quiet --disable-pip-version-check --editable '$(1)'
	@touch $@
endef
