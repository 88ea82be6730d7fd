/* Files appear whole or not at all, also when the program exits or is told to stop. */
#include "tests/harness.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/signals.h"
#include "base/tempfile.h"

static char folder[] = "/tmp/nasmill-test-temp-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[256];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command);
}

static int entries(void)
{
	DIR *dir = opendir(".");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static void expect_text(const char *path, const char *want)
{
	FILE *file = fopen(path, "r");
	char text[100] = "";

	assert_non_null(file);
	assert_int_equal(fread(text, 1, sizeof text - 1, file), strlen(want));
	fclose(file);
	assert_string_equal(text, want);
}

static void a_committed_file_has_its_name_and_a_dropped_one_none(void **state)
{
	struct tempfile t;

	(void)state;
	assert_ok(tempfile_write_text("a.txt", "old"));
	assert_ok(tempfile_open(&t, "a.txt"));
	assert_non_null(strstr(t.path, ".a.txt.tmp."));
	assert_int_equal(entries(), 2);
	expect_text("a.txt", "old");
	tempfile_drop(&t);
	tempfile_drop(&t);
	assert_int_equal(entries(), 1);
	assert_ok(tempfile_write_text("a.txt", "new"));
	expect_text("a.txt", "new");
	assert_int_equal(entries(), 1);
	unlink("a.txt");
}

static void missing_folders_are_made(void **state)
{
	struct stat st;

	(void)state;
	assert_ok(tempfile_write_text("x/y//z/a.txt", "deep"));
	expect_text("x/y/z/a.txt", "deep");
	assert_ok(make_folder("x/y/z"));
	assert_ok(make_folder("x/w/"));
	assert_int_equal(stat("x/w", &st), 0);
	assert_fails(make_folder("x/y/z/a.txt"), ERR_IO, "is no folder");
	assert_fails(make_folder("x/y/z/a.txt/b"), ERR_IO, "make the folder");
	assert_int_equal(system("rm -r x"), 0);
}

static void names_that_are_no_files_are_refused(void **state)
{
	char longest[300];
	struct tempfile t;

	(void)state;
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_fails(tempfile_open(&t, ""), ERR_USAGE, "no file name");
	assert_fails(tempfile_open(&t, "x/"), ERR_USAGE, "no file name");
	assert_fails(tempfile_open(&t, "/dev/null"), ERR_IO, "no regular file");
	assert_fails(tempfile_open(&t, longest), ERR_IO, "too long");
	assert_int_equal(entries(), 0);
}

/* Runs body in a child and returns how it ended. */
static int ended(void (*body)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		signal(SIGINT, SIG_DFL);       /* a shell's background job is born deaf to it */
		body();
		_exit(99);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void open_and_exit(void)
{
	struct tempfile t;

	tempfile_open(&t, "a.txt");
	exit(3);
}

static void open_and_die_by_signal(void)
{
	struct tempfile t;

	signals_install(false);
	tempfile_open(&t, "a.txt");
	raise(SIGTERM);
}

static void stop_politely(void)
{
	struct tempfile t;

	signals_install(true);
	tempfile_open(&t, "a.txt");
	raise(SIGINT);
	if (!signals_stopping() || entries() != 1)
		_exit(98);
	signals_leave();
}

static void be_told_twice(void)
{
	struct tempfile t;

	signals_install(true);
	tempfile_open(&t, "a.txt");
	raise(SIGINT);
	raise(SIGINT);
}

static void be_killed(void)
{
	struct tempfile t;

	tempfile_open(&t, "a.txt");
	raise(SIGKILL);
}

/* A child of fork() has slots of its own: the test's process opens none before. */
static void an_open_file_is_removed_when_the_program_ends(void **state)
{
	int status;

	(void)state;
	status = ended(open_and_exit);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	assert_int_equal(entries(), 0);
	status = ended(open_and_die_by_signal);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	assert_int_equal(entries(), 0);
	status = ended(stop_politely);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	assert_int_equal(entries(), 0);
	status = ended(be_told_twice);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	assert_int_equal(entries(), 0);
}

static void leftovers_of_dead_processes_are_swept(void **state)
{
	struct tempfile mine;

	(void)state;
	ended(be_killed);
	assert_int_equal(entries(), 1);
	assert_ok(tempfile_open(&mine, "b.txt"));
	assert_ok(tempfile_write_text(".c.tmp.00000000.2147483647.1", "of another host: no process here has that number"));
	assert_ok(tempfile_write_text(".d.tmp.notes", "of somebody"));
	assert_ok(tempfile_sweep("."));
	assert_int_equal(entries(), 3);
	assert_int_equal(access(mine.path, F_OK), 0);
	tempfile_drop(&mine);
	assert_ok(tempfile_sweep("nothing"));
	unlink(".c.tmp.00000000.2147483647.1");
	unlink(".d.tmp.notes");
}

/* A killed process keeps its number until its parent asks after it. */
static void leftovers_of_a_process_that_nobody_waited_for_are_swept(void **state)
{
	struct tempfile t;
	siginfo_t ended;
	pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (!child) {
		if (tempfile_open(&t, "z.txt") < 0)
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT), 0);
	assert_int_equal(ended.si_status, SIGKILL);
	assert_int_equal(entries(), 1);
	assert_ok(tempfile_sweep("."));
	assert_int_equal(entries(), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_open_file_is_removed_when_the_program_ends),
		cmocka_unit_test(a_committed_file_has_its_name_and_a_dropped_one_none),
		cmocka_unit_test(missing_folders_are_made),
		cmocka_unit_test(names_that_are_no_files_are_refused),
		cmocka_unit_test(leftovers_of_dead_processes_are_swept),
		cmocka_unit_test(leftovers_of_a_process_that_nobody_waited_for_are_swept),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
