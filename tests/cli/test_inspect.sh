#!/bin/bash
# nas-inspect: prints, verifies and compares the files of a run; documents every schema.
. "$(dirname "$0")/lib.sh"
run=$T/run
tiny_run "$run"
says() { # WHAT STATUS PATTERN ARGUMENT...: the status, and a line of the output that matches
	local what=$1 want=$2 pattern=$3
	shift 3
	status_of "$BIN/nas-inspect" "$@"
	if [ "$status" = "$want" ] && grep -Eq -- "$pattern" "$T/stdout"; then ok; else
		bad "$what: status $status, expected $want and /$pattern/ in: $(head -c 600 "$T/stdout" "$T/stderr")"; fi
}

# a print shows what the file is, how it was made, every attribute and every dataset
for f in $(find "$run" -name '*.h5'); do
	works "printing ${f#"$run"/}" "$BIN/nas-inspect" "$f"
	[ "$(grep -c '^  /' "$T/stdout")" = "$("$BIN/nas-inspect" --verify "$f" >/dev/null && h5ls -r "$f" | grep -c Dataset)" ] && ok ||
		bad "${f#"$run"/}: not every dataset is shown"
done
says "its schema" 0 ': selection, version [0-9]+: chosen architectures$' "$run/selection.h5"
says "its recipe" 0 '^      stage nas-select [0-9]+$' "$run/selection.h5"
says "an input" 0 '^      input history [0-9a-f]{32}$' "$run/selection.h5"
says "an attribute" 0 '^  pick = best  \(how it was chosen' "$run/selection.h5"
says "a dataset" 0 '^  /macs i64 \(member 1\), multiply-add: multiply-adds' "$run/selection.h5"
value=$("$BIN/nas-inspect" "$run/selection.h5" | awk '/^  \/macs/ { getline; print $1 }')
[ "$value" = "$(h5dump -d /macs "$run/selection.h5" | sed -n 's/^   (0): //p')" ] && ok || bad "/macs is shown as $value"

# verify goes on after a damaged file
cp "$run/history.h5" "$T/flipped.h5"
flip "$T/flipped.h5" 3000
says "a whole file after a damaged one" 65 "^$run/space.h5: space, whole$" --verify "$T/flipped.h5" "$run/space.h5"
[ "$(wc -l <"$T/stdout") $(wc -l <"$T/stderr")" = "1 1" ] && grep -q flipped.h5 "$T/stderr" && ok || bad "--verify: $(cat "$T/stdout" "$T/stderr")"
refuses "printing a damaged file" 65 "flipped.h5: .*digest" "$T/none" "$BIN/nas-inspect" "$T/flipped.h5"

works "a file against itself" "$BIN/nas-inspect" --diff "$run/space.h5" "$run/space.h5"
[ -s "$T/stdout" ] && bad "a file differs from itself: $(cat "$T/stdout")" || ok
says "the mask of a shrunk space" 1 '^/mask: 2 of 24 differ, by 1 at most$' --diff "$run/space.h5" "$run/round-02/space.h5"
says "two recipes" 1 '^recipe: ' --diff "$run/space.h5" "$run/round-02/space.h5"
says "two shapes" 1 '^/trial: \(trial 6\) \| \(trial 12\)$' --diff "$run/round-01/history.h5" "$run/history.h5"
says "two schemas" 1 '^schema: space \| history$' --diff "$run/space.h5" "$run/history.h5"

works "all schemas" "$BIN/nas-inspect" --schemas
for f in "$root"/hdf5_schemas/*.c; do
	grep -q "^## $(basename "$f" .c) (version" "$T/stdout" || bad "--schemas leaves out $(basename "$f" .c)"
done
[ "$(grep -c '^- `' "$T/stdout")" = "$(cat "$root"/hdf5_schemas/*.c | grep -cE '^	\{ "')" ] && ok || bad "--schemas: not one line for each field"
says "the processor" 0 '^isa: (avx512|avx2|baseline)$' --system
says "this instruction set" 0 '^threads: [1-9]' --system
refuses "one file to compare" 64 "two files" "$T/none" "$BIN/nas-inspect" --diff "$run/space.h5"
refuses "no file" 64 "a file is missing" "$T/none" "$BIN/nas-inspect"
finish
