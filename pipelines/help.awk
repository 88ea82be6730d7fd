# What there is to make and to set: targets from `name: ## text`, variables from `$(call var,NAME,default,text)`.
#   awk -f help.awk GNUmakefile pipelines/*.mk                   for a terminal
#   awk -v names=1    -f help.awk GNUmakefile pipelines/*.mk     the names of the variables
#   awk -v markdown=1 -f help.awk GNUmakefile pipelines/*.mk     the table of README.md
FNR == 1 { heading = FILENAME == "GNUmakefile" ? "building" : FILENAME; sub(/.*\//, "", heading); sub(/\.mk$/, "", heading) }
/^(# )?[a-z][a-z.%-]*:.*## / && !markdown {
	name = $0; sub(/^# /, "", name); sub(/:.*/, "", name); text = $0; sub(/.*## /, "", text)
	targets = targets sprintf("  %-22s %s\n", name, text)
}
/^\$\(call var,/ {
	line = $0; sub(/^\$\(call var,/, "", line); sub(/\)$/, "", line)
	comma = index(line, ","); name = substr(line, 1, comma - 1); line = substr(line, comma + 1)
	comma = index(line, ","); value = substr(line, 1, comma - 1); text = substr(line, comma + 1)
	if (names)
		rows = rows " " name
	else if (markdown)
		rows = rows sprintf("| `%s` | %s | %s |\n", name, value == "" ? "" : "`" value "`", text)
	else {
		group = heading ~ /^(names|engine)$/ ? "every run" : heading
		if (group != last) rows = rows sprintf("\nvariables: %s\n", group)
		last = group
		rows = rows sprintf("  %-22s %s\n", name "=" value, text)
	}
}
END {
	if (names) print rows
	else if (markdown) printf "| variable | default | meaning |\n|---|---|---|\n%s", rows
	else printf "make TARGET VARIABLE=value ...\n\ntargets\n%s%s", targets, rows
}
