# lint: a file under common/ includes its own layer and those before it in `order`, never a later one.
#   awk -v order='base h5 tensor ...' -f layers.awk FILES
BEGIN { n = split(order, name, " "); for (i = 1; i <= n; i++) rank[name[i]] = i }
FNR == 1 {
	split(FILENAME, part, "/"); mine = part[2]
	if (!(mine in rank)) { print FILENAME ": " mine "/ is no layer; known: " order; bad = 1 }
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, quoted, "\""); split(quoted[2], part, "/"); other = part[1]
	if (quoted[2] ~ /^(stages|hdf5_schemas|tests|common)\// || (other in rank && rank[other] > rank[mine])) {
		print FILENAME ":" FNR ": " mine "/ must not include " quoted[2]; bad = 1
	}
}
END { exit bad }
