/* Signals; see signals.h. */
#include "base/signals.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "base/tempfile.h"

static volatile sig_atomic_t received, polite;

static _Noreturn void end_by(int number)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	sigset_t only;

	tempfile_drop_all();
	sigaction(number, &plain, NULL);
	sigemptyset(&only);
	sigaddset(&only, number);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	raise(number);
	_exit(128 + number);
}

static void handle(int number)
{
	if (!polite || received || number == SIGQUIT)
		end_by(number);
	received = number;
}

void signals_install(bool graceful)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT }, ignored[] = { SIGPIPE, SIGXFSZ };
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_RESTART }, before;
	size_t i;

	polite = graceful;
	sigemptyset(&action.sa_mask);
	for (i = 0; i < sizeof ends / sizeof *ends; i++)
		if (!sigaction(ends[i], NULL, &before) && before.sa_handler != SIG_IGN)   /* nohup stays nohup */
			sigaction(ends[i], &action, NULL);
	action.sa_handler = SIG_IGN;
	for (i = 0; i < sizeof ignored / sizeof *ignored; i++)
		sigaction(ignored[i], &action, NULL);
}

bool signals_stopping(void)
{
	return received != 0;
}

_Noreturn void signals_leave(void)
{
	end_by(received ? received : SIGTERM);
}
