#!/bin/bash
# Values that no option takes: status 64 and a message that names the option.  Which options there are,
# and of what kind, is read from --help: "--name N" whole, X real, COUNT, WORD.
. "$(dirname "$0")/lib.sh"

for x in $(stages); do
	while read -r name kind; do
		case $kind in
		N) values="3.5 many 99999999999999999999 -9223372036854775808 0x10" ;;
		X) values="much nan inf 1e999 -1e300 0x10" ;;
		COUNT) values="-1 60Q 1e99 M" ;;
		WORD) values="no-such-word" ;;
		*) continue ;;
		esac
		for v in $values; do
			case $name=$v in seed=-9223372036854775808) continue ;; esac
			refuses "$x --$name $v" 64 "--$name" "$T/none" "$BIN/$x" "--$name" "$v"
		done
		refuses "$x --$name without a value" 64 "--$name" "$T/none" "$BIN/$x" "--$name"
	done < <("$BIN/$x" --help | sed -nE 's/^ *--([a-z0-9-]+) (N|X|COUNT|WORD)( .*|$)/\1 \2/p')
	case $x in nas-inspect | nas-lock | nas-run | nas-stale) ;; *)
		refuses "$x, a stray word" 64 "stray" "$T/none" "$BIN/$x" stray ;;
	esac
done
finish
