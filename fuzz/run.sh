#!/usr/bin/env bash
# Runs every target for its share of TIME seconds (default 240), from the cases of the tests and with a fixed
# seed. What brings a target down, takes more than ten seconds or two gigabytes is kept in fuzz/artifacts and
# fails the run. Needs no sanitizer: the program has no unsafe code of its own, so a stable compiler will do.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# Beside what the program is built into: nothing is built alike.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-../target}/fuzz
mkdir -p "$CARGO_TARGET_DIR"
mapfile -t targets < <(sed -n 's|^path = "targets/\(.*\)\.rs"|\1|p' Cargo.toml)
chosen=${TARGETS:-${targets[*]}}
read -ra chosen <<<"$chosen"
share=$(( ${TIME:-240} / ${#chosen[@]} ))
corpus=$CARGO_TARGET_DIR/corpus

command -v c++ >/dev/null || ../.ci/install g++
command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --locked --version 0.13.2
cargo fuzz build --release --sanitizer none --fuzz-dir .

# Where the fuzzer begins, each time anew: what the tests read already. The same seed goes about the same way.
rm -rf "$corpus"
for target in "${chosen[@]}"; do mkdir -p "$corpus/$target" "artifacts/$target"; done
seed() { [[ ! -d $corpus/$1 ]] || { [[ -z ${3:-} ]] || printf '%b' "$3"; cat "$2"; } >"$corpus/$1/$(printf '%s' "$2" | cksum | cut -d' ' -f1)"; }
while IFS= read -r -d '' file; do
  case $file in
    *.json) seed report "$file" '\x00' ;;
    *.yaml) seed report "$file" '\x01'; seed plan "$file" '\x01' ;;
    *.toml) seed report "$file" '\x02' ;;
    *.html) seed import "$file"; seed html "$file" ;;
    *.txt) seed import "$file" ;;
  esac
done < <(find ../tests/cases ../report-templates -type f -print0)
for part in parts/word-*; do seed word "$part"; done
for part in parts/sheet-*; do seed workbook "$part"; done
for part in parts/*.pdf; do seed pdf "$part"; seed import "$part"; done
for part in parts/*.jsonl; do seed many "$part" '\x01'; done

failed=0
for target in "${chosen[@]}"; do
  if cargo fuzz run --release --sanitizer none --fuzz-dir . "$target" "$corpus/$target" -- \
    -seed=1 -max_total_time="$share" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -verbosity=0 \
    -print_final_stats=1 -artifact_prefix="artifacts/$target/" >"$CARGO_TARGET_DIR/$target.log" 2>&1
  then result=passed
  else result=FAILED; failed=1; tail -30 "$CARGO_TARGET_DIR/$target.log"
  fi
  echo "fuzz $target: $result, $(sed -n 's/^stat::number_of_executed_units: *//p' "$CARGO_TARGET_DIR/$target.log") inputs in $share s"
done
exit $failed
