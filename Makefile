# Each target sets up .venv from locked, hashed packages the first time; later calls are quick.
#   make demo    answer the shipped case 04 and write its report
#   make test    lint, types, tests
#   make lint    lint alone
#   make neuron  hold the fibres against the simulator NEURON, in an environment of its own
#   make oracle  hold the network of the comparison against pyAgrum, in an environment of its own
#   make calibrate  ask of 2,000 virtual patients whether stated probabilities come true (hours; resumable)
#   make versus  hold inference against a long run, an exact network and plain weighing (hours; resumable)
#   make bench   what everything costs beside the version before; BENCH_CASES=FOLDER adds cases, KEEP=--keep keeps it
#   make picture draw the README's picture anew (needs Chromium)
#   make lock    renew the locked packages
#   make clean   remove what was built (distclean: .venv too)

PYTHON ?= python3
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
NEURON := build/neuron-venv
ORACLE := build/oracle-venv
RUN := $(VENV)/.run-ready
DEV := $(VENV)/.dev-ready
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install
LOCK := build/lock/bin/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 \
	--generate-hashes --no-header --no-annotate $(UPGRADE)

PACKAGES = $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
WITH_ORACLE = PYTHONPATH=$(CURDIR)/src:$(PACKAGES) $(ORACLE)/bin/python

CHROMIUM ?= $(firstword $(shell command -v chromium chromium-browser google-chrome))
SHOT := --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
	--disable-component-update --disable-sync --hide-scrollbars --blink-settings=preferredColorScheme=1 \
	--user-data-dir=build/chromium --window-size=1280,2270

.PHONY: demo test lint types unit neuron oracle calibrate versus bench picture lock clean distclean
.DELETE_ON_ERROR:

demo: $(RUN)
	@mkdir -p build
	@$(BIN)/garland consult 04 --html build/demo.html
	@echo "report: $(CURDIR)/build/demo.html"

test: lint types unit

lint: $(DEV)
	$(BIN)/ruff check .

types: $(DEV)
	$(BIN)/mypy

unit: $(DEV)
	$(BIN)/python -m pytest $(if $(filter-out 0 1,$(WORKERS)),-n $(WORKERS) --dist loadfile --no-loadscope-reorder)

neuron: $(NEURON)/.ready
	cd simulators && PYTHONPATH=../src:.. ../$(NEURON)/bin/python -m pytest test_truth_neuron.py

oracle: $(ORACLE)/.ready $(DEV)
	$(WITH_ORACLE) -m pytest simulators/test_truth_oracle.py

calibrate: $(RUN)
	$(BIN)/python -m experiments.run calibration

versus: $(ORACLE)/.ready $(RUN)
	$(WITH_ORACLE) -m experiments.versus_table

bench: $(DEV) $(NEURON)/.ready
	$(BIN)/python -m experiments.bench $(KEEP)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Garland needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
		     "Name one: make PYTHON=python3.12" >&2; exit 1; }
	@echo "setting up $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(RUN): requirements/build.txt requirements/run.txt pyproject.toml | $(BIN)/python
	@$(PIP) --require-hashes -r requirements/build.txt -r requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements/dev.txt $(RUN)
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

$(NEURON)/.ready: requirements/neuron.txt
	@$(PYTHON) -m venv $(NEURON)
	@$(NEURON)/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes -r $<
	@touch $@

$(ORACLE)/.ready: requirements/oracle.txt
	@$(PYTHON) -m venv $(ORACLE)
	@$(ORACLE)/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes -r $<
	@touch $@

picture: $(RUN)
	@test -n "$(CHROMIUM)" || { echo "make picture needs Chromium: make picture CHROMIUM=/path/to/it" >&2; exit 1; }
	@mkdir -p build docs
	$(BIN)/garland consult 04 --html build/picture.html >/dev/null
	$(CHROMIUM) $(SHOT) --screenshot=$(CURDIR)/docs/report.png file://$(CURDIR)/build/picture.html 2>/dev/null
	@rm -rf build/chromium

lock:
	@test -x build/lock/bin/uv || { $(PYTHON) -m venv build/lock && build/lock/bin/python -m pip --quiet install uv; }
	$(LOCK) pyproject.toml --extra pdf -o requirements/run.txt
	$(LOCK) requirements/build.in -c requirements/run.txt -o requirements/build.txt
	$(LOCK) pyproject.toml --extra pdf --extra dev -c requirements/run.txt -c requirements/build.txt -o requirements/dev.txt
	$(LOCK) requirements/neuron.in -c requirements/run.txt -c requirements/dev.txt -o requirements/neuron.txt
	$(LOCK) requirements/oracle.in -c requirements/run.txt -c requirements/dev.txt -o requirements/oracle.txt

clean:
	rm -rf build dist .cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV)
