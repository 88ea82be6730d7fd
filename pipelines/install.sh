#!/bin/sh
# Installs programs and pipelines, or takes them away again.
#
#   install.sh install DESTDIR PREFIX PROGRAM ...      DESTDIR may be empty: a root for packagers
#   install.sh uninstall DESTDIR PREFIX
#
# What was made, folders too, is listed in PREFIX/share/nasmill/installed; uninstall removes that and nothing
# else, and of the folders those that are empty.
set -eu
umask 022
verb=$1 root=$2 prefix=$3
shift 3
case $prefix in /*) ;; *) echo "PREFIX=$prefix: expected a path that begins with /" >&2; exit 64 ;; esac
share=$prefix/share/nasmill
list=$root$share/installed

folder() { # PATH: makes it and what is missing above it
	[ -z "$1" ] || [ -d "$root$1" ] || { folder "${1%/*}"; mkdir "$root$1"; made="$1
$made"; }
}
file() { # MODE FOLDER FILE
	install -m "$1" "$3" "$root$2"
	files="$files$2/${3##*/}
"
}
uninstall() {
	[ -f "$list" ] || return 0
	paths=$(cat "$list")
	rm "$list"
	printf '%s\n' "$paths" | while IFS= read -r path; do
		if [ -d "$root$path" ]; then rmdir "$root$path" 2>/dev/null || :; else rm -f "$root$path"; fi
	done
}

uninstall        # what an earlier version put there may have other names
[ "$verb" = install ] || exit 0
[ -z "$root" ] || mkdir -p "$root"
made='' files=''
folder "$prefix/bin"
folder "$share/pipelines"
for program; do file 755 "$prefix/bin" "$program"; done
file 755 "$prefix/bin" pipelines/nasmill
for f in pipelines/*; do
	case $f in */install.sh | */setup.sh | */nasmill) ;; *) file 644 "$share/pipelines" "$f" ;; esac
done
for f in README.md LICENSE; do file 644 "$share" "$f"; done
printf '%s%s' "$files" "$made" >"$list"
