# STS Broker. `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# What the build and the tests need of Debian or Ubuntu, beside a Swift 6 toolchain, git and make.
SYSTEM_PACKAGES := libssl-dev libsqlite3-dev libxml2-dev libyaml-dev zlib1g-dev python3 python3-venv curl
# What only the tests need: SDKs that get credentials from the daemon, a clock to set for one process, network namespaces, a browser,
# what judges units and passes sockets, a load generator, and what makes and judges Debian packages.
TEST_PACKAGES := rclone restic ruby ruby-aws-sdk-core libfaketime iproute2 chromium chromium-driver systemd wrk dpkg-dev lintian
# What only the Debian package needs: to be made, and to be judged.
DEB_PACKAGES := dpkg-dev lintian
# What only the benchmark needs: a load generator, a yardstick that anyone can install, and a C compiler.
BENCH_PACKAGES := wrk nginx gcc libc6-dev binutils
# What only the release build needs: to see which functions the daemon runs.
LAYOUT_PACKAGES := valgrind binutils
SWIFT_FLAGS := --explicit-target-dependency-import-check error
# Functions are in sections of their own, so that the linker leaves out those that nobody calls, such as most of BoringSSL's.
# Swift's and C++'s libraries are linked statically, which spares each start their relocation. With glibc 2.36 or newer, the
# binaries' own relocations are packed (DT_RELR), which an older one can't read. Generic types are put together by calls: by name, as
# is usual, each would be a search through all conformances of the program, a fifth of the daemon's start.
RELEASE_FLAGS = --static-swift-stdlib -Xswiftc -Xfrontend -Xswiftc -function-sections -Xcc -ffunction-sections -Xcc -fdata-sections \
    -Xswiftc -Xfrontend -Xswiftc -disable-concrete-type-metadata-mangled-name-accessors \
    -Xswiftc -use-ld=lld -Xswiftc -L$(CURDIR)/.build/static $(LAYOUT_FLAGS) \
    -Xlinker --no-export-dynamic $(shell getconf GNU_LIBC_VERSION | \
        awk '{ split($$2, v, "."); if (v[1] > 2 || v[2] >= 36) print "-Xlinker -z -Xlinker pack-relative-relocs" }')
STRIPPED := -Xlinker -s
# The functions of a list come first, side by side, so that few pages of the code are read: see Benchmarks/layout. Local ones,
# which have no name that a list could tell, are small, and stand together.
LAYOUT := .build/layout
LAYOUT_FLAGS = -Xlinker --symbol-ordering-file=$(CURDIR)/$(LAYOUT)/functions -Xlinker --no-warn-symbol-ordering \
    -Xlinker $(CURDIR)/$(LAYOUT)/local.ld
# The toolchain's own.
CLANG = $(or $(wildcard $(dir $(realpath $(shell command -v swift)))clang),clang)
# Only what git knows, so that build products of any name are passed over.
SWIFT_SOURCES = git ls-files -z --cached --others --exclude-standard -- '*.swift'

# Where make install puts things; DESTDIR is the root of a package that is being made.
DESTDIR :=
PREFIX := /usr/local
BINARIES := .build/release

.PHONY: help run build man test lint format conformance fuzz bench bench-daemon bench-broker clean packages sanitize soak install uninstall deb

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)$$/  \1\t\2/' | expand -t 16

run: packages ## Build, then run everything offline until Ctrl-C (state in .sandbox/)
	swift build $(SWIFT_FLAGS)
	exec "$$(swift build --show-bin-path)/stsbroker-sandbox" --state-dir .sandbox

build: SYSTEM_PACKAGES += $(LAYOUT_PACKAGES)
build: packages .build/static/libstdc++.a $(LAYOUT)/local.ld ## Build the release binaries, statically linked and stripped, into .build/release/ (PRODUCT=name: one)
	swift build $(SWIFT_FLAGS) -c release $(RELEASE_FLAGS) $(STRIPPED) $(if $(PRODUCT),--product $(PRODUCT))
	@$(if $(PRODUCT),,$(lay-out))

# Needs the sandbox, so all products; one product is linked by the list that is there. The first link keeps the symbols, which name the functions; the last one has other flags, which
# makes SwiftPM link again. Done when what makes the list has changed since.
define lay-out
if [[ -n "$$(find Makefile Package.swift Sources Benchmarks/bench Benchmarks/layout -newer $(LAYOUT)/functions -print -quit)" || ! -s $(LAYOUT)/functions ]]; then \
	    swift build $(SWIFT_FLAGS) -c release $(RELEASE_FLAGS) --product stsbrokerd; \
	    if python3 -B Benchmarks/layout --bin .build/release > $(LAYOUT)/run; then mv $(LAYOUT)/run $(LAYOUT)/functions; \
	    else echo "The daemon's functions stay where they are: it works as well, and has more memory resident." >&2; fi; \
	    swift build $(SWIFT_FLAGS) -c release $(RELEASE_FLAGS) $(STRIPPED) --product stsbrokerd; \
	fi
endef

test: SYSTEM_PACKAGES += $(TEST_PACKAGES)
test: packages .venv/complete ## Install what the tests need, build, and run every test
	swift build $(SWIFT_FLAGS) --build-tests
	Tests/run

