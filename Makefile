# AQE Desktop. `make run` opens it, `make test` proves it; `make help` lists the rest.

.DEFAULT_GOAL := help
SHELL := /bin/sh
setup := packaging/setup
locks := packaging/locks
code := aqe_desktop tests $(setup) packaging/parts resources/screenshots resources/verify_ledger.py
project := pyproject.toml $(locks)/build.txt $(setup)/environment.py

# An environment's stamp is newer than the locks it was made from; only a change of those installs anything again.
app := .venv/.app
dev := .venv/.dev
headless := .venv-headless/.dev
lock := .venv-lock/.lock

pytest := .venv/bin/python -m pytest
quick := not long and not bench

.PHONY: help run test test-headless test-commands test-services test-ground test-ui test-long parts check bench screenshots lock system-deps system-deps-test system-deps-parts clean

help: ## what each target does
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-24s %s\n", $$1, $$2 }'

run: $(app) ## open the app; without a display, the same chat in this terminal
	@.venv/bin/python $(setup)/system.py run
	@.venv/bin/python -m aqe_desktop

# Side by side: the one waits for engines where the other paints. Each is shown whole when it has ended.
together := --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

# What was changed is compiled first: where Python may write no caches, each of the hundreds of starts would do that anew.
test: check $(headless) ## lint, the suite where no Qt is installed, the tests of the window; under ten minutes
	@.venv/bin/python $(setup)/system.py test
	@.venv/bin/python -m compileall -q aqe_desktop
	@$(MAKE) $(together) test-ui $(headless-parts)

check: $(dev) ## lint only: format, ruff, mypy, the floors
	@.venv/bin/ruff format --check --quiet $(code) || { .venv/bin/ruff format --diff $(code); exit 1; }
	@.venv/bin/ruff check --quiet $(code)
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo

# In parts of about the same length, so that two at a time keep two cores busy to the end.
headless-parts := test-commands test-services test-ground
headless-pytest := .venv-headless/bin/python -m pytest -q -m "$(quick)"
services := tests/runtimes tests/services tests/settings tests/store tests/wires

test-headless: $(headless)
	@.venv-headless/bin/python $(setup)/system.py test
	@$(MAKE) --no-print-directory $(headless-parts)

test-commands: $(headless)
	@$(headless-pytest) tests/cli

test-services: $(headless)
	@$(headless-pytest) $(services)

test-ground: $(headless)
	@$(headless-pytest) tests --ignore=tests/ui --ignore=tests/cli $(services:%=--ignore=%)

test-ui: $(dev)
	@.venv/bin/python $(setup)/system.py test
	@$(pytest) -q tests/ui -m "$(quick)"

provide := PYTHONPATH=packaging .venv/bin/python -m parts
parts: $(dev) ## build the real servers and engines that test-long needs, once, into a cache of their own
	@.venv/bin/python $(setup)/system.py parts
	@$(provide)

test-long: parts ## what takes minutes: kill -9 series, soak, the built wheel, genuine servers and engines
	@.venv/bin/python $(setup)/system.py test
	@$(pytest) -m long

bench: parts ## measure: ratios and medians, no verdicts
	@.venv/bin/python $(setup)/system.py test
	@$(provide) qwen2.5-coder-1.5b
	@$(pytest) -q -s -m bench

screenshots: $(dev) ## take resources/screenshots/*.png anew
	@.venv/bin/python $(setup)/system.py test
	@.venv/bin/python resources/screenshots/make.py

$(app): $(locks)/app.txt $(project)
	@python=$$($(setup)/find-python.sh) && "$$python" $(setup)/environment.py .venv build app
	@touch $@

$(dev): $(locks)/dev.txt $(app)
	@python=$$($(setup)/find-python.sh) && "$$python" $(setup)/environment.py .venv build dev
	@touch $@

$(headless): $(locks)/headless-dev.txt $(project)
	@python=$$($(setup)/find-python.sh) && "$$python" $(setup)/environment.py .venv-headless build headless-dev
	@touch $@

$(lock): $(locks)/lock.txt $(project)
	@python=$$($(setup)/find-python.sh) && "$$python" $(setup)/environment.py .venv-lock build lock
	@touch $@

compile := .venv-lock/bin/uv --quiet pip compile --universal --python-version 3.11 --generate-hashes --no-header
starter := pyproject.toml --extra starter
lock: $(lock) ## write the locks anew from pyproject.toml; UPGRADE=--upgrade takes newer versions
	$(compile) $(UPGRADE) $(starter) --extra gui -o $(locks)/app.txt
	$(compile) $(UPGRADE) $(starter) --extra gui --group dev -o $(locks)/dev.txt
	$(compile) $(UPGRADE) $(starter) -o $(locks)/headless.txt
	$(compile) $(UPGRADE) $(starter) --group test -o $(locks)/headless-dev.txt
	$(compile) $(UPGRADE) pyproject.toml --extra llamacpp -c $(locks)/dev.txt -o $(locks)/llamacpp.txt
	$(compile) $(UPGRADE) --group build -o $(locks)/build.txt
	$(compile) $(UPGRADE) --group lock -o $(locks)/lock.txt

system-deps: ## install the system libraries the app needs (root, Debian)
	@$(setup)/system-deps.sh run

system-deps-test: ## the same, and what the tests drive a window with
	@$(setup)/system-deps.sh test

system-deps-parts: ## the same, and what the parts of test-long are compiled with
	@$(setup)/system-deps.sh parts

clean: ## remove the environments and caches; data and settings stay
	rm -rf .venv .venv-headless .venv-lock .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
