# `make help` lists every variable; the table in README.md is the one of the pipelines.
. tests/pipelines/tiny.sh
table=$(awk -v markdown=1 -f pipelines/help.awk GNUmakefile pipelines/*.mk)
[[ "$(sed -n '/^| variable | default | meaning |$/,/^$/p' README.md)" == "$table" ]] ||
	fail "README.md: its table of variables is out of date: awk -v markdown=1 -f pipelines/help.awk GNUmakefile pipelines/*.mk"
help=$(make help)
for name in $(awk -v names=1 -f pipelines/help.awk GNUmakefile pipelines/*.mk) search status explain verify report check; do
	grep -q "^  $name\b" <<<"$help" || fail "make help does not list $name"
done
# every variable of a pipeline is used by it
code=$(grep -hv '^\$(call var' pipelines/supernet.mk pipelines/finish.mk pipelines/search.mk)
for name in $(awk -v names=1 -f pipelines/help.awk pipelines/supernet.mk pipelines/finish.mk pipelines/search.mk); do
	grep -qE "\\\$\($name[:)]|\\\$$name\b|auto,$name," <<<"$code" || fail "$name is set and never read"
done
