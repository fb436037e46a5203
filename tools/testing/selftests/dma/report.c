// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the tests, each in a process of its own, so that one which crashes or
 * hangs is one failed test. Prints TAP, by way of /dev/kmsg: there a line stays
 * whole, and in order with the lines of the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "../kselftest.h"
#include "guest.h"

/* Seconds: silence for longer means that the kernel hangs */
#define HEARTBEAT 10

/* What the test in its own process has to say: figures, or why it failed */
static struct words {
	bool failed;
	char text[400];
} *words;

void *shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		ksft_exit_fail_msg("no memory\n");
	return memory;
}

void report_init(void)
{
	int fd = open("/dev/kmsg", O_WRONLY);

	if (fd >= 0) {
		dup2(fd, STDOUT_FILENO);
		close(fd);
	}
	setlinebuf(stdout);
	words = shared_memory(sizeof(*words));
}

/* In a child whose failures are no failure of the test */
void report_mute(void)
{
	static struct words unheard;

	words = &unheard;
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

void sleep_ms(int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

long param(const char *name, long otherwise)
{
	const char *text = getenv(name);

	return text ? strtol(text, NULL, 0) : otherwise;
}

const char *param_text(const char *name, const char *otherwise)
{
	const char *text = getenv(name);

	return text ? text : otherwise;
}

/* Added to what was noted before. */
static void add_words(const char *format, va_list args)
{
	size_t used = strlen(words->text);

	if (used && used < sizeof(words->text) - 3)
		used += sprintf(words->text + used, ", ");
	vsnprintf(words->text + used, sizeof(words->text) - used, format, args);
}

void note(const char *format, ...)
{
	va_list args;

	/* Once something failed, that is what counts. */
	if (words->failed)
		return;
	va_start(args, format);
	add_words(format, args);
	va_end(args);
}

/* The first reason wins: others follow from it. */
static void set_reason(const char *format, va_list args)
{
	if (words->failed)
		return;
	words->failed = true;
	words->text[0] = '\0';
	add_words(format, args);
}

int failed(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_reason(format, args);
	va_end(args);
	return -1;
}

int failed_errno(const char *format, ...)
{
	const char *error = strerror(errno);
	bool first = !words->failed;
	va_list args;
	size_t used;

	va_start(args, format);
	set_reason(format, args);
	va_end(args);
	if (first) {
		used = strlen(words->text);
		snprintf(words->text + used, sizeof(words->text) - used, ": %s", error);
	}
	return -1;
}

void note_speed(uint64_t bytes, double since)
{
	double seconds = now() - since;

	note("%.2f MiB in %.2f s, %.2f MB/s", bytes / 1048576.0, seconds, bytes / 1e6 / seconds);
}

void ask_host(const char *what)
{
	ksft_print_msg("host: %s\n", what);
}

/* Returns the status of wait(), or -1 when the process cannot even be killed. */
static int wait_limit(pid_t pid, int limit)
{
	double end = now() + limit, next_word = now() + HEARTBEAT;
	bool killed = false;
	int status;

	while (waitpid(pid, &status, WNOHANG) != pid) {
		if (now() > end) {
			failed(killed ? "hangs in the kernel" : "not done after %d s", limit);
			if (killed)
				return -1;
			kill(pid, SIGKILL);
			killed = true;
			end = now() + 5;
		}
		if (now() > next_word) {
			ksft_print_msg("still at work\n");
			next_word += HEARTBEAT;
		}
		sleep_ms(5);
	}
	return status;
}

static bool run_process(const struct test *test)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		return !failed_errno("fork");
	if (!pid)
		_exit(test->run() ? 1 : 0);
	status = wait_limit(pid, test->limit);
	if (status > 0 && WIFSIGNALED(status))
		failed("killed by signal %d", WTERMSIG(status));
	return status == 0;
}

/* What dma-debug found meanwhile is counted in the result. */
static bool run_one(const struct test *test)
{
	int errors = dma_debug_errors();
	bool ok;

	ksft_print_msg("start %s\n", test->name);
	memset(words, 0, sizeof(*words));
	dma_debug_arm();
	ok = run_process(test);
	/* The host has to know what was written, whatever dma-debug says. */
	if (ok)
		ksft_print_msg("done %s\n", test->name);
	errors = dma_debug_errors() - errors;
	if (errors) {
		size_t used = strlen(words->text);

		snprintf(words->text + used, sizeof(words->text) - used, "; %d errors of DMA",
			 errors);
	}
	return ok && !errors;
}

/* Is the test's name, or the start of it, one of those in the list? */
static bool chosen(const char *name, const char *list)
{
	while (*list) {
		size_t length = strcspn(list, ",");

		if (length && !strncmp(name, list, length))
			return true;
		list += length;
		list += *list == ',';
	}
	return false;
}

int report_run(const struct test *tests, size_t count)
{
	const char *only = param_text("dma_only", ""), *skip = param_text("dma_skip", "");
	size_t i, planned = 0;
	bool run[count];

	for (i = 0; i < count; i++) {
		run[i] = (!*only || chosen(tests[i].name, only)) && !chosen(tests[i].name, skip);
		planned += run[i];
	}
	ksft_print_header();
	ksft_set_plan(planned);
	for (i = 0; i < count; i++) {
		bool ok;

		if (!run[i])
			continue;
		ok = run_one(&tests[i]);
		ksft_test_result(ok, "- %s # %s\n", tests[i].name, words->text);
	}
	ksft_print_cnts();
	return ksft_get_fail_cnt();
}
