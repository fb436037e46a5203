# shellcheck shell=sh
# What the shell scripts share. A script sets `me` to its name, then sources this file.

top=${QUEUE_TOP:-$(cd "$(dirname "$0")/.." && pwd)}
build=$top/build

say() { printf '%s\n' "$*" >&2; }

die() {
	say "${me:?}: $*"
	exit 1
}

# Paths below the repository do not count: another clone finds what this one built.
use_ccache() {
	export CCACHE_DIR="${CCACHE_DIR:-$build/ccache}" CCACHE_BASEDIR="${CCACHE_BASEDIR:-$top}" CCACHE_NOHASHDIR=1
}

# One run at a time. A script that a locked run starts works under that lock.
take_lock() {
	mkdir -p "$build"
	[ -z "${QUEUE_LOCKED:-}" ] || return 0
	exec 9>>"$build/.lock"
	if ! flock -n 9; then
		say "waiting for another run in build/ (it holds build/.lock)"
		flock -w "${QUEUE_WAIT:-180}" 9 ||
			die "another run is at work in build/ (it holds build/.lock): wait until it ends"
	fi
	export QUEUE_LOCKED=1
}

# The URIs of this machine's package archives, one a line, without a slash at the end.
# apt knows only those whose lists were fetched; before the first update its files tell.
apt_uris() {
	etc=${QUEUE_ETC:-/etc} # the tests have their own
	{
		apt-get indextargets --format '$(REPO_URI)' 2>/dev/null
		for file in "$etc"/apt/sources.list "$etc"/apt/sources.list.d/*.list; do
			[ -f "$file" ] && sed -n 's/^ *deb\(-src\)\? \+\(\[[^]]*\] *\)\?\([^ ]\+\).*/\3/p' "$file"
		done
		for file in "$etc"/apt/sources.list.d/*.sources; do
			[ -f "$file" ] && sed -n 's/^URIs: *//p' "$file" | tr ' ' '\n'
		done
	} | sed 's,/*$,,' | grep . | awk '!seen[$0]++'
}

# The same mirror's archive of a name: mirror_of debian-security.
# Sources that name it come first, then those that can be guessed from the others.
mirror_of() {
	apt_uris | grep -E '/debian(-security)?$' | awk -v want="$1" '
		{ own = $0 ~ ("/" want "$"); sub(/\/debian(-security)?$/, "/" want) }
		own { first[++n] = $0 } !own { rest[++m] = $0 }
		END { for (i = 1; i <= n; i++) print first[i]; for (i = 1; i <= m; i++) print rest[i] }' |
		awk '!seen[$0]++'
}

# The names of all machines ("all"), or of those that make check runs ("set").
machines() {
	awk -v which="$1" '/^#/ || !NF { next }
		$1 == "+" { printf "%s%s", sep, $2; sep = " "; next }
		which == "all" { printf "%s%s", sep, $1; sep = " " }' "$top/harness/machines"
}

# Packages, compiler prefix and configurations of a machine.
machine_row() {
	awk -v name="$1" '/^#/ { next }
		$1 == "+" { sub(/^\+ */, "") }
		$1 == name { $1 = ""; print }' "$top/harness/machines"
}
