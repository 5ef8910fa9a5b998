# nearfar's verbs. `make run` and `make test` set up everything that they need.
#
#   make run [PHOTO=path]   the studio in a browser, on a virtual camera; with PHOTO, that photo in it
#   make test               every test
#   make check              style, types, who may import whom, C++ warnings, sanitizers
#   make bench              the tables of docs/measured.md
#   make fuzz               each parser on FUZZ_RUNS= inputs
#   make soak               long tests in full and each parser for SOAK_SECONDS=; half an hour
#   make web                the browser's scripts, from web/ into the package
#   make docs               the manual, into site/
#   make clean              remove what was made

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PHOTO ?=
FUZZ_RUNS ?= 200000
SOAK_SECONDS ?= 60
PYTEST ?= -n auto --dist loadfile

ifneq ($(wildcard ../shared/samples),)
export NEARFAR_SAMPLES ?= $(abspath ../shared/samples)
endif

GENERATOR := -G Ninja -DCMAKE_MAKE_PROGRAM="$(CURDIR)/$(VENV)/bin/ninja"
NATIVE := CMakeLists.txt $(shell find native -name '*.cpp' -o -name '*.hpp' 2>/dev/null)

# Node comes as a wheel into the environment: npm finds it by PATH. It is to trust whom the system trusts.
NPM := NODE_USE_SYSTEM_CA=1 PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npm

.DELETE_ON_ERROR:
.PHONY: run test check bench fuzz soak web docs clean native sanitize lint types floors warnings

run: export PHOTO := $(PHOTO)
run: $(VENV)/.built
	@exec $(PY) -m nearfar studio --device virtual:dual $${PHOTO:+"$$PHOTO"}

test: $(VENV)/.built $(VENV)/.dev $(VENV)/.web
	$(PY) -m pytest $(PYTEST)

check: lint types floors warnings sanitize

lint: $(VENV)/.dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(VENV)/.built $(VENV)/.dev $(VENV)/.web
	$(PY) -m mypy
	cd web && $(NPM) run --silent --workspaces types

floors: $(VENV)/.built $(VENV)/.dev
	$(PY) -m pytest -q tests/test_floors.py

warnings: $(VENV)/.venv
	$(PY) -m cmake -S . -B build/warnings $(GENERATOR) -DNEARFAR_WERROR=ON -DPython_EXECUTABLE="$(CURDIR)/$(PY)" >/dev/null
	$(PY) -m cmake --build build/warnings

sanitize: $(VENV)/.venv
	$(PY) -m cmake -S . -B build/sanitize $(GENERATOR) -DNEARFAR_PYTHON=OFF -DNEARFAR_TESTS=ON \
	  -DNEARFAR_WERROR=ON -DNEARFAR_SANITIZE=address,undefined -DCMAKE_BUILD_TYPE=RelWithDebInfo >/dev/null
	$(PY) -m cmake --build build/sanitize
	build/sanitize/native_tests

native: $(VENV)/.built

web: $(VENV)/.web
	cd web && $(NPM) run --silent --workspaces build

bench: $(VENV)/.built $(VENV)/.dev $(VENV)/.web
	$(PY) -m benchmarks

fuzz: $(VENV)/.built $(VENV)/.fuzz
	$(PY) tests/fuzz/run.py --runs $(FUZZ_RUNS)

soak: $(VENV)/.built $(VENV)/.fuzz
	NEARFAR_SOAK=1 $(PY) -m pytest -m soak -s --durations=0
	$(PY) tests/fuzz/run.py --runs 100000000 --seconds $(SOAK_SECONDS)

docs: $(VENV)/.built $(VENV)/.dev
	$(PY) docs/build.py

clean:
	rm -rf build dist out site .fuzz web/node_modules web/webxr/dist $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Setting up: an environment of our own, the build tools, then the package itself.

$(VENV)/.venv: Makefile pyproject.toml
	@sh .ci/prerequisites $(PYTHON)
	@test -x $(PY) || $(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || \
	  { rm -rf $(VENV); $(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --python $(PY) install -q pip; }
	$(PY) -m pip install -q --disable-pip-version-check --upgrade 'pip>=25.1'
	$(PY) -m pip install -q --disable-pip-version-check --group build
	@touch $@

$(VENV)/.built: $(VENV)/.venv $(NATIVE)
	$(PY) -m pip install -q --disable-pip-version-check --no-build-isolation -e '.[scene,studio]'
	@$(PY) -m compileall -q src
	@touch $@

$(VENV)/.dev: $(VENV)/.built
	$(PY) -m pip install -q --disable-pip-version-check --group test --group check --group docs
	@touch $@

$(VENV)/.web: $(VENV)/.venv web/package-lock.json
	$(PY) -m pip install -q --disable-pip-version-check --group web
	cd web && $(NPM) ci --loglevel=error
	@touch $@

$(VENV)/.fuzz: $(VENV)/.dev
	$(PY) -m pip install -q --disable-pip-version-check --group fuzz
	@touch $@
