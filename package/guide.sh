#!/usr/bin/env bash
# What the program does most, for the compiler to be guided by: builds it so that it counts, has it make reports of every
# kind, and prints the path of what was counted.
#
#   package/guide.sh
#
# Needs rustup, for the tool that reads the counts has to be of the compiler's own LLVM.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/guided
host=$(rustc --print host-tuple)
counts=$(mktemp -d)
trap 'rm -rf "$counts"' EXIT

rustup component add llvm-tools >&2
# With a target named the flags are for the program alone, and not for what runs while it is built.
RUSTFLAGS=-Cprofile-generate cargo build --release --locked --bin nianbao --target "$host" >&2
program=$CARGO_TARGET_DIR/$host/release/nianbao

# A worker of a batch is killed at its end, and tells nothing; so each report is made by a process of its own.
export LLVM_PROFILE_FILE=$counts/%4m.profraw
for report in report-templates/*/sample.yaml tests/cases/conform/department.yaml; do
  for edition in public formal; do
    "$program" render "$report" --edition "$edition" --output "$counts/report.pdf" >&2
  done
done
for kind in docx ofd html; do
  "$program" render report-templates/annual-report/sample.yaml --output "$counts/report.$kind" >&2
done

# Named by what it holds: cargo would not see that a file of the same name has changed.
counted=$counts/counted
"$(rustc --print sysroot)/lib/rustlib/$host/bin/llvm-profdata" merge -o "$counted" "$counts"/*.profraw
profile=$(realpath "$CARGO_TARGET_DIR")/$(sha256sum "$counted" | cut -c1-16).profdata
mv "$counted" "$profile"
printf '%s\n' "$profile"
