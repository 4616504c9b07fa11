# What a developer types. Everything runs in the release profile, so that the
# service, its tests and its bench share what was built, as do lints and docs.
.DEFAULT_GOAL := help
.PHONY: help serve test units fuzz bench province conform report-quality lint build package fonts compiler packager \
  clean-root zig inventory browser provider postgresql mailserver curl office-suite word-judges ofd-judges validator judge scripts peers

# More arguments for the service: make serve ARGS='…'
ARGS ?=

# What `make bench` is held against: another build of the program with its faces, and the programs of others.
BASELINE ?=
BASELINE_FONTS ?=
PEERS ?=

# How long `make fuzz` goes on, in seconds, all targets together.
TIME ?= 240

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 24

serve: fonts compiler ## fetch the free faces, build, and serve on 127.0.0.1:8080
	cargo run --release --locked -- serve $(ARGS)

test: fonts compiler browser provider postgresql mailserver curl office-suite word-judges ofd-judges validator packager clean-root zig ## set up what the tests need, and run them
	cargo test --release --locked

# Only what changed is built again, so that an answer takes seconds. This build is not that of `make test`:
# it needs no typst.
units: compiler postgresql office-suite ## what the rooms in core/ and office/ must hold, in seconds
	CARGO_INCREMENTAL=1 cargo test --release --locked --package nianbao-core --package nianbao-office

fuzz: compiler ## put the readers of others' files under a fuzzer for TIME seconds
	TIME=$(TIME) fuzz/run.sh

bench: fonts compiler browser postgresql $(if $(PEERS),peers) ## measure each stage and the whole way; or beside others: BASELINE=another build, PEERS=yes
	cargo bench --locked $(if $(BASELINE)$(PEERS),--bench beside -- \
	  --baseline "$(BASELINE)" --baseline-fonts "$(BASELINE_FONTS)" --peers "$(if $(PEERS),benches/peers/bin/python)")

province: fonts compiler ## a province of 1,200 units with a roster, files in every form and forty mistakes
	NIANBAO_UNITS=1200 cargo test --release --locked --test suite -- --nocapture province

conform: fonts compiler ## measure our documents against GB/T 9704-2012, and what changes of the layout fail; print both
	@cargo test --quiet --release --locked --test suite -- --nocapture --exact conform::ours_conform_on_every_clause \
	  ruler::each_change_of_the_layout_fails_its_clause_alone ruler::sound_reports_keep_every_clause

report-quality: compiler ## how much the checks find and how much they blame, code by code
	@CARGO_INCREMENTAL=1 cargo test --quiet --release --locked --package nianbao-core --test units -- \
	  --nocapture --exact quality::what_is_found_and_what_is_blamed_is_as_stated

lint: compiler judge scripts ## format, clippy, docs and the pages' scripts, each without a warning; what comes from others
	cargo fmt --check
	cargo deny check licenses bans sources
	cargo clippy --release --all-targets --locked -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --release --no-deps --locked

build: compiler ## build the program
	cargo build --release --locked

