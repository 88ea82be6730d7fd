#!/bin/bash
# h5dump shows units and a description for every dataset of every file of a run.
. "$(dirname "$0")/../cli/lib.sh"
command -v h5dump >/dev/null || skip "hdf5-tools is not installed"
run=$T/run
tiny_run "$run"

# one line per dataset that lacks one of the two attributes; nothing when all is well
lacking() {
	awk '
	function close_dataset() { if (name != "" && !(units && description)) print name; name = "" }
	/^ *DATASET "/ { close_dataset(); split($0, part, "\""); name = part[2]; units = description = 0 }
	/^ *GROUP "/ { close_dataset() }
	/^ *ATTRIBUTE "units"/ { units = 1 }
	/^ *ATTRIBUTE "description"/ { description = 1 }
	END { close_dataset() }'
}

for f in $(find "$run" -name '*.h5' | sort); do
	name=${f#"$run"/}
	if ! h5dump -H "$f" >"$T/head" 2>"$T/stderr"; then
		bad "$name: h5dump -H fails: $(head -c 300 "$T/stderr")"
		continue
	fi
	[ "$(grep -c 'DATASET "' "$T/head")" -gt 0 ] && ok || bad "$name: no dataset"
	missing=$(lacking <"$T/head" | tr '\n' ' ')
	[ -z "$missing" ] && ok || bad "$name: no units or no description: $missing"
	# the values are texts with something in them
	h5dump -A "$f" >"$T/attributes" 2>/dev/null || bad "$name: h5dump -A fails"
	grep -A8 -E 'ATTRIBUTE "(units|description)"' "$T/attributes" | grep -qE '\(0\): ""|: "\\000' &&
		bad "$name: empty units or description" || ok
done
finish
