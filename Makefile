# make demo: watch three rollouts. make test: everything CI runs. Both set up .venv by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv pip
# Hashes, and no address of where they came from.
COMPILE := $(UV) compile --quiet --universal --python-version 3.11 --no-header --generate-hashes --no-emit-index-url\
  --no-emit-find-links
# Programs that tests start would compile every module anew: what was compiled is kept, outside the source tree.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX ?= $(CURDIR)/$(VENV)/compiled
# Simulations take and give back arrays all the time: glibc keeps the memory, which spares a third of their time.
export MALLOC_MMAP_THRESHOLD_ ?= 33554432
export MALLOC_TRIM_THRESHOLD_ ?= 268435456
export MALLOC_TOP_PAD_ ?= 16777216
# Tests at once: live rollouts in four of them starve each other on two cores.
WORKERS ?= 3

.PHONY: help demo demo-many mission test test-quick nightly lint format types imports bench screenshots assets arena arena-full locks translations docs clean
help:  ## What can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

$(VENV)/.uv: requirements/uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "unfelt needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 demo")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.lock
	@touch $@
$(VENV)/.demo: $(VENV)/.uv requirements/demo.lock pyproject.toml
	@echo "Setting up .venv (once) …"
	@$(UV) sync --quiet --require-hashes requirements/demo.lock
	@$(UV) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
$(VENV)/.dev: $(VENV)/.uv requirements/dev.lock requirements/demo.lock pyproject.toml
	@echo "Setting up .venv with the test tools (once) …"
	@$(UV) sync --quiet --require-hashes requirements/dev.lock
	@$(UV) install --quiet --no-deps --no-build-isolation --editable .
	@touch $(VENV)/.demo $@

demo: $(VENV)/.demo  ## A real architecture change, three rollouts, about two minutes
	@$(BIN)/unfelt demo
demo-many: $(VENV)/.demo  ## The demo over 20 seeds, and what became of its 60 acts
	@$(BIN)/unfelt demo --seeds 20
mission: $(VENV)/.dev  ## A whole change from need to close, and the table of the eighty items: build/mission
	@$(BIN)/python -m mission.play
test: $(VENV)/.dev lint types imports  ## Lint, types, import rules and the whole suite
	@$(BIN)/python -m pytest -m "not nightly" -n $(WORKERS) --dist loadfile --no-loadscope-reorder
test-quick: $(VENV)/.dev  ## The part of the suite that takes under 90 s
	@$(BIN)/python -m pytest -m "not slow and not nightly" -n 3 --dist loadfile --no-loadscope-reorder
nightly: $(VENV)/.dev  ## The long runs
	@$(BIN)/python -m pytest -m nightly
	@UNFELT_EVERY=1 $(BIN)/python -m pytest tests/engines/guard/test_crossing_rates.py
	@$(BIN)/python -m mission.play --nightly
lint: $(VENV)/.dev  ## Style
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
format: $(VENV)/.dev
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .
types: $(VENV)/.dev  ## Types
	@$(BIN)/mypy
imports: $(VENV)/.dev  ## Imports go down only
	@$(BIN)/lint-imports
bench: $(VENV)/.dev  ## The figures in docs/reference/figures.md
	@for b in benchmarks/*.py; do echo "== $$b"; $(BIN)/python $$b || exit 1; done
screenshots: $(VENV)/.dev  ## Every page as a picture in both languages and sizes, and what axe says: build/pages
	@mkdir -p build/pages && UNFELT_SCREENSHOTS=build/pages $(BIN)/python -m pytest tests/web/console/test_every_page.py -k axe
assets: $(VENV)/.dev  ## The scripts of others that the console serves, fetched anew and checked
	@$(BIN)/python -m unfelt.web.frame.vendor
arena: $(VENV)/.dev  ## unfelt beside its peers on the same customers: some minutes
	@$(BIN)/python benchmarks/arena --anew
arena-full: $(VENV)/.dev  ## The same with enough runs to tell 1 %: hours; it may be stopped and started again
	@$(BIN)/python benchmarks/arena --full
translations: $(VENV)/.dev  ## Collect new messages into the catalogues
	@$(BIN)/python -m unfelt.conf.catalogues
locks: $(VENV)/.uv  ## Newest versions allowed by pyproject.toml, with hashes
	@$(COMPILE) --extra demo pyproject.toml requirements/build.in -o requirements/demo.lock
	@$(COMPILE) --extra demo --extra postgres --group dev pyproject.toml requirements/build.in -c requirements/demo.lock -o requirements/dev.lock
clean:
	@rm -rf $(VENV) .unfelt
