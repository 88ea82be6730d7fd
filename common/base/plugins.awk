# "kind:nn_op conv relu kind:strategy random ..." -> externs and NULL-terminated tables.
{
	for (i = 1; i <= NF; i++)
		if ($i ~ /^kind:/) {
			kind = substr($i, 6); kinds[++n] = kind
		} else
			list[kind] = list[kind] " " $i
}
END {
	for (k = 1; k <= n; k++) {
		kind = kinds[k]
		type = kind == "space" ? "space_type" : kind
		m = split(list[kind], name, " ")
		printf "struct %s;\n", type
		for (i = 1; i <= m; i++) printf "extern const struct %s %s_%s;\n", type, kind, name[i]
		printf "extern const struct %s *const %s_table[];\nconst struct %s *const %s_table[] = {", type, kind, type, kind
		for (i = 1; i <= m; i++) printf " &%s_%s,", kind, name[i]
		print " 0 };\n"
	}
}
