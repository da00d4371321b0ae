# Each target works on a bare checkout: it makes the virtual environment and the engine that it needs first.
# Variables: PYTHON, the Python that the virtual environment is made from (`make test PYTHON=python3.12`);
#            APIKEYS_ENGINE_DIR, another folder than .engine for the built engine; DYNAMIC=1 for the demo;
#            ENGINE, another pinned engine than the newest (`make smoke ENGINE=3.259.0`, and any other target);
#            PLATFORMS, more archives of the plugin than that of this machine (`make release`);
#            ONLY, KEYS, BASE and DOCS=1 for the bench (docs/performance.md).

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup engine hosts lint types generate check-generated unit test smoke demo fault-table bench bench-audit bench-dynamic bench-tokens bench-plugins two-years release lock clean

ifndef PYTHON
PYTHON := $(shell for python in python3 python3.13 python3.12 python3.11 python3.10; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && echo "$$python" && break; done; :)
endif

define PYTHON_WORKS
if ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then \
	echo "There is no Python 3.10 or newer$(if $(PYTHON), named $(PYTHON))." >&2; \
	echo "Install one (on Debian and Ubuntu: apt-get install python3 python3-venv)," >&2; \
	echo "or say where it is: make $(or $(MAKECMDGOALS),setup) PYTHON=/path/to/python3" >&2; \
	exit 1; \
fi
endef

# Kept byte-code spares each of the suite's workers half of its collection: pytest rewrites 250 modules for its asserts.
export PYTHONDONTWRITEBYTECODE :=

ifdef ENGINE
export APIKEYS_ENGINE_VERSION := $(ENGINE)
endif

BIN := .venv/bin
# Named after PYTHON, so that asking for another one remakes the environment.
INSTALLED := .venv/.installed-$(subst /,_,$(PYTHON))
SDK := $(wildcard sdk/python/pyproject.toml)
# So that mypy finds the SDK: setuptools' other ways to install in place go through an import hook.
EDITABLE := --config-settings editable_mode=compat
# What the engine itself decides most about: replacing, healing, importing, cancelling, rotating, failing.
SMOKE := $(addprefix tests/engine/test_,$(addsuffix .py,up changes gone import cancel failures rotation_in_place))
CHECKED := $(wildcard provider tests tools examples benchmarks plugin)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(INSTALLED) ## Make .venv with the project and all that its checks need

$(INSTALLED): pyproject.toml $(SDK)
	@$(PYTHON_WORKS)
	@if ! "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "$(PYTHON) lacks its venv module. On Debian and Ubuntu: apt-get install python3-venv" >&2; \
		exit 1; \
	fi
	@version='import sys; print(sys.version)'; \
	if [ "$$($(BIN)/python -c "$$version" 2>/dev/null)" != "$$("$(PYTHON)" -c "$$version")" ]; then \
		echo "== setup: making .venv with $$("$(PYTHON)" --version)"; \
		"$(PYTHON)" -m venv --clear .venv; \
	fi
	@echo "== setup: installing the project and its tools into .venv"
	@# Pulumi's Python host runs pip for every command, and old ones are slow.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@$(if $(SDK),$(BIN)/python -m pip install --quiet --disable-pip-version-check $(EDITABLE) -e ./sdk/python)
	@# Where Python may write no byte-code (PYTHONDONTWRITEBYTECODE), each start would compile all of this again.
	@$(BIN)/python -m compileall -q provider sdk/python
	@touch $@

engine: ## Find a Pulumi engine on PATH, or build the pinned one into .engine
	@$(PYTHON_WORKS)
	@"$(PYTHON)" tools/engine.py

hosts: ## Find the language hosts of Node, Go and YAML on PATH, or build the pinned ones into .engine
	@$(PYTHON_WORKS)
	@"$(PYTHON)" tools/engine.py hosts

lint: $(INSTALLED) ## Check style, format and the direction of imports
	@echo "== lint"
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/lint-imports --no-cache --no-logo

