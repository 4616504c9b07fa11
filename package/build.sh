#!/usr/bin/env bash
# Makes the packages of a program that has been built: a .deb, an .rpm and an archive for machines without either. The
# same program, faces and date give the same bytes.
#
#   package/build.sh PROGRAM FOLDER
#
#   MOST_GLIBC=2.28    fails where the program asks for a newer C library
#   MAINTAINER         who hands the packages on, to whom questions go: 某市司法局信息中心 <xinxi@example.gov.cn>
#   SOURCE_DATE_EPOCH  the date of all files; the last commit's where it is not set
#
# Needs dpkg-deb, rpmbuild and readelf. The program must run here: it writes its man pages, its completions and the
# settings that it has.
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(dirname "$here")
program=$(realpath "$1")
mkdir -p "$2"
out=$(cd "$2" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() { printf 'package: %s\n' "$*" >&2; exit 1; }

version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$source/Cargo.toml" | head -1)
machine=$(uname -m)
# Nobody's, where nobody is named: no address of ours would be right for what others hand on.
maintainer=${MAINTAINER:-nianbao <nobody@nianbao.invalid>}
[[ $maintainer =~ ^[^\<\>[:cntrl:]]+\ \<[^\<\>@[:space:]]+@[^\<\>@[:space:]]+\>$ ]] || fail "MAINTAINER must be like: Name <name@example.org>"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$source" log -1 --format=%ct)} || fail "set SOURCE_DATE_EPOCH"
export SOURCE_DATE_EPOCH
export LC_ALL=C TZ=UTC

# The newest version of the C library that the program asks for.
glibc=$(readelf --wide --version-info "$program" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -1)
glibc=${glibc#GLIBC_}
printf 'package: the program asks for the C library %s\n' "$glibc" >&2
[[ -z ${MOST_GLIBC:-} || $(printf '%s\n' "$glibc" "$MOST_GLIBC" | sort -V | tail -1) == "$MOST_GLIBC" ]] ||
  fail "the program asks for the C library $glibc, and may for $MOST_GLIBC at most"

needs() { readelf --wide --dynamic "$program" | grep -q "NEEDED.*\[$1"; }
say() { "$program" "$@" 2>/dev/null; }

# clean FOLDER: everything in it as old as the source, and readable.
clean() {
  chmod -R u=rwX,go=rX "$1"
  find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}

# What lies in a package, at its places.
tree=$scratch/tree
lay_tree() {
  install -D --mode=755 "$program" "$tree/usr/bin/nianbao"
  mkdir -p "$tree/usr/lib/systemd/system"
  install --mode=644 "$here"/nianbao.{service,socket} "$tree/usr/lib/systemd/system"
  mkdir -p "$tree"/{etc/nianbao/fonts,usr/share/{nianbao/fonts,man/man1,doc/nianbao}}
  cp -r "$source/fonts/free" "$tree/usr/share/nianbao/fonts/free"
  # An operator's own faces are laid beside the link.
  ln -s /usr/share/nianbao/fonts/free "$tree/etc/nianbao/fonts/free"
  say settings | sed 's|^# data = .*|data = "/var/lib/nianbao"|' >"$tree/etc/nianbao/nianbao.toml"
  grep -q '^data = "/var/lib/nianbao"' "$tree/etc/nianbao/nianbao.toml" || fail "the settings do not say where data lie"
  say man "$tree/usr/share/man/man1"
  gzip -n "$tree"/usr/share/man/man1/*
  install -D --mode=644 <(say completions bash) "$tree/usr/share/bash-completion/completions/nianbao"
  install -D --mode=644 <(say completions zsh) "$tree/usr/share/zsh/vendor-completions/_nianbao"
  install -D --mode=644 <(say completions fish) "$tree/usr/share/fish/vendor_completions.d/nianbao.fish"
  install --mode=644 "$source/CHANGELOG.md" "$source/LICENSE" "$tree/usr/share/doc/nianbao"
  install --mode=644 "$here/copyright" "$tree/usr/share/doc/nianbao/copyright"
  clean "$tree"
}

make_deb() {
  local deb=$scratch/deb depends="libc6 (>= $glibc)"
  ! needs libgcc_s || depends+=", libgcc-s1"
  cp -a "$tree" "$deb"
  mkdir "$deb/DEBIAN"
  (cd "$deb" && find etc usr -type f -print0 | sort -z | xargs -0 md5sum) >"$deb/DEBIAN/md5sums"
  echo /etc/nianbao/nianbao.toml >"$deb/DEBIAN/conffiles"
  sed -e "s/@version@/$version/; s/@depends@/$depends/; s/@architecture@/$(dpkg --print-architecture)/" \
    -e "s/@maintainer@/$(sed 's/[\/&]/\\&/g' <<<"$maintainer")/" \
    -e "s/@size@/$(du -sk --apparent-size "$tree" | cut -f1)/" "$here/deb/control" >"$deb/DEBIAN/control"
  install --mode=755 "$here"/deb/{postinst,prerm,postrm} "$deb/DEBIAN"
  clean "$deb"
  chmod 755 "$deb"/DEBIAN/p*
  # Every system reads gzip; and faces hardly get smaller by more effort.
  dpkg-deb --root-owner-group -Zgzip --build "$deb" "$out/nianbao_${version}_$(dpkg --print-architecture).deb" >&2
}

make_rpm() {
  rpmbuild -bb --quiet --target "$machine" "$here/nianbao.spec" \
    --define "_topdir $scratch/rpm" --define "_rpmdir $out" --define '_rpmfilename %{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm' \
    --define "tree $tree" --define "version_of_source $version" --define "maintainer ${maintainer//%/%%}" \
    --define '_buildhost localhost' --define 'use_source_date_epoch_as_buildtime 1' \
    --define 'clamp_mtime_to_source_date_epoch 1' --define '_binary_payload w6.gzdio'
}

make_archive() {
  local name=nianbao-$version
  local folder=$scratch/$name
  mkdir -p "$folder/completions" "$folder/fonts"
  cp "$program" "$folder/nianbao"
  cp -r "$source/fonts/free" "$folder/fonts/free"
  cp "$here"/nianbao.{service,socket} "$here/请先读我.txt" "$source/LICENSE" "$source/CHANGELOG.md" "$folder"
  cp "$tree/etc/nianbao/nianbao.toml" "$folder"
  cp -r "$tree/usr/share/man/man1" "$folder/man"
  cp "$tree/usr/share/bash-completion/completions/nianbao" "$folder/completions/nianbao.bash"
  cp "$tree/usr/share/zsh/vendor-completions/_nianbao" "$tree/usr/share/fish/vendor_completions.d/nianbao.fish" \
    "$folder/completions"
  clean "$folder"
  tar --create --directory "$scratch" --sort=name --owner=0 --group=0 --numeric-owner --format=gnu "$name" |
    gzip -n -6 >"$out/$name-linux-$machine.tar.gz"
}

lay_tree
make_deb
make_rpm
make_archive
(cd "$out" && sha256sum nianbao*.deb nianbao*.rpm nianbao*.tar.gz | tee SHA256SUMS)
