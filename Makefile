# Everything that is done to this project, by name. `make setup` is all that a fresh machine needs.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# Only the public index is asked, so that no hash of a locally built file gets into a lock.
COMPILE = env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null CUSTOM_COMPILE_COMMAND="make lock" \
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links
WORKERS ?= 2

.PHONY: setup demo test check lint format types unit majors image containers bench histories schemas lock clean
.DEFAULT_GOAL := setup

setup: $(READY)

$(READY): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Drydock needs Python 3.11 or newer; name one with: make setup PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "This Python cannot make virtual environments. Debian, Ubuntu: apt-get install python3-venv" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY)  ## the main job on real input: a throwaway Postgres, applied and pending migrations
	$(BIN)/drydock demo

test: lint types unit  ## all that CI does, with the same commands

check: test

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY)
	$(BIN)/ruff check --fix-only --quiet . ; $(BIN)/ruff format .

types: $(READY)
	$(BIN)/mypy

unit: $(READY)
	$(BIN)/python -m pytest -n $(WORKERS) --ignore=tests/containers $(ARGS)

majors: $(READY)  ## dumps of every major, 14 to 18, on the nearest servers that this machine has
	DRYDOCK_REQUIRE_ORACLES=1 $(BIN)/python -m pytest tests/end_to_end/test_majors.py --majors 14,15,16,17,18 $(ARGS)

image: $(READY)  ## both sizes of the container image, and what they weigh; ENGINE, BASE, NAME: see docker/build.sh
	$(BIN)/python -m tests.containers.building

containers: $(READY)  ## the image as each platform runs it; as root on Debian, what is missing is installed
	DRYDOCK_REQUIRE_CONTAINERS=1 $(BIN)/python -m pytest tests/containers $(ARGS)

bench: $(READY)
	$(BIN)/python -m bench $(ARGS)

histories: $(READY)  ## DIR: a folder of public histories, each run from empty to the end, once more, and through rehearsals
	@test -n "$(DIR)" || { echo "say which: make histories DIR=/path/to/histories" >&2; exit 2; }
	$(BIN)/python -m histories "$(DIR)" $(ARGS)

schemas: $(READY)  ## write docs/*.schema.json and action.yml from the code
	$(BIN)/python docs/schemas.py

lock: $(READY)  ## renew the locked versions; UPGRADE=--upgrade takes the newest
	$(COMPILE) $(UPGRADE) --output-file=requirements.txt pyproject.toml
	$(COMPILE) $(UPGRADE) --extra=dev --constraint=requirements.txt --output-file=requirements-dev.txt pyproject.toml

clean:
	rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