lint: ## Check the formatting and the rules that need no build
	$(SWIFT_SOURCES) | xargs -0 swift format lint --strict --parallel
	bash -n .ci/run Tests/run systemd/make-deb
	sh -n config/container/root-file-system

format: ## Rewrite the sources in the project's format
	$(SWIFT_SOURCES) | xargs -0 swift format --in-place --parallel

conformance: ## Judge any endpoint: URL=http://host:port ROLE=name, and TOKEN_FILE=file for container credentials
	python3 -B Tests/Conformance/conformance.py "$(URL)" "$(ROLE)" $(if $(TOKEN_FILE),--token-file "$(TOKEN_FILE)")

fuzz: packages ## Feed the parsers, the router and the configurations what a generator makes up, each for SECONDS=600
	swift build $(SWIFT_FLAGS) --build-tests
	STSBROKER_FUZZ_SECONDS=$(SECONDS) swift test --skip-build --filter FuzzTests
fuzz: SECONDS = 600

bench: bench-daemon bench-broker ## Measure the daemon, then the broker (twenty minutes, after a release build)

bench-daemon: SYSTEM_PACKAGES += $(BENCH_PACKAGES)
bench-daemon: build ## Measure the daemon beside nginx and a C server that answer the same bytes (four minutes, after a release build)
	python3 -B Benchmarks/bench --bin .build/release

bench-broker: SYSTEM_PACKAGES += gcc libc6-dev
bench-broker: build ## Measure the broker: issuances at a steady rate, and how they grow with policies and audit trail; decisions (fifteen minutes, after a release build)
	python3 -B Benchmarks/broker --bin .build/release
	.build/release/measure-decisions

soak: packages .venv/complete ## Serve a million requests and tokens, and show the memory it takes (five minutes)
	swift build $(SWIFT_FLAGS) --build-tests
	swift test --skip-build --filter 'FaultTests.*memory'

# Each needs a build of its own, of ten minutes. Leaks are not looked for: the libraries keep what lives as long as a process.
sanitize: packages .venv/complete ## Run the quick tests under AddressSanitizer, then under ThreadSanitizer
	swift build $(SWIFT_FLAGS) --build-tests --sanitize=address --scratch-path .build-address
	ASAN_OPTIONS=detect_leaks=0 swift test --skip-build --sanitize=address --scratch-path .build-address \
	    --skip 'FuzzTests|EndToEndTests'
	swift build $(SWIFT_FLAGS) --build-tests --sanitize=thread --scratch-path .build-thread
	TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/thread-sanitizer.supp swift test --skip-build --sanitize=thread \
	    --scratch-path .build-thread --skip 'FuzzTests|EndToEndTests'

man: build .build/manual/release/generate-manual ## Write the manual pages of the programs that make build has built, beside them
	mkdir -p .build/release/man
	for name in stsbroker stsbroker-server stsbroker-sandbox; do \
	    .build/manual/release/generate-manual .build/release/$$name --output-directory .build/release/man; \
	done
	sed -i 's/^$$/.Pp/' .build/release/man/*.1

# swift-argument-parser's own tool. As its plugin, it would build everything again, with other flags.
.build/manual/release/generate-manual:
	swift build -c release --package-path .build/checkouts/swift-argument-parser --scratch-path .build/manual --product generate-manual

install: ## Install the programs, the units and the examples below DESTDIR and PREFIX=/usr/local (after make build)
	systemd/install "$(BINARIES)" "$(DESTDIR)" "$(PREFIX)"

uninstall: ## Remove what make install put there, but neither /etc/stsbroker nor what the programs keep
	systemd/install --remove "$(DESTDIR)" "$(PREFIX)"

deb: SYSTEM_PACKAGES += $(DEB_PACKAGES)
deb: man ## Make a Debian package of the release binaries in .build/deb/, and have lintian judge it
	package=$$(systemd/make-deb .build/release .build/deb); lintian --allow-root --fail-on error "$$package"; echo "$$package"

clean: ## Remove what was built, installed here, or left by the sandbox
	rm -rf .build .build-address .build-thread .venv .sandbox

# Installs only what is missing; as another user than root by sudo, which is said first.
packages:
	@missing=(); \
	for name in $(SYSTEM_PACKAGES); do \
	    dpkg-query -W -f '$${db:Status-Status}' "$$name" 2>/dev/null | grep -qx installed || missing+=("$$name"); \
	done; \
	if (( $${#missing[@]} )); then \
	    as_root=(); \
	    if (( EUID )); then as_root=(sudo); echo "Using sudo to install: $${missing[*]}"; fi; \
	    "$${as_root[@]}" apt-get update -qq; \
	    "$${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$${missing[@]}"; \
	fi

# A folder in which the linker finds these archives before the shared libraries of the same names.
.build/static/libstdc++.a:
	mkdir -p $(@D)
	ln -sf "$$($(CLANG) -print-file-name=libgcc_eh.a)" $(@D)/libgcc_s.a
	ln -sf "$$($(CLANG) -print-file-name=libstdc++.a)" $@

$(LAYOUT)/local.ld:
	mkdir -p $(@D)
	touch $(LAYOUT)/functions
	echo 'SECTIONS { .text.local : { *(.text..L*) } } INSERT BEFORE .text;' > $@

.venv/complete: Tests/requirements.txt | packages
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check -r Tests/requirements.txt
	touch $@
