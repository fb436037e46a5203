// SPDX-License-Identifier: GPL-2.0
/*
 * Drivers that come and go, by loading and unloading the module and by sysfs:
 * each time nothing of theirs stays mapped, the next one maps as much as the
 * first, and works.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"

#define CYCLES 20

/* The device that all this is about, by the name it has on the bus */
struct subject {
	const struct driver *driver;
	/* Loads or binds it, and undoes that */
	int (*set)(const struct subject *subject, bool there);
	/* Makes it do something */
	int (*work)(uint32_t cycle);
	char device[32];
};

static int set_module(const struct subject *s, bool there)
{
	return there ? driver_load(s->driver) : driver_unload(s->driver);
}

static int set_bound(const struct subject *s, bool there)
{
	return driver_bind(s->driver, s->device, there);
}

static int disk_work(uint32_t cycle)
{
	uint32_t count = DISK_EXTENT / BLOCK_BYTES, block = cycle * 4001 % (disk_blocks() - count);
	int fd = open(DISK_DEVICE, O_RDONLY | O_DIRECT), result = 0;
	ssize_t got;
	void *data;

	if (fd < 0)
		return failed_errno(DISK_DEVICE);
	if (posix_memalign(&data, 4096, DISK_EXTENT))
		return failed("no memory");
	got = pread(fd, data, DISK_EXTENT, block * (off_t)BLOCK_BYTES);
	if (got != DISK_EXTENT)
		result = failed_errno("read from block %u: %zd bytes", block, got);
	else
		result = disk_check(data, block, count);
	free(data);
	close(fd);
	return result;
}

/* Every other time it is taken down first: a driver has to do it by itself, too. */
static int net_work(uint32_t cycle)
{
	if (net_up() || tcp_some(50000))
		return -1;
	return cycle % 2 ? net_set_up(false) : 0;
}

/* Nothing mapped while it is away; the same as before when it is back */
static int cycle(const struct subject *s, const struct dump *before)
{
	struct dump dump;
	char words[160];

	if (s->set(s, false) || dump_read(&dump, s->device))
		return -1;
	dump_words(&dump, words, sizeof(words));
	if (dump_total(&dump))
		return failed("without its driver %s has %s", s->device, words);
	if (s->set(s, true) || dump_read(&dump, s->device))
		return -1;
	return dump_compare(before, &dump);
}

static int cycles(struct subject *s)
{
	struct dump before, all_before, all_after;
	double start = now();
	char words[160];
	uint32_t i;

	if (driver_device(s->driver, s->device, sizeof(s->device)))
		return -1;
	/* Begin with a fresh one, to have something to compare with. */
	if (s->set(s, false) || s->set(s, true) || dump_read(&before, s->device))
		return -1;
	dump_words(&before, words, sizeof(words));
	if (!dump_total(&before))
		return failed("%s has nothing mapped", s->device);
	if (dump_read(&all_before, NULL))
		return -1;
	for (i = 0; i < CYCLES; i++)
		if (s->work(i) || cycle(s, &before))
			return failed("cycle %u", i);
	if (dump_read(&all_after, NULL) || dump_compare(&all_before, &all_after))
		return -1;
	note("%d times, each time %s, %.2f s", CYCLES, words, now() - start);
	return s->work(i);
}

int bind_disk_module(void)
{
	struct subject s = { .driver = &disk_driver, .set = set_module, .work = disk_work };

	return cycles(&s);
}

int bind_net_module(void)
{
	struct subject s = { .driver = &net_driver, .set = set_module, .work = net_work };

	return cycles(&s);
}

int bind_disk_sysfs(void)
{
	struct subject s = { .driver = &disk_driver, .set = set_bound, .work = disk_work };

	return cycles(&s);
}

int bind_net_sysfs(void)
{
	struct subject s = { .driver = &net_driver, .set = set_bound, .work = net_work };

	return cycles(&s);
}
