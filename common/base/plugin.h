/* Plug-ins: one const struct in a file named after it, gathered by Make into a generated table.
 *
 * Every plug-in struct begins with PLUGIN_HEAD.  A table is a NULL-terminated array of pointers,
 * declared by the header of its kind (`extern const struct strategy *const strategy_table[];`) and
 * defined in the generated plugins.c. */
#ifndef BASE_PLUGIN_H
#define BASE_PLUGIN_H

#define PLUGIN_HEAD const char *name; const char *summary

/* The plug-in of that name, or NULL after err_set(ERR_USAGE) with the list of known names.
 * kind is for the message: "strategy", "operator". */
const void *plugin_find(const void *const *table, const char *kind, const char *name);

/* i-th name of a table, NULL at its end; for OPT_WORD. */
const char *plugin_name(const void *const *table, int i);

#define PLUGIN_TABLE(table) ((const void *const *)(table))

#endif