# Offices have old systems: the program is linked once more, against a C library that they have.
package: fonts compiler packager clean-root curl zig inventory ## make .deb, .rpm, archive and bill of materials in package/out, and try them
	rm -rf package/out
	NIANBAO_COMMIT="$$(git rev-parse --short HEAD)" package/link.sh package/out/nianbao
	MOST_GLIBC=2.17 package/build.sh package/out/nianbao package/out
	cargo sbom --cargo-package nianbao --output-format cyclone_dx_json_1_6 >package/out/nianbao.cdx.json
	@[ "$$(id -u)" != 0 ] || for one in package/out/*.deb package/out/*.rpm; do \
	  package/try.sh tests/clean-root.tar "$$one" || exit 1; done

fonts: ## fetch the free faces into fonts/free, if they are not there
	@fonts/fetch.sh

# The form is tried in Chromium, with its own driver, and in the oldest that offices have.
browser:
	@command -v chromedriver >/dev/null || .ci/install chromium chromium-driver fonts-noto-cjk
	@tests/fetch-npm.sh axe-core
	@[ "$$(uname -m)" != x86_64 ] || tests/fetch-npm.sh chrome-aws-lambda

# Logins are tried at a real OpenID Connect provider. What npm unpacks is unpacked only, and nothing of it runs
# before the test does.
provider:
	@command -v npm >/dev/null || .ci/install npm
	@test tests/provider/node_modules/.package-lock.json -nt tests/provider/package-lock.json || \
	  npm ci --prefix tests/provider --ignore-scripts --no-audit --no-fund --silent

# Rust links through a C compiler.
compiler:
	@command -v cc >/dev/null || .ci/install gcc libc6-dev

# The tests start a PostgreSQL of their own.
postgresql:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || .ci/install postgresql

# Mails are sent to a server of the tests' own.
mailserver:
	@/usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || .ci/install python3-aiosmtpd

# Workbooks and documents are opened, edited and saved by another program than Excel and Word.
office-suite:
	@test -e /usr/lib/libreoffice/program/libswlo.so && test -e /usr/lib/libreoffice/program/libsclo.so && \
	  /usr/bin/python3 -c 'import uno' 2>/dev/null || \
	  .ci/install libreoffice-calc-nogui libreoffice-writer-nogui python3-uno

# What Word files are held against: the schema, and a reader of its own.
word-judges:
	@test tests/judges/bin/openxml-audit -nt tests/judges.txt || { \
	  python3 -c 'import ensurepip' 2>/dev/null || .ci/install python3-venv; \
	  python3 -m venv --clear tests/judges && tests/judges/bin/pip install --quiet --requirement tests/judges.txt; }

# What OFD files are held against: a reader for text beside those of Word, and one that draws.
ofd-judges: word-judges
	@test tests/judges/ofd-reader/bin/ofd-reader -nt tests/ofd-reader/Cargo.lock || \
	  cargo install --quiet --locked --path tests/ofd-reader --root tests/judges/ofd-reader --target-dir tests/judges/ofd-reader

# What others make of the same reports.
peers: office-suite
	@test benches/peers/bin/weasyprint -nt benches/peers.txt || { \
	  python3 -c 'import ensurepip' 2>/dev/null || .ci/install python3-venv; \
	  python3 -m venv --clear benches/peers && benches/peers/bin/pip install --quiet --requirement benches/peers.txt; }

# What web pages are held against.
validator:
	@command -v npm >/dev/null || .ci/install npm
	@test tests/validator/node_modules/.package-lock.json -nt tests/validator/package-lock.json || \
	  npm ci --prefix tests/validator --ignore-scripts --no-audit --no-fund --silent

# Packages are made, and installed, by their own tools.
packager:
	@command -v rpmbuild >/dev/null || .ci/install rpm
	@command -v readelf >/dev/null || .ci/install binutils

# What a package is installed in: this system as it is before anything is on it. Only root can go in; and where none can be
# had, the tests say that they skip it.
clean-root:
	@[ "$$(id -u)" != 0 ] || [ -s tests/clean-root.tar ] || { \
	  command -v mmdebstrap >/dev/null || .ci/install mmdebstrap; \
	  mmdebstrap --quiet --variant=minbase "$$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" \
	    tests/clean-root.part.tar </dev/null && mv tests/clean-root.part.tar tests/clean-root.tar; } || \
	  echo 'no clean root can be made here: packages will be made, and not installed' >&2

# A linker that knows the C libraries of old. Where it cannot be had, the tests say that they pack this machine's program.
zig:
	@test package/zig/bin/python-zig -nt package/zig.txt || { \
	  python3 -c 'import ensurepip' 2>/dev/null || .ci/install python3-venv; \
	  python3 -m venv --clear package/zig && package/zig/bin/pip install --quiet --requirement package/zig.txt; } || \
	  echo 'no zig can be had here: packages for old systems cannot be made' >&2

# Lists what is in the program, with versions and licences.
inventory:
	@command -v cargo-sbom >/dev/null || \
	  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
	  cargo install cargo-sbom --locked --version 0.10.0

# The commands of the papers are typed as they stand.
curl:
	@command -v curl >/dev/null || .ci/install curl

# Says whether what comes from others may (deny.toml). Built for one use, so for a short build.
judge:
	@command -v cargo-deny >/dev/null || \
	  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
	  cargo install cargo-deny --locked --version 0.20.2

# The pages' scripts are plain JavaScript, with their types in comments.
scripts:
	@tests/fetch-npm.sh typescript oxlint
	node tests/npm/typescript/bin/tsc --project src/web/jsconfig.json
	tests/npm/oxlint/oxlint --config src/web/oxlint.json src/web/pages
