#!/usr/bin/env bash
# A linker for the packages' program: zig's, which knows the C libraries of old systems. Called by rustc in the place of cc.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

arguments=()
for argument in "$@"; do
  case $argument in
    # What is asked of another linker than zig's own.
    -fuse-ld=* | -B*/gcc-ld | -Wl,-O1 | -Wl,--no-undefined-version | -Wl,--no-rosegment | -Wl,-znostart-stop-gc) ;;
    # GCC's, for which zig has its own.
    -lgcc_s) arguments+=(-lunwind) ;;
    *) arguments+=("$argument") ;;
  esac
done
exec "$here/../zig/bin/python" -m ziglang cc -target "$(uname -m)-linux-gnu.2.17" "$here/names.c" "${arguments[@]}"
