#!/usr/bin/env bash
# Tries a package in a clean root: installs it, starts the service as the unit does and as a user of its own, has a report
# made over HTTP, reads the metrics, and removes it. Nothing but what the service kept may be left.
#
#   package/try.sh CLEAN_ROOT.tar PACKAGE
#
# Needs root, curl, and rpm for an .rpm. What is mounted and started ends with this script.
set -euo pipefail
[[ ${IS_WITHIN:-} ]] || IS_WITHIN=yes exec unshare --mount --pid --fork --kill-child --propagation private "$0" "$@"

package=$(realpath "$2")
scratch=$(mktemp -d)
root=$scratch/root
trap 'umount "$root/proc" 2>/dev/null || true; rm -rf "$scratch"' EXIT

fail() { printf 'try: %s\n' "$*" >&2; exit 1; }
within() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root "$@"; }
# One of those that systemd gives to a DynamicUser.
own_user=61234
# In the place of the shell that calls it.
become_service() {
  exec chroot --userspec="$own_user:$own_user" --groups= "$root" /usr/bin/env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 \
    sh -c 'umask 077 && cd /var/lib/nianbao && exec "$@"' sh "$@"
}

# What there is, but for what the package managers themselves keep.
listed() {
  (cd "$root" && find . -xdev \( -path ./proc -o -path ./var/lib/dpkg -o -path ./var/lib/rpm -o -path ./root \
    -o -path ./var/log -o -path ./var/cache -o -path ./tmp \) -prune -o -print | sort)
}

mkdir "$root"
tar --extract --file "$1" --directory "$root" --numeric-owner
mount -t proc proc "$root/proc"
listed >"$scratch/before"

case $package in
  *.deb)
    cp "$package" "$root/tmp/nianbao.deb"
    install_it() { within dpkg --install /tmp/nianbao.deb >/dev/null; }
    verify_it() { within dpkg --verify nianbao; }
    remove_it() { within dpkg --purge nianbao >/dev/null; } ;;
  *.rpm)
    # Of a root that has no packages of this kind, so that nothing is known of what they need.
    rpm() { command rpm --root "$root" --dbpath /var/lib/rpm --nodeps "$@"; }
    install_it() { rpm --install "$package"; }
    verify_it() { rpm --verify nianbao; }
    remove_it() { rpm --erase nianbao; } ;;
  *) fail "no package: $package" ;;
esac

install_it
# Whoever removes a package has touched its settings as a rule; what was not touched is as it was packed.
verify_it || fail "what was installed is not what was packed"
settings=$root/etc/nianbao/nianbao.toml
sed -i 's|^# listen = .*|listen = "127.0.0.1:0"|; s|^# metrics = .*|metrics = "127.0.0.1:0"|; s|^# jobs = .*|jobs = 1|' "$settings"
install --directory --owner="$own_user" --group="$own_user" --mode=700 "$root/var/lib/nianbao"

within nianbao --version | grep -q '^nianbao ' || fail "the program does not start"
within nianbao fonts | grep -q '/etc/nianbao/fonts' || fail "the faces are not found"
(become_service nianbao doctor >"$scratch/examined") || { cat "$scratch/examined" >&2; fail "the doctor finds something"; }
# A page of the manual for each command, and completions.
for command in $(within nianbao --help | sed -n '/^命令：/,/^选项：/s/^  \([a-z]*\) .*/\1/p'); do
  [[ -s $root/usr/share/man/man1/nianbao-$command.1.gz ]] || fail "no manual page of $command"
done
within bash -n /usr/share/bash-completion/completions/nianbao

# As systemd does it, by the command of the unit.
read -ra start <<<"$(sed -n 's/^ExecStart=//p' "$root/usr/lib/systemd/system/nianbao.service")"
touch "$scratch/said"
become_service "${start[@]}" >"$scratch/said" 2>"$scratch/log" &
service=$!
address() { sed -n "s|.*\(http://127.0.0.1:[0-9]*/$1\).*|\1|p" "$scratch/said" | head -1; }
until [[ $(address metrics) ]]; do
  kill -0 "$service" 2>/dev/null || { cat "$scratch/log" >&2; fail "the service did not start"; }
  sleep 0.1
done
[[ $(stat --format=%u "$root/proc/$service") == "$own_user" ]] || fail "the service is not its own user"

within nianbao sample >"$scratch/report.yaml"
curl --silent --show-error --fail --header 'Content-Type: application/yaml' --data-binary @"$scratch/report.yaml" \
  --output "$scratch/report.pdf" "$(address '')api/reports" || fail "no report was made"
[[ $(head -c 5 "$scratch/report.pdf") == %PDF- ]] || fail "the report is no PDF"
curl --silent --show-error --fail --output "$scratch/metrics" "$(address metrics)"
grep -qx 'nianbao_reports_made_total 1' "$scratch/metrics" || fail "the metrics do not count the report"
kill "$service"
wait "$service" || fail "the service did not end well"

[[ $(stat --format=%U:%a "$root/var/lib/nianbao") == UNKNOWN:700 ]] || fail "what the service keeps is open to others"
[[ -s $root/var/lib/nianbao/nianbao.db ]] || fail "the service kept nothing"
remove_it
listed | grep -v '^\./var/lib/nianbao' >"$scratch/after"
# An .rpm leaves settings that were changed, under another name; nobody wants to lose them.
sed -i '\|^\./etc/nianbao\(/nianbao.toml.rpmsave\)\?$|d' "$scratch/after"
diff "$scratch/before" "$scratch/after" || fail "something is left, or missing"
[[ -s $root/var/lib/nianbao/nianbao.db ]] || fail "what the service kept is gone"
printf 'try: %s was installed, made a report and was removed\n' "$(basename "$package")"
