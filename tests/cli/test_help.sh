#!/bin/bash
# Every executable: --help names every option, an unknown option ends with 64, so does a missing --out.
. "$(dirname "$0")/lib.sh"

for x in $(stages); do
	works "$x --help" "$BIN/$x" --help
	help=$(cat "$T/stdout")
	[ -s "$T/stderr" ] && bad "$x --help: something on stderr"
	[ "$x" = nas-lock ] || [ "$x" = nas-stale ] || [ "$x" = nas-inspect ] || {
		for o in out log threads quiet help recipe; do
			case $help in *--$o*) ok ;; *) bad "$x --help does not mention --$o" ;; esac
		done
	}
	# what main.c and the code beside it offer (the first argument of an OPT_ macro, roles of inputs)
	for o in $(grep -ohE 'OPT_[A-Z_]+\("[a-z0-9-]+"|\.role = "[a-z0-9-]+"' "$root/stages/${x#nas-}"/*.c | grep -oE '"[^"]+"' | tr -d '"'); do
		case $help in *--$o*) ok ;; *) bad "$x --help does not mention --$o" ;; esac
	done
	refuses "$x, unknown option" 64 "--no-such-option" "$T/none" "$BIN/$x" --no-such-option
done
finish
