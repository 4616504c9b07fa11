#!/usr/bin/env bash
# Fetches axe-core, which the browser tests ask where a page shuts people out, into
# tests/browser/axe.min.js: one file out of a package that is unpacked and never installed.
set -euo pipefail

version=4.14.1
sum=29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/browser
file=$folder/axe.min.js

is_whole() { echo "$sum  $file" | sha256sum --check --status 2>/dev/null; }

is_whole && exit
command -v npm >/dev/null || "$folder/../../.ci/install" npm
mkdir -p "$folder"
scratch=$(mktemp -d "$folder/.fetch.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
(cd "$scratch" && npm pack --silent "axe-core@$version" >/dev/null && tar -xzf axe-core-*.tgz package/axe.min.js)
mv "$scratch/package/axe.min.js" "$file"
is_whole || { rm "$file"; echo "取得的 axe-core 与所列的校验和不符，已删去" >&2; exit 1; }
