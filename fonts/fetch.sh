#!/usr/bin/env bash
# Fetches the free faces into fonts/free: sixteen font files and their licence
# texts, out of four Debian packages that are unpacked and never installed. The
# three that set most of a report are given TrueType outlines (truetype.py), and
# what GB 2312 has of the titles' face is one of its own, by the fontTools of a
# fifth: a report is made in less time, and smaller.
#
#   fonts/             an operator's own faces go here, and win
#   fonts/free.sha256  the sixteen faces, with their sums on Debian 12
#   fonts/truetype.py  how a face gets TrueType outlines
#   fonts/free/        what this script fetched; its SHA256SUMS says what that was
#
# Another folder than fonts/ may be named: then everything lands there. `nianbao fonts
# --fetch FOLDER` is this script, too.
#
# Needs no root. Running it again is cheap, and repairs whatever is missing or
# damaged. Another release may carry other versions of the faces: that is told,
# and they are used, because family names and coverage decide.
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "${1:-$here}"
fonts=$(cd "${1:-$here}" && pwd)
wanted=$here/free.sha256
free=$fonts/free
scratch=$fonts/.fetch # everything is made here, and lands by one rename

say() { printf '%s\n' "字体：$*"; }
fail() { say "$@" >&2; exit 1; }

# "<sum>  <name>" per line: the names alone.
names() { cut -c67- "$1" | sort; }

# The same without their endings, and without what is cut from others: faces as they come do as well.
faces() { names "$1" | sed '/GB2312/d; s/\.[a-z]*$//'; }

complete() {
  [[ -f $free/SHA256SUMS && -z $(comm -23 <(faces "$wanted") <(faces "$free/SHA256SUMS")) ]] &&
    (cd "$free" && sha256sum --check --status SHA256SUMS 2>/dev/null)
}

# Whether they are as this version makes them.
current() { complete && grep -qsF "$(converter)" "$free/CHANGES.txt"; }
converter() { sha256sum <"$here/truetype.py" | cut -c1-64; }

# Faces that are there already serve until others can be had.
cannot() {
  complete || fail "$@"
  say "fonts/free 里的是旧版本做的字体，照用。没有换成新的：$*"
  exit 0
}

# What is not there at all is told where it could not be made.
other_versions() {
  grep -vxFf "$free/SHA256SUMS" "$wanted" | cut -c67- | grep -xFf <(names "$free/SHA256SUMS") || true
}

# download [APT OPTION...]: with the package lists that the options point at.
download() {
  # Liberation 2 is in fonts-liberation2 up to Debian 12, in fonts-liberation since.
  local liberation=fonts-liberation
  [[ $(apt-cache "$@" --no-all-versions show fonts-liberation) != *'Version: 1:1.'* ]] ||
    liberation="fonts-liberation2"
  cd "$scratch/packages"
  # As the caller and not as _apt, who may not write here.
  apt-get -o APT::Sandbox::User=root "$@" download \
    texlive-lang-chinese fonts-noto-cjk fonts-babelstone-han "$liberation" python3-fonttools
}

# Lists of our own: the system's may be missing or stale, and need root to renew.
download_with_own_lists() {
  local own=(-o "Dir::State::Lists=$scratch/lists" -o "Dir::Cache=$scratch/cache")
  mkdir -p "$scratch"/{lists,cache/archives}/partial
  apt-get -o APT::Sandbox::User=root "${own[@]}" update >&2
  download "${own[@]}"
}

# unpacked PATH: the file whose path ends so.
unpacked() { find "$scratch/unpacked" -path "*/$1" -print -quit; }

# keep NAME PATH: the unpacked file whose path ends so, plain or gzipped.
keep() {
  local found
  found=$(unpacked "$2")
  [[ -n $found ]] || fail "下载的软件包里没有 $2，fonts/free 未作改动"
  gzip -cdf "$found" >"$scratch/free/$1"
}

# convert NAME FACE [FAMILY]: the unpacked face as truetype.py makes it.
convert() {
  PYTHONPATH=$scratch/unpacked/usr/lib/python3/dist-packages python3 "$here/truetype.py" \
    "$(unpacked "$2")" "$scratch/free/$1" "${@:3}" 2>>"$scratch/python.log" || { rm -f "$scratch/free/$1" && false; }
}

# keep_face NAME: with TrueType outlines where the list has them and the package has not.
keep_face() {
  local cubic=${1%.ttf}.otf missed='（需要 python3）；生成 PDF 会慢一些'
  case $1 in
    NotoSerifCJKscGB2312-Bold.ttf)
      convert "$1" NotoSerifCJK-Bold.ttc 'Noto Serif CJK SC' || say "没有从 NotoSerifCJK-Bold.ttc 取出 $1$missed" ;;
    Fandol*.ttf)
      convert "$1" "$cubic" ||
        { keep "$cubic" "$cubic" && say "$cubic 的轮廓没有转换成 TrueType，照用$missed"; } ;;
    *) keep "$1" "$1" ;;
  esac
}

if ! current; then
  if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    if ! complete; then
      say "需要的字体文件：" >&2
      names "$wanted" | sed 's/^/  /' >&2
    fi
    cannot "本机没有 apt。请在 Debian 或 Ubuntu 上取得，再把整个 $free 拷来；或将自备字体直接放进 $fonts"
  fi
  [[ -w $fonts ]] || cannot "$fonts 不可写"
  exec 9<"$fonts" && flock 9 # one fetch at a time; the lock ends with the process
fi

if ! current; then # nobody else fetched while this run waited
  trap 'rm -rf "$scratch"' EXIT
  rm -rf "$scratch"
  mkdir -p "$scratch"/{packages,unpacked,free}

  say "正在下载五个软件包（约 120 MB），只解包，不安装……"
  (download) 2>"$scratch/apt.log" || (download_with_own_lists) 2>>"$scratch/apt.log" ||
    { cat "$scratch/apt.log" >&2; cannot "下载失败，原因见上；fonts/free 未作改动，可重新运行"; }
  for package in "$scratch"/packages/*.deb; do
    dpkg-deb -x "$package" "$scratch/unpacked"
    rm "$package"
  done

  say "正在整理字体，约需两三分钟……"
  keeping=()
  for face in $(names "$wanted"); do keep_face "$face" & keeping+=($!); done
  for one in "${keeping[@]}"; do wait "$one"; done
  keep LICENSE-Fandol.txt 'fandol/COPYING*'
  keep README-Fandol.txt 'fandol/README*' # grants the font exception to the GPL
  # Whoever changes such faces must say so.
  echo "The Fandol faces that end in .ttf were given TrueType outlines by nianbao's fonts/truetype.py, and Noto Serif CJK SC" \
    "GB2312 was cut from Noto Serif CJK SC and given such outlines by it ($(converter))." >"$scratch/free/CHANGES.txt"
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
