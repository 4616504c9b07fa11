#!/usr/bin/env bash
# Fetches packages that the tests and lints use into tests/npm/NAME, each unpacked and never installed:
# axe-core, which says where a page shuts people out; typescript and oxlint, which check the pages'
# scripts; chrome-aws-lambda, in which Chromium 86 lies packed. oxlint is the last that is a program by itself; newer ones ask for a newer Node than Debian's.
set -euo pipefail

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/npm

# The package, its version and the checksum of its archive.
listed() {
  case $1 in
    axe-core) echo axe-core 4.14.1 e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745 ;;
    typescript) echo typescript 6.0.3 33cd0ee1beaa8c9e9d15a9da836c62ddea4c34a42d7c2d349dbc80d94165d22a ;;
    chrome-aws-lambda) echo chrome-aws-lambda 5.3.1 e258e73f4d5957f39de30f6343a2f44de425d978d8058631e4e9d20111c2222a ;;
    oxlint-x86_64) echo @oxlint/linux-x64-musl 1.16.0 48495bf75e87edb076a3a46d8129882afca85a9a3fe0c3014ebe808ed5cdea89 ;;
    oxlint-aarch64) echo @oxlint/linux-arm64-musl 1.16.0 899f0e9d19f5cac3db37c45f11903f17f798b7e2224c4809fde06c78c4ac5218 ;;
    *) echo "没有列出 $1" >&2; exit 1 ;;
  esac
}

fetch() {
  local name=$1 package version sum
  read -r package version sum < <(listed "$2")
  local whole=$folder/$name/.$version
  [ -e "$whole" ] && return
  command -v npm >/dev/null || "$folder/../../.ci/install" npm
  mkdir -p "$folder"
  scratch=$(mktemp -d "$folder/.fetch.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  (cd "$scratch" && npm pack --silent "$package@$version" >/dev/null && mv ./*.tgz archive)
  echo "$sum  $scratch/archive" | sha256sum --check --status ||
    { echo "取得的 $package 与所列的校验和不符，已删除" >&2; exit 1; }
  tar -xzf "$scratch/archive" -C "$scratch"
  [ "$name" != chrome-aws-lambda ] || unpack_browser "$scratch/package/bin"
  touch "$scratch/package/.$version"
  rm -rf "${folder:?}/$name"
  mv "$scratch/package" "$folder/$name"
  rm -rf "$scratch"
}

# A program alone is a browser without windows.
unpack_browser() {
  node -e 'const { createReadStream, createWriteStream } = require("fs");
    createReadStream(process.argv[1] + "/chromium.br").pipe(require("zlib").createBrotliDecompress())
      .pipe(createWriteStream(process.argv[1] + "/chromium", { mode: 0o755 }));' "$1"
  rm -f "$1"/*.br
}

for name in "$@"; do
  case $name in
    oxlint) fetch oxlint "oxlint-$(uname -m)" ;;
    *) fetch "$name" "$name" ;;
  esac
done
