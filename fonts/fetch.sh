#!/usr/bin/env bash
# Fetches the free faces into fonts/free: fifteen font files and their licence
# texts, out of four Debian packages that are unpacked and never installed.
#
#   fonts/             an operator's own faces go here, and win
#   fonts/free.sha256  the fifteen faces, with their sums on Debian 12
#   fonts/free/        what this script fetched; its SHA256SUMS says what that was
#
# Needs no root. Running it again is cheap, and repairs whatever is missing or
# damaged. Another release may carry other versions of the faces: that is told,
# and they are used, because family names and coverage decide.
set -euo pipefail
umask 022

fonts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
wanted=$fonts/free.sha256
free=$fonts/free
scratch=$fonts/.fetch # everything is made here, and lands by one rename

say() { printf '%s\n' "字体：$*"; }
fail() { say "$@" >&2; exit 1; }

# "<sum>  <name>" per line: the names alone.
names() { cut -c67- "$1" | sort; }

complete() {
  [[ -f $free/SHA256SUMS && -z $(comm -23 <(names "$wanted") <(names "$free/SHA256SUMS")) ]] &&
    (cd "$free" && sha256sum --check --status SHA256SUMS 2>/dev/null)
}

other_versions() { grep -vxFf "$free/SHA256SUMS" "$wanted" | cut -c67- || true; }

# download [APT OPTION...]: with the package lists that the options point at.
download() {
  # Liberation 2 is in fonts-liberation2 up to Debian 12, in fonts-liberation since.
  local liberation=fonts-liberation
  [[ $(apt-cache "$@" --no-all-versions show fonts-liberation) != *'Version: 1:1.'* ]] ||
    liberation="fonts-liberation2"
  cd "$scratch/packages"
  # As the caller and not as _apt, who may not write here.
  apt-get -o APT::Sandbox::User=root "$@" download \
    texlive-lang-chinese fonts-noto-cjk fonts-babelstone-han "$liberation"
}

# Lists of our own: the system's may be missing or stale, and need root to renew.
download_with_own_lists() {
  local own=(-o "Dir::State::Lists=$scratch/lists" -o "Dir::Cache=$scratch/cache")
  mkdir -p "$scratch"/{lists,cache/archives}/partial
  apt-get -o APT::Sandbox::User=root "${own[@]}" update >&2
  download "${own[@]}"
}

# keep NAME PATH: the unpacked file whose path ends so, plain or gzipped.
keep() {
  local found
  found=$(find "$scratch/unpacked" -path "*/$2" -print -quit)
  [[ -n $found ]] || fail "下载的软件包里没有 $2，fonts/free 未作改动"
  gzip -cdf "$found" >"$scratch/free/$1"
}

if ! complete; then
  if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    say "本机没有 apt，无法自动取得自由字体。需要的字体文件：" >&2
    names "$wanted" | sed 's/^/  /' >&2
    fail "请在 Debian 或 Ubuntu 上运行本脚本，再把整个 $free 拷来；或将自备字体直接放进 $fonts"
  fi
  [[ -w $fonts ]] || fail "$fonts 不可写"
  exec 9<"$fonts" && flock 9 # one fetch at a time; the lock ends with the process
fi

if ! complete; then # nobody else fetched while this run waited
  trap 'rm -rf "$scratch"' EXIT
  rm -rf "$scratch"
  mkdir -p "$scratch"/{packages,unpacked,free}

  say "正在下载四个软件包（约 119 MB），只解包，不安装……"
  (download) 2>"$scratch/apt.log" || (download_with_own_lists) 2>>"$scratch/apt.log" ||
    { cat "$scratch/apt.log" >&2; fail "下载失败，原因见上；fonts/free 未作改动，可重新运行"; }
  for package in "$scratch"/packages/*.deb; do
    dpkg-deb -x "$package" "$scratch/unpacked"
    rm "$package"
  done

  for face in $(names "$wanted"); do keep "$face" "$face"; done
  keep LICENSE-Fandol.txt 'fandol/COPYING*'
  keep README-Fandol.txt 'fandol/README*' # grants the font exception to the GPL
  keep LICENSE-NotoCJK.txt doc/fonts-noto-cjk/copyright
  keep LICENSE-BabelStoneHan.txt doc/fonts-babelstone-han/copyright
  keep LICENSE-Liberation.txt 'doc/fonts-liberation*/copyright'
  (cd "$scratch/free" && sha256sum -- * >"$scratch/SHA256SUMS" && mv "$scratch/SHA256SUMS" .)

  [[ ! -e $free ]] || mv "$free" "$scratch/old"
  mv "$scratch/free" "$free"
  for face in $(other_versions); do say "$face 与 free.sha256 所列不是同一版本，照用"; done
fi

others=$(other_versions | wc -l)
say "自由字体齐备：$free$( ((others == 0)) || printf '（%d 个与 free.sha256 版本不同）' "$others")"
