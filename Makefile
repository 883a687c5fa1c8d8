# The two commands that matter: `make run` and `make test`. Each does all of its own set-up; a second call does none.
PYTHON ?= python3
OUT ?= out/rehearsal
UV_VERSION = 0.13.9
FUZZ_RUNS ?= 5000000
CHAOS_ROUNDS ?= 5
ATTACK_RUNS ?= 12

export UV_PYTHON_DOWNLOADS = never
export UV_PYTHON_PREFERENCE = only-system
# Compiled once, not in each of the some hundred processes that the tests start.
unexport PYTHONDONTWRITEBYTECODE
BIN = .venv/bin

.PHONY: run test check format bench attacks liveness-attacks soak chaos fuzz setup diagram contract clean

run: setup
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		$(BIN)/hallclient run; \
	else \
		echo "No screen here: rehearsing one session with real windows under Xvfb."; \
		$(BIN)/hallclient rehearse --ui --out $(OUT); \
	fi

# In four processes for two cores, since a journey mostly waits; each takes one file after the other, and
# tests/conftest.py says which come first.
test: check
	$(BIN)/pytest --numprocesses=4 --dist=loadfile --no-loadscope-reorder --durations=25

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup
	$(BIN)/python -m tests.bench

# Every line of what an adversary could once do, from outside; last `attacks N, refused N`. `make test` has them all, too.
attacks: setup
	$(BIN)/python -m tests.attacks

# Before the camera: how often attacks made by program pass (APCER) and people are refused (BPCER), ATTACK_RUNS of each.
liveness-attacks: setup
	$(BIN)/python -m tests.soak.attacks --runs $(ATTACK_RUNS)

# A session at each size of a screen. Then hours: 200 sessions in one process; four readers; 20 rehearsals without and 20
# with windows beside two busy processes, of which everyone has to pass; 150 attacks of each kind.
soak: setup
	HALLCLIENT_ALL_SIZES=1 $(BIN)/pytest -q tests/ui/test_sizes.py
	$(BIN)/python -m tests.soak.memory --sessions 200
	$(BIN)/python -m tests.soak.busy --rehearsals 20 --services
	$(BIN)/python -m tests.soak.busy --rehearsals 20
	$(BIN)/python -m tests.soak.four_readers
	$(BIN)/python -m tests.soak.attacks --runs 150

# All that is killed: each process at each step, again and again; a session at each of its points, files to requests.
chaos: setup
	@for round in $$(seq $(CHAOS_ROUNDS)); do $(BIN)/pytest -q tests/journeys/test_*death*.py || exit 1; done
	HALLCLIENT_CHAOS_EVERY=1 $(BIN)/pytest -q tests/chaos

# Ten million inputs in all, in about ten minutes. Its tool is not part of the ordinary set-up.
fuzz: setup
	@.tools/bin/uv sync --quiet --frozen --all-extras --group fuzz --python $(PYTHON)
	$(BIN)/python -m tests.fuzz.record --runs $(FUZZ_RUNS)
	$(BIN)/python -m tests.fuzz.sam --runs $(FUZZ_RUNS)

# The README's state diagram is drawn from the longest plan; the contract with the centre from the code.
diagram: setup
	@$(BIN)/hallclient rules diagram

contract: setup
	$(BIN)/python -m hallclient.central.contract

setup: .venv/.ready

.tools/.packages: .setup/packages .setup/packages.txt
	@.setup/packages
	@mkdir -p .tools && touch $@

.tools/bin/uv: .tools/.packages
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "Python 3.11 to 3.13 is needed; $(PYTHON) is another one. Try: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .tools
	@.tools/bin/pip install -q --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/.ready: .tools/bin/uv pyproject.toml uv.lock drivers/fetch.py drivers/face/models.py
	@echo "Setting up: packages and models, some minutes the first time."
	@.tools/bin/uv sync --quiet --frozen --all-extras --compile-bytecode --python $(PYTHON)
	@$(BIN)/python -m drivers.fetch --pip .tools/bin/pip
	@touch $@

clean:
	rm -rf .venv .tools out
