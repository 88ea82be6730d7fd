# The word of `known` that is nearest to `word` (edits: insert, delete, replace, swap neighbours).
#   awk -v word=ROUDNS -v known='ROUNDS K SEED' -f nearest.awk
# Optimal string alignment distance; nothing is printed when the best one needs more than half the letters.
function min(a, b) { return a < b ? a : b }
function distance(a, b,    i, j, d, la, lb, same) {
	la = length(a); lb = length(b)
	for (i = 0; i <= la; i++) d[i, 0] = i
	for (j = 0; j <= lb; j++) d[0, j] = j
	for (i = 1; i <= la; i++)
		for (j = 1; j <= lb; j++) {
			same = substr(a, i, 1) == substr(b, j, 1)
			d[i, j] = min(min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + !same)
			if (i > 1 && j > 1 && substr(a, i, 1) == substr(b, j - 1, 1) && substr(a, i - 1, 1) == substr(b, j, 1))
				d[i, j] = min(d[i, j], d[i - 2, j - 2] + 1)
		}
	return d[la, lb]
}
BEGIN {
	n = split(known, name, " "); best = length(word) / 2 + 1
	for (k = 1; k <= n; k++)
		if ((d = distance(toupper(word), name[k])) < best) { best = d; answer = name[k] }
	print answer
}
