# Every target sets up what it needs, once. On Linux without a GPU, TORCH_INDEX may name PyTorch's
# CPU index, which saves several GB; with a GPU, TORCH may name the build you want (docs/setup.md).
PYTHON      ?= python3
TORCH       ?= torch==2.13.0
TORCH_INDEX ?=
JOBS        ?= 2
LESSONS     ?=

VENV   := .venv
BIN    := $(VENV)/bin
COURSE := $(BIN)/course
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help site serve lab test verify gpu bench lint clean

help: ## show this help
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-8s %s\n", $$1, $$2}'

site: $(VENV)/.ready ## run every lesson at pocket scale and build site/
	$(COURSE) run --jobs $(JOBS)
	$(COURSE) site

serve: site ## the same, then serve it on 127.0.0.1:8000
	$(COURSE) serve

lab: $(VENV)/.lab ## JupyterLab on the lessons, with the pocket Hub running
	$(COURSE) lab

test: site ## lint, types and every test
	$(MAKE) --no-print-directory lint
	$(BIN)/pytest

verify: site ## the nightly checks: cold runs, checkpoints, downloads, rehearsal
	$(BIN)/pytest -m verify

gpu: $(VENV)/.ready ## the lessons on this machine's GPUs, recorded in results/ (LESSONS="ID …")
	$(COURSE) run --gpu $(LESSONS)
	$(COURSE) run --scale full --record $(LESSONS)

bench: site ## the side-by-side measurements, into benchmarks/results/
	$(BIN)/python benchmarks/site.py
	$(BIN)/python benchmarks/few_labels.py
	$(BIN)/python benchmarks/grading.py
	$(BIN)/python benchmarks/assignments.py
	$(BIN)/python benchmarks/capstone.py
	$(BIN)/python benchmarks/real_data.py

lint: $(VENV)/.ready ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean: ## remove what was built (the environment stays)
	rm -rf build site dist

# torch goes first and alone: the other packages then accept the build that is there.
$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: set PYTHON=…") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet $(TORCH) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX))
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $@

$(VENV)/.lab: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[lab]'
	touch $@
