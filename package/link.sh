#!/usr/bin/env bash
# Links the program for the C library 2.17, which the systems of offices have, whichever this machine has. Only that is
# another link: what was compiled for the tests is taken as it is.
#
#   package/link.sh PROGRAM
#
# Needs zig (`make zig`).
set -euo pipefail
program=$(realpath --canonicalize-missing "$1")

# What cargo tells a test that calls this is no change of what it compiles; some crates ask for it when they are built.
for name in $(compgen -e); do
  case $name in CARGO_PKG_* | CARGO_MANIFEST_* | CARGO_BIN_* | CARGO_CRATE_NAME | CARGO_PRIMARY_PACKAGE) unset "$name" ;; esac
done
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ -x package/zig/bin/python-zig ]] || { echo 'link: there is no zig: make zig' >&2; exit 1; }

linked=$("${CARGO:-cargo}" rustc --release --locked --test packaged --message-format=json-render-diagnostics \
  -- -C "linker=$PWD/package/link/zig.sh" | sed -n 's/.*"name":"packaged".*"executable":"\([^"]*\)".*/\1/p')
install -D "$linked" "$program"
