#!/usr/bin/env bash
# Links the program for the C library 2.17, which the systems of offices have, whichever this machine has. Only that is
# another link: what was compiled for the tests is taken as it is.
#
#   package/link.sh PROGRAM
#
#   GUIDED=yes   compiles it for this once more, guided by what it does most (package/guide.sh) and all its parts
#                together: reports take 0.93 of the time, and the build three quarters of an hour
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

what=(--test packaged)
if [[ -n ${GUIDED:-} ]]; then
  profile=$(package/guide.sh)
  export CARGO_TARGET_DIR=${profile%/*} RUSTFLAGS=-Cprofile-use=$profile
  export CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1
  what=(--bin nianbao --target "$(rustc --print host-tuple)")
fi
linked=$("${CARGO:-cargo}" rustc --release --locked "${what[@]}" --message-format=json-render-diagnostics \
  -- -C "linker=$PWD/package/link/zig.sh" | sed -n 's/.*"executable":"\([^"]*\)".*/\1/p')
install -D "$linked" "$program"
