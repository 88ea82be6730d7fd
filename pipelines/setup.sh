#!/bin/sh
# Debian packages that building, searching and checking need.  Runs before Make looks for anything.
#
#   setup.sh build|search|check|tests|lint|fuzz|soak ... installs what is missing; says so and fails where it may not
#   setup.sh --dry-run ...                   only says what it would install
#
# As root, or through sudo where that asks no password, packages are installed with apt-get; anywhere
# else the command is printed and nothing happens.  On a system without dpkg nothing is checked.
set -eu

build='gcc libc6-dev make pkg-config libblis-serial-dev libhdf5-dev libtiff-dev libgsl-dev libxxhash-dev'
search='gnuplot-nox'
check='clang hdf5-tools libc6-dbg libclang-rt-dev libcmocka-dev libtiff-tools python3-h5py util-linux valgrind'

command -v dpkg-query >/dev/null || exit 0
dry=
wanted=$build
for word; do
	case $word in
	--dry-run)    dry=yes ;;
	check | tests | kernel-tests | lint | fuzz | fuzzers | soak) wanted="$wanted $search $check" ;;
	build)        ;;
	*)            wanted="$wanted $search" ;;
	esac
done

missing=
installed=" $(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
	sed -n 's/^installed //p' | tr '\n' ' ')"
for package in $wanted; do
	case $installed in
	*" $package "*) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

install="apt-get install -y --no-install-recommends$missing"
if [ -n "$dry" ]; then
	echo "would run: $install"
	exit 0
elif [ "$(id -u)" = 0 ]; then
	as_root='env'
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
	as_root='sudo -n'
else
	echo "nasmill needs packages that are not installed.  Install them with"
	echo "    sudo $install"
	exit 1
fi
echo "installing:$missing"
{ $as_root apt-get update -q && $as_root env DEBIAN_FRONTEND=noninteractive $install; } || {
	echo "apt-get failed; when it works again this is the command:"
	echo "    $as_root $install"
	exit 1
}
