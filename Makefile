# warmpool: `make` shows what there is to do.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Where `make run` listens.
LISTEN ?= 127.0.0.1:7070

SOURCES := $(shell find src -name '*.ts' 2>/dev/null)
INSTALLED := node_modules/.warmpool-installed
BUILT := dist/.built

.PHONY: help install build generate format engine engine-stop image demo run test bench clean

help: ## show this help
	@echo 'warmpool: make TARGET'
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-15s %s\n", $$1, $$2 }'
	@echo
	@echo '  WARMPOOL_ENGINE=none make test   does without a Docker engine, and says what it skipped'
	@echo '  LISTEN=0.0.0.0:7070 make run     listens elsewhere (needs WARMPOOL_TOKEN)'
	@echo '  BENCH_JSON=file make bench       also writes the figures as JSON'

install: $(INSTALLED) ## install the dependencies

# Not `npm ci`: that refuses a lock file without the optional packages of other platforms.
$(INSTALLED): package.json package-lock.json
	@command -v node >/dev/null || { echo 'node is missing: install Node.js 20.19 or later' >&2; exit 1; }
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); if (a < 20 || (a === 20 && b < 19)) { console.error("Node.js " + process.versions.node + " is too old: 20.19 or later is needed"); process.exit(1); }'
	@echo 'install  npm install'
	@npm install --no-save --no-audit --no-fund --loglevel=error
	@touch $@

build: $(BUILT) ## compile src to dist

$(BUILT): $(INSTALLED) tsconfig.json $(SOURCES)
	@echo 'build    tsc'
	@npm run -s build
	@chmod +x dist/main.js
	@touch $@

generate: $(BUILT) ## write the generated files (crds/)
	@npm run -s generate

format: $(INSTALLED) ## format src and test
	@npm run -s format

engine: $(BUILT) ## make sure of a Docker engine
	@node dist/setup/engine.js ensure

engine-stop: $(BUILT) ## stop the engine that `make engine` started, and no other
	@node dist/setup/engine.js stop

image: $(BUILT) ## make sure of an image with Python 3
	@node dist/setup/image.js python

demo: $(BUILT) ## bring a pool up, run commands in it, compare, clean up
	@node dist/setup/demo.js

run: $(BUILT) ## bring a pool up and serve until interrupted
	@node dist/setup/demo.js --serve --listen $(LISTEN)

test: $(BUILT) ## run everything that proves the project
	@node test/run.mjs

bench: $(BUILT) ## measure how fast it is
	@npm run -s bench

clean: ## remove what was built
	@rm -rf dist coverage
