#!/bin/bash
# Every executable: --help names every option, an unknown option ends with 64.
# (nas-run has no options: what follows is the command that it runs.)
. "$(dirname "$0")/lib.sh"

for x in $(stages); do
	works "$x --help" "$BIN/$x" --help
	help=$(cat "$T/stdout")
	[ -s "$T/stderr" ] && bad "$x --help: something on stderr"
	for output in '/dev/full' '&-'; do
		status_of bash -c "'$BIN/$x' --help >$output"
		[ $status = 74 ] && grep -q "^$x: standard output: cannot write: ." "$T/stderr" && ok ||
			bad "$x --help >$output: status $status: $(cat "$T/stderr")"
	done
	case $x in nas-lock | nas-stale | nas-inspect | nas-run) ;; *)
		for o in out log threads quiet help recipe; do
			case $help in *--$o*) ok ;; *) bad "$x --help does not mention --$o" ;; esac
		done ;;
	esac
	# what main.c and the code beside it offer (the first argument of an OPT_ macro, roles of inputs)
	for o in $(grep -ohE 'OPT_[A-Z_]+\("[a-z0-9-]+"|\.role = "[a-z0-9-]+"' "$root/stages/${x#nas-}"/*.c | grep -oE '"[^"]+"' | tr -d '"'); do
		case $help in *--$o*) ok ;; *) bad "$x --help does not mention --$o" ;; esac
	done
	[ "$x" = nas-run ] || refuses "$x, unknown option" 64 "--no-such-option|usage: $x" "$T/none" "$BIN/$x" --no-such-option
done
finish
