/* A process that lives, one that has ended but is not yet waited for, and one that is gone. */
#include "tests/harness.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"

static void gone_is_who_holds_no_files_any_more(void **state)
{
	siginfo_t info;
	pid_t pid;

	(void)state;
	assert_false(process_gone(getpid()));
	assert_false(process_gone(1));           /* no right to signal it, or root */
	pid = fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	assert_false(process_gone(pid));
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_true(process_gone(pid));          /* a zombie */
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(process_gone(pid));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(gone_is_who_holds_no_files_any_more) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
