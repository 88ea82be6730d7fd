# Installed below DESTDIR and PREFIX, the pipelines run in any folder without the checkout; uninstall leaves nothing.
. tests/pipelines/tiny.sh
root=$SCRATCH/root away=$SCRATCH/away prefix=/opt/nas
mkdir -p "$root/opt" "$away"
install=(DESTDIR="$root" PREFIX=$prefix)
make install "${install[@]}" >"$SCRATCH/install.out" 2>&1 || { cat "$SCRATCH/install.out"; fail "make install"; }
make install "${install[@]}" >>"$SCRATCH/install.out" 2>&1 || fail "make install again"
for program in "$BIN"/nas-*; do [[ -x $root$prefix/bin/${program##*/} ]] || fail "${program##*/} is not installed"; done
grep -rIl -- "$PWD" "$root" && fail "an installed file names the checkout"

# moved, as a package is, and reached through a link from a folder that holds nothing of ours
mv "$root/opt/nas" "$SCRATCH/moved"
ln -s "$SCRATCH/moved/bin/nasmill" "$away/link"
there() { (cd "$away" && env -u MAKEFLAGS ./link "$@"); }
settings=("${tiny[@]:1}" RUN=away)
grep -q '^  ROUNDS=8 ' <<<"$(there help)" || fail "nasmill help: $(there help 2>&1 | head -5)"
[[ $(there -n search "${settings[@]}" | grep -c nas-run) -ge 12 ]] || fail "nasmill -n search says: $(there -n search "${settings[@]}" 2>&1 | tail -3)"
[[ ! -e $away/results ]] || fail "nasmill -n makes folders"
there search "${settings[@]}" >"$SCRATCH/there.out" 2>&1 || { cat "$SCRATCH/there.out"; fail "nasmill search"; }
there status RUN=away | tail -n 1 | grep -q ' 0 stale, 0 missing$' || fail "nasmill status: $(there status RUN=away)"
there verify RUN=away >/dev/null || fail "nasmill verify"
status=0; output=$(there search "${settings[@]}" RETRAIN_LR=fast 2>&1) || status=$?
[[ $status == 2 ]] && grep -q 'lr' <<<"$output" || fail "a bad value ends with $status: $output"
status=0; output=$(there search ROUDNS=3 2>&1) || status=$?
[[ $status == 2 ]] && grep -q 'did you mean ROUNDS?' <<<"$output" || fail "a bad name ends with $status: $output"

mv "$SCRATCH/moved" "$root/opt/nas"
touch "$root$prefix/bin/not-ours"
make uninstall "${install[@]}" >/dev/null || fail "make uninstall"
[[ $(find "$root" -type f) == "$root$prefix/bin/not-ours" && ! -e $root$prefix/share ]] || fail "uninstall leaves or takes: $(find "$root")"
rm "$root$prefix/bin/not-ours"
make install "${install[@]}" >/dev/null && make uninstall "${install[@]}" >/dev/null || fail "install and uninstall again"
[[ $(find "$root" -mindepth 1) == "$(printf '%s\n' "$root/opt" "$root/opt/nas" "$root/opt/nas/bin")" ]] ||
	fail "uninstall leaves, or takes a folder that it did not make: $(find "$root")"
make uninstall "${install[@]}" >/dev/null || fail "uninstall of nothing"
