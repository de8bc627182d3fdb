# common.sh - what config/run and tests/run share: saying what is done,
# installing Debian packages, building. Sourced by bash with `top` set to the
# root of the project.
# shellcheck shell=bash
# shellcheck disable=SC2154

say() {
	printf '==> %s\n' "$*"
}

# The form of the program's own messages: what: why: what to do.
die() {
	printf 'nightjar: %s\n' "$*" >&2
	exit 1
}

# packages_of GROUP...: the packages of these groups, one a line.
packages_of() {
	local group
	for group in "$@"; do
		sed -n "s/^$group: *//p" "$top/config/deploy/packages.txt"
	done | tr ' ' '\n' | sort -u
}

# Versions of what is installed of the given groups; missing ones leave gaps.
package_state() {
	# shellcheck disable=SC2046
	dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\n' \
		$(packages_of "$@") 2>/dev/null
}

packages_missing() {
	comm -23 <(packages_of "$@") \
		<(package_state "$@" | sed -n 's/^\([^ ]*\) .* installed$/\1/p' |
			sort -u)
}

# Services that this machine has files for.
services_known() {
	find /lib/systemd/system /usr/lib/systemd/system -maxdepth 1 \
		-name '*.service' ! -name '*@*' -printf '%f\n' 2>/dev/null |
		sort -u
}

# services_disable FILE: those that are not in this list of before are not to
# start at the next boot either.
services_disable() {
	local service
	command -v systemctl >/dev/null || return 0
	comm -13 "$1" <(services_known) | while read -r service; do
		if [ "$(systemctl is-enabled "$service" 2>/dev/null)" = enabled ]
		then
			systemctl disable "$service" >/dev/null 2>&1 || continue
			say "$service: disabled, as it came only for the demo"
		fi
	done
}

# unpack_packages GROUP: programs of packages that are not to be installed,
# below var/unpacked; a machine that has them installed uses its own.
unpack_packages() {
	local name dir=$top/var/unpacked log=/tmp/nightjar-apt.$$.log
	for name in $(packages_of "$1"); do
		[ ! -e "$dir/$name" ] || continue
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$name" \
			2>/dev/null)" != installed ] || continue
		say "packages ($1): unpacking $name into var/unpacked"
		mkdir -p "$dir/$name.new"
		# apt's own user may not write to every folder of ours.
		(cd "$dir/$name.new" && { apt-get -q download "$name" ||
			{ apt-get -q update && apt-get -q download "$name"; }; } &&
			dpkg-deb -x ./*.deb . && rm -f ./*.deb) >"$log" 2>&1 ||
			{ tail -n 20 "$log" >&2 && die "$name: not to be" \
				"unpacked: see above and $log"; }
		mv "$dir/$name.new" "$dir/$name"
		rm -f "$log"
	done
}

# install_packages GROUP...: installs what is missing, and never removes
# anything for it. A server that comes with a package is neither started nor
# will be at the next boot: the demo network and the tests start their own,
# in their own namespaces.
install_packages() {
	local missing log=/tmp/nightjar-apt.$$.log before
	missing=$(packages_missing "$@" | tr '\n' ' ')
	if [ -z "$missing" ]; then
		say "packages ($*): all there"
		return
	fi
	[ "$(id -u)" = 0 ] || die "packages are missing: only root can install" \
		"them: run this as root, or apt-get install $missing"
	say "packages ($*): installing $missing"
	local policy=/usr/sbin/policy-rc.d
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' >$policy
		chmod 755 $policy
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT
	else
		policy=
	fi
	before=$(mktemp)
	services_known >"$before"
	# shellcheck disable=SC2086
	if ! { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get \
		-qy --no-install-recommends --no-remove install $missing; } >"$log" 2>&1
	then
		tail -n 20 "$log" >&2
		die "apt-get failed: see above and $log: check" \
			"/etc/apt/sources.list and the network"
	fi
	if [ -n "$policy" ]; then
		rm -f $policy
		trap - EXIT
	fi
	services_disable "$before"
	rm -f "$log" "$before"
}

# build DIRECTORY [meson options]: sets up once, then builds what changed.
build() {
	local dir=$1 log=/tmp/nightjar-build.$$.log cc=gcc
	shift
	command -v ccache >/dev/null && cc="ccache gcc"
	[ "${1-}" = clang ] && cc=${cc/gcc/clang} && shift
	if [ ! -e "$top/$dir/build.ninja" ]; then
		say "$dir: setting up"
		CC=$cc meson setup "$top/$dir" "$top" "$@" >"$log" 2>&1 || {
			tail -n 20 "$log" >&2
			die "$dir: meson setup failed: see above and $log"
		}
	fi
	if ! ninja -C "$top/$dir" >"$log" 2>&1; then
		grep -B2 -A20 FAILED "$log" | head -60 >&2
		die "$dir: the build failed: see above and $log"
	fi
	say "$dir: built ($(grep -c '^\[' "$log" || true) steps)"
	rm -f "$log"
}

# One hash of every file that git does not ignore.
tree_hash() {
	(
		cd "$top" || exit
		if git rev-parse --git-dir >/dev/null 2>&1; then
			git ls-files -coz --exclude-standard
		else
			find . -type f -not -path './build*' \
				-not -path './.git/*' -print0 | sort -z
		fi | xargs -0 sha256sum 2>/dev/null | sha256sum | cut -c1-64
	)
}
