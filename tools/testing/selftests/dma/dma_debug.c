// SPDX-License-Identifier: GPL-2.0
/*
 * What dma-debug knows: how many mappings of each type a device has, and how
 * many errors there were. A driver that is gone, or is back, has to leave this
 * as it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"

#define FOLDER "/sys/kernel/debug/dma-api"
/* As many reports a test, of errors that may be more */
#define REPORTS "4"

static int read_text(const char *name, char *text, size_t size)
{
	char path[128];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), FOLDER "/%s", name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return failed_errno("%s", path);
	length = read(fd, text, size - 1);
	close(fd);
	if (length < 0)
		return failed_errno("reading %s", path);
	text[length] = '\0';
	return 0;
}

/*
 * By default only the first error since boot is reported. Let some of each test
 * be: a driver that is wrong with every packet would say nothing else for hours.
 */
int dma_debug_arm(void)
{
	int fd = open(FOLDER "/num_errors", O_WRONLY);
	bool ok;

	if (fd < 0)
		return failed_errno(FOLDER "/num_errors");
	ok = write(fd, REPORTS, strlen(REPORTS)) > 0;
	close(fd);
	return ok ? 0 : failed_errno("writing num_errors");
}

/* All since boot, reported or not */
int dma_debug_errors(void)
{
	char text[32];

	if (read_text("error_count", text, sizeof(text)))
		return -1;
	return strtol(text, NULL, 10);
}

/* The last test: no error since boot, and it was on all the time. */
int dma_debug_result(void)
{
	char disabled[32];
	int errors = dma_debug_errors();

	if (errors < 0 || read_text("disabled", disabled, sizeof(disabled)))
		return -1;
	if (*disabled != 'N')
		return failed("dma-debug disabled itself");
	if (errors)
		return failed("%d errors", errors);
	note("0 errors");
	return 0;
}

static int dump_add(struct dump *dump, const char *name)
{
	int i;

	for (i = 0; i < dump->number; i++)
		if (!strcmp(dump->kinds[i].name, name))
			break;
	if (i == DUMP_KINDS)
		return failed("more than %d kinds of mappings", DUMP_KINDS);
	if (i == dump->number) {
		snprintf(dump->kinds[i].name, sizeof(dump->kinds[i].name), "%.79s", name);
		dump->number++;
	}
	dump->kinds[i].count++;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct dump_kind *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* A line is "DEVICE DRIVER TYPE idx NUMBER ...". */
int dump_read(struct dump *dump, const char *device)
{
	size_t length = device ? strlen(device) : 0;
	char line[512];
	FILE *file;
	int result = 0;

	memset(dump, 0, sizeof(*dump));
	file = fopen(FOLDER "/dump", "r");
	if (!file)
		return failed_errno(FOLDER "/dump");
	while (!result && fgets(line, sizeof(line), file)) {
		char *end = strstr(line, " idx ");

		if (!end) {
			result = failed("dump says %s", line);
		} else if (!device || (!strncmp(line, device, length) && line[length] == ' ')) {
			*end = '\0';
			result = dump_add(dump, line);
		}
	}
	fclose(file);
	/* Their order in the hash depends on addresses. */
	qsort(dump->kinds, dump->number, sizeof(dump->kinds[0]), by_name);
	return result;
}

int dump_total(const struct dump *dump)
{
	int i, total = 0;

	for (i = 0; i < dump->number; i++)
		total += dump->kinds[i].count;
	return total;
}

void dump_words(const struct dump *dump, char *to, size_t size)
{
	size_t used = 0;
	int i;

	snprintf(to, size, "nothing");
	for (i = 0; i < dump->number && used < size; i++)
		used += snprintf(to + used, size - used, "%s%d of %s", i ? " + " : "",
				 dump->kinds[i].count, dump->kinds[i].name);
}

int dump_compare(const struct dump *before, const struct dump *after)
{
	char was[160], is[160];

	dump_words(before, was, sizeof(was));
	dump_words(after, is, sizeof(is));
	return strcmp(was, is) ? failed("mapped: %s; before: %s", is, was) : 0;
}
