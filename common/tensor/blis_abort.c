/* BLIS ends the program when an allocation fails: abort(), which would leave temporary files.  The linker
 * puts this in its place (--wrap in GNUmakefile). */
#include "base/die.h"
#include "base/err.h"

_Noreturn void __wrap_bli_abort(void);
_Noreturn void __wrap_bli_abort(void)
{
	die(-ERR_INTERNAL, "BLIS gave up (its reason stands above): out of memory? Use a smaller --batch, or a machine with more");
}
