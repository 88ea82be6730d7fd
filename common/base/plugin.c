/* Plug-in tables; see plugin.h. */
#include "base/plugin.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

struct head { PLUGIN_HEAD; };

const char *plugin_name(const void *const *table, int i)
{
	return table[i] ? ((const struct head *)table[i])->name : NULL;
}

const void *plugin_find(const void *const *table, const char *kind, const char *name)
{
	char known[2048] = "";
	size_t used = 0;
	int i;

	for (i = 0; table[i]; i++) {
		const char *candidate = plugin_name(table, i);

		if (!strcmp(candidate, name))
			return table[i];
		if (used < sizeof known)
			used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", candidate);
	}
	err_set(ERR_USAGE, "unknown %s \"%s\"; there are: %s", kind, name, i ? known : "none");
	return NULL;
}
