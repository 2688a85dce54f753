# Everything a newcomer needs is two commands: make demo, make test.
# Needs only python3 (3.11 or later), make and a package registry, and the registry only once.
#   make demo PYTHON=python3.12      use another interpreter for a new environment

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SOURCES := src tests benchmarks

# The first serves the pip of Python 3.11, the second later ones, for what builds the package.
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
INSTALL = $(BIN)/python -m pip install --quiet --editable

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help demo test check format soak bench constraints clean

help:
	@echo 'make demo         the worked example in the interface (示例：部门整体绩效自评)'
	@echo 'make test         run the tests'
	@echo 'make check        format, lint, types, import contracts, tests'
	@echo 'make format       put the sources into the one format'
	@echo 'make soak         the properties, with long counts'
	@echo 'make bench        ratios against other formula engines, bare operations, a bare terminal app'
	@echo 'make constraints  take the newest versions into constraints.txt'
	@echo 'make clean        remove the environment and everything generated'

demo: $(VENV)/installed
	@$(BIN)/perfeval demo

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup

check: $(VENV)/installed-dev
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@$(MAKE) --no-print-directory test

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix-only --quiet $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

soak: $(VENV)/installed-dev
	$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup -m "soak or hypothesis" \
	  --hypothesis-profile soak -o faulthandler_timeout=0

bench: $(VENV)/installed-bench
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.store
	$(BIN)/python -m benchmarks.exchange
	$(BIN)/python -m benchmarks.intake
	$(BIN)/python -m benchmarks.interface
	$(BIN)/python -m benchmarks.audit

# A stamp is younger than what it was installed from: a changed pyproject.toml installs again.
# An environment whose interpreter has gone is made anew.
REQUIREMENTS := pyproject.toml constraints.txt

$(VENV)/installed: $(REQUIREMENTS)
	$(call environment)
	$(INSTALL) .
	@touch $@

$(VENV)/installed-dev: $(REQUIREMENTS)
	$(call environment)
	$(INSTALL) '.[dev]'
	@touch $@ $(VENV)/installed

$(VENV)/installed-bench: $(REQUIREMENTS)
	$(call environment)
	$(INSTALL) '.[bench]'
	@touch $@ $(VENV)/installed

define environment
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
  echo 'perfeval 需要 Python 3.11 或更高版本，可用 PYTHON=python3.12 指定' >&2; exit 2; }
@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || { \
  echo '建不了虚拟环境：Debian、Ubuntu、统信、麒麟请先安装 python3-venv' >&2; exit 2; }
endef

# Run it with the oldest Python supported: what runs there has versions for the later ones too.
constraints:
	rm -rf build/constraints && $(PYTHON) -m venv build/constraints
	PIP_CONSTRAINT= PIP_BUILD_CONSTRAINT= \
	  build/constraints/bin/python -m pip install --quiet --editable '.[dev,bench]'
	{ sed -n '/^#/p;/^[^#]/q' constraints.txt; grep -i '^colorama==' constraints.txt; \
	  build/constraints/bin/python -m pip freeze --exclude-editable; } \
	  | awk '!seen[tolower($$0)]++' > build/constraints.txt
	mv build/constraints.txt constraints.txt && rm -rf build/constraints

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find $(SOURCES) -name __pycache__ -prune -exec rm -rf {} +
