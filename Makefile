# Everything is built by meson and ninja (meson.build); this file names the steps. See README.md.
PREFIX = /usr/local
DESTDIR =
FUZZ_SECONDS = 600
ROUNDS = 200
SEED ?=
SAMPLE = 500
BENCH_JSON ?=
ROW ?=
SECONDS = 600

all: setup
	ninja -C build installed

setup:
	tools/setup.sh build

test:
	tools/install-packages.sh build test lab
	tools/run_tests.sh

# Real measured boots in a virtual machine; a kernel package is downloaded once.
test-qemu: packages-qemu all
	PYTHONDONTWRITEBYTECODE=1 python3 tests/qemu/measured_boot.py build/situs build/qemu

demo: packages-lab
	tools/demo.sh $(if $(VERBOSE),--verbose)

bench: bench-program
	build/bench/bench $(if $(ROW),--row $(ROW),$(BENCH_JSON))

# situs serve under wrk: requests per processor second, latency, memory; BENCH_JSON keeps the rows.
bench-service: bench-program service-load
	python3 bench/service.py $(if $(BENCH_JSON),--json $(BENCH_JSON))

# Honest users of the service beside who storms its door.
bench-door: service-load
	python3 bench/service.py --door

# Reports and tokens in turns, and memory after each: ten minutes, or SECONDS=3600.
soak: bench-program service-load
	python3 bench/service.py --soak $(SECONDS)

# Parts of a service that watches machines are killed at random, and its history is compared with what these have answered:
# ROUNDS, from SEED, or from one that is new.
kills: packages-lab
	tools/install-packages.sh test
	$(MAKE) setup
	ninja -C build installed lab-watched
	PYTHONDONTWRITEBYTECODE=1 SITUS=$(CURDIR)/build/situs LAB_WATCHED=$(CURDIR)/build/lab-watched ROUNDS=$(ROUNDS) \
		SEED=$(or $(SEED),$(shell date +%s)) python3 tests/serve/test_kills.py

service-load: packages-lab setup
	tools/install-packages.sh load
	ninja -C build installed bench/serve_evidence lab-intel

# Relying parties that others wrote, as they are, before and behind the service (tests/clients).
clients: packages-lab
	tools/install-packages.sh test clients
	command -v npm >/dev/null || tools/install-packages.sh node
	$(MAKE) setup
	ninja -C build installed
	tests/clients/run.sh build

# The page of the service in Chromium, by keyboard, and as it looks: pictures in build/page (tests/page).
page: packages-lab
	tools/install-packages.sh page
	command -v npm >/dev/null || tools/install-packages.sh node
	$(MAKE) setup
	ninja -C build installed
	tests/page/run.sh build

# Every figure of docs/PERFORMANCE.md, twice; some minutes on an idle machine.
bench-table: bench-program
	python3 tools/bench_table.py build/bench/bench docs/PERFORMANCE.md

# A whole situs verify beside other verifiers that are installed (tools/bench_peers.py names them).
bench-peers: all
	python3 tools/bench_peers.py build/situs build/lab-intel

# The rows over an inventory of a million machines (bench/rows_fleet.def).
bench-fleet: bench-program
	build/bench/bench --fleet $(BENCH_JSON)

# A million of each row, or of ROW; fails when memory grew.
bench-memory: bench-program
	build/bench/bench --million $(ROW)

# Honest clients beside hostile ones.
bench-stalls: packages-lab setup
	ninja -C build installed
	python3 bench/stalls.py

# What watching costs, beside the appraisals (docs/SCALE.md).
bench-watch: packages-lab setup
	tools/install-packages.sh test
	ninja -C build bench/watch
	python3 bench/watch.py

bench-program: packages-lab setup
	ninja -C build bench/bench

packages-lab:
	tools/install-packages.sh build lab

packages-qemu:
	tools/install-packages.sh build lab qemu

# Each row of checks.def weakened: what it stops gets through, and a test of it fails.
weights: packages-lab
	tools/install-packages.sh build test
	tools/setup.sh build
	ninja -C build weights
	build/tests/weights/weights
	build/tests/weights/weights --self-test

# The protocol as models, and what follows when a rule is dropped (tests/protocol/rules.txt).
model:
	tools/install-packages.sh model
	python3 tests/protocol/check.py

# The code changed in SAMPLE places, each of which a test must notice; minutes for each 10 (tools/mutate.py).
mutate: packages-lab
	tools/install-packages.sh test
	tools/setup.sh build-mutate -Dbuildtype=plain -Doptimization=0 -Dc_args=-g0
	ninja -C build-mutate
	python3 tools/mutate.py build-mutate --sample $(SAMPLE)

# Suites that nobody here wrote, from checkouts: WYCHEPROOF=DIR (C2SP/wycheproof), TINFOIL=DIR (tinfoilsh/tinfoil-conformance).
suites: all
	ninja -C build tests/suite_signatures
	$(if $(WYCHEPROOF),python3 tests/suites/wycheproof.py $(WYCHEPROOF) build/tests/suite_signatures)
	$(if $(TINFOIL),python3 tests/suites/tinfoil.py $(TINFOIL) build/situs)

# The tests that refuse signatures, with a table for every key (src/crypto/ec_table.h).
tables: packages-lab
	tools/install-packages.sh build test
	tools/setup.sh build
	ninja -C build tables
	tests/tables/run.sh $$(find build/tests/tables -maxdepth 1 -type f -name 'table_*')
	tests/tables/run.sh --self-test $$(find build/tests/tables -maxdepth 1 -type f -name 'table_[ce]*')

# The time is for each harness of fuzz/meson.build.
fuzz:
	tools/install-packages.sh build fuzz
	tools/fuzz.sh all $(FUZZ_SECONDS)

install: setup
	meson configure build -Dprefix=$(PREFIX)
	ninja -C build installed
	DESTDIR=$(DESTDIR) meson install -C build --no-rebuild --quiet

# With the PREFIX and DESTDIR of the install.
uninstall: setup
	meson configure build -Dprefix=$(PREFIX)
	ninja -C build installed
	DESTDIR=$(DESTDIR) tools/uninstall.sh build

# How many lines of src/ and roles/ the tests run; fewer than the floors in tools/coverage.sh fail.
coverage: packages-lab
	tools/install-packages.sh test coverage
	tools/coverage.sh build-coverage

# build-dist/situs-VERSION.tar.gz of HEAD; refused while SECURITY.md is not filled in.
dist:
	tools/dist.sh build-dist

# Debian packages of the tree as it is: build-dist/situs_VERSION_ARCH.deb, situs-service, libsitus0, libsitus-dev.
deb:
	tools/install-packages.sh build deb
	tools/deb.sh build-dist

# What examples/Containerfile copies: build-dist/container.
container: all
	rm -rf build-dist/container
	tools/container.sh build build-dist/container

format:
	git ls-files '*.c' '*.h' | xargs clang-format -i

clean:
	rm -rf build build-test build-fuzz build-dist build-coverage build-mutate build-ci-*

.PHONY: all setup test test-qemu demo bench bench-table bench-peers bench-fleet bench-memory bench-stalls bench-service bench-door bench-watch kills \
    bench-program soak service-load clients page weights model suites mutate tables packages-lab packages-qemu fuzz install uninstall coverage dist deb container format clean
# Packages come before what needs them.
.NOTPARALLEL:
