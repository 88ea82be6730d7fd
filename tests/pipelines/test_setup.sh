# Packages that are missing: installed where that is allowed, otherwise the command is printed and nothing happens.
. tests/pipelines/tiny.sh
fake=$SCRATCH/fake; mkdir -p "$fake"
program() { printf '#!/bin/sh\n%s\n' "$2" >"$fake/$1"; chmod +x "$fake/$1"; }
program dpkg-query 'echo "installed gcc"; echo "not-installed make"'
program apt-get "echo apt-get \"\$@\" >>$SCRATCH/did"
program id 'echo 1000'
program sudo 'exit 1'

status=0; output=$(PATH=$fake:$PATH sh pipelines/setup.sh search) || status=$?
[[ $status == 1 ]] || fail "without the right to install: status $status, expected 1"
grep -q '^    sudo apt-get install -y --no-install-recommends libc6-dev make .*libhdf5-dev.* gnuplot-nox$' <<<"$output" ||
	fail "the command is not there: $output"
[[ ! -e $SCRATCH/did ]] || fail "ran $(cat "$SCRATCH/did")"

program sudo "echo sudo \"\$@\" >>$SCRATCH/did"      # a sudo that needs no password
PATH=$fake:$PATH sh pipelines/setup.sh build >/dev/null || fail "through sudo"
grep -q '^sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install .* libgsl-dev' "$SCRATCH/did" || fail "did: $(cat "$SCRATCH/did")"
grep -q 'install .* gcc' "$SCRATCH/did" && fail "installs gcc again"

rm "$SCRATCH/did"; program id 'echo 0'
PATH=$fake:$PATH sh pipelines/setup.sh check >/dev/null || fail "as root"
grep -q '^apt-get install .* libcmocka-dev' "$SCRATCH/did" || fail "did: $(cat "$SCRATCH/did")"