types: $(INSTALLED) ## Check types
	@echo "== types"
	@$(BIN)/mypy $(filter-out examples,$(CHECKED))
	@for program in examples/*/python; do $(BIN)/mypy "$$program" || exit 1; done

generate: $(INSTALLED) ## Write all that is made from the models anew: schema, reference, dynamic classes, SDKs
	@echo "== generate"
	@$(BIN)/python tools/generate.py

check-generated: $(INSTALLED) ## Fail where something that is made from the models is stale
	@echo "== check-generated"
	@$(BIN)/python tools/generate.py --check

unit: $(INSTALLED) ## Run the fast tests, which need no engine
	@$(BIN)/pytest -n 3 --dist worksteal tests/unit

test: lint types check-generated $(INSTALLED) ## Run every check and every test, on the real engine
	@echo "== test"
	@"$(PYTHON)" tools/engine.py hosts >/dev/null
	@engine=$$("$(PYTHON)" tools/engine.py) && PATH="$(CURDIR)/$(BIN):$$engine:$$PATH" $(BIN)/pytest -n 4 --dist worksteal

smoke: $(INSTALLED) ## Run the tests that show the most on an older engine (ENGINE=3.259.0)
	@echo "== smoke"
	@engine=$$(APIKEYS_ENGINE_VERSION="$(or $(ENGINE),3.259.0)" "$(PYTHON)" tools/engine.py) && \
		PATH="$(CURDIR)/$(BIN):$$engine:$$PATH" APIKEYS_ENGINE_VERSION="$(or $(ENGINE),3.259.0)" \
		$(BIN)/pytest -n 3 --dist worksteal $(SMOKE)

demo: $(INSTALLED) ## Show the whole life of two keys on the real engine
	@engine=$$("$(PYTHON)" tools/engine.py) && PATH="$(CURDIR)/$(BIN):$$engine:$$PATH" DYNAMIC=$(DYNAMIC) \
		$(BIN)/python tools/demo.py

fault-table: $(INSTALLED) ## Try every fault at every call on the real engine, and write the table of docs/faults.md
	@engine=$$("$(PYTHON)" tools/engine.py) && PATH="$(CURDIR)/$(BIN):$$engine:$$PATH" $(BIN)/python tools/fault_table.py

bench: $(INSTALLED) ## Measure all that a command costs, beside an older commit (a quarter of an hour; ONLY=startup: a minute)
	@$(BIN)/python -m compileall -q provider
	@engine=$$("$(PYTHON)" tools/engine.py) && PATH="$(CURDIR)/$(BIN):$$engine:$$PATH" PYTHONPATH=tests:benchmarks \
		$(BIN)/python -m bench --only "$(ONLY)" --keys "$(KEYS)" $(if $(DOCS),--docs) $(if $(filter undefined,$(origin BASE)),,--base "$(BASE)")

bench-dynamic: $(INSTALLED) ## Time a stack of 100 keys with the plugin and with the dynamic provider
	@engine=$$("$(PYTHON)" tools/engine.py) && PATH="$(CURDIR)/$(BIN):$$engine:$$PATH" PYTHONPATH=tests \
		$(BIN)/python benchmarks/dynamic.py

bench-audit: $(INSTALLED) ## Time the comparison of 10,000 keys with 50 stacks
	@PYTHONPATH=tests $(BIN)/python benchmarks/audit.py

bench-tokens: $(INSTALLED) ## Mint 60 keys with tokens that live two seconds, and count the tokens
	@engine=$$("$(PYTHON)" tools/engine.py) && PATH="$(CURDIR)/$(BIN):$$engine:$$PATH" PYTHONPATH=tests \
		$(BIN)/python benchmarks/short_tokens.py

bench-plugins: $(INSTALLED) ## Time the start of the plugin, by the way it is installed
	@$(BIN)/python benchmarks/plugin_start.py

two-years: $(INSTALLED) ## Live through two years of daily runs with a rotating key on the real engine (ten minutes)
	@PYTHONPATH=tests $(BIN)/python benchmarks/two_years.py

release: $(INSTALLED) ## Make all that a release consists of in dist/ (PLATFORMS="linux-amd64 darwin-arm64" for more archives)
	@echo "== release"
	@$(BIN)/python tools/release.py $(addprefix --platform ,$(PLATFORMS))

LOCKED := examples/ci-preview/python/requirements.txt examples/audit/python/requirements.txt
lock: $(INSTALLED) ## Name what provider and SDK stand on anew, by version and hash, for the examples of CI
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --target .cache/uv uv
	@for file in $(LOCKED); do \
		case $$file in examples/audit/*) extra="--extra cli" ;; *) extra= ;; esac; \
		grep '^# ' $$file > .cache/lock && PYTHONPATH=.cache/uv $(BIN)/python -m uv pip compile pyproject.toml \
			sdk/python/pyproject.toml $$extra --universal --python-version 3.10 --generate-hashes --no-header \
			--no-annotate --no-emit-index-url --upgrade --quiet >> .cache/lock && cp .cache/lock $$file || exit 1; \
	done

clean: ## Remove all that these targets made
	@rm -rf .venv .engine .cache dist plugin/venv plugin/.lock sdk/nodejs/bin .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis
	@find . \( -name __pycache__ -o -name '*.egg-info' -o -name node_modules \) -type d -prune -exec rm -rf {} +
