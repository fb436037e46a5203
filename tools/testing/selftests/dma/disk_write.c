// SPDX-License-Identifier: GPL-2.0
/*
 * Writes of extents of one block to 256 KiB: one after the other, and by many
 * processes at once, so that the disk has several commands at a time. All is
 * read again at once; the host goes through the same extents and compares the
 * image in the end. So the order of random numbers is a part of the interface.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>

#include "guest.h"

#define RNG_WRITE 200
#define RNG_QUEUE 300
#define WRITES 300
#define WRITERS 8
#define WRITES_EACH 60
/* A slow disk does 50 commands a second; this much of the time counts as slow. */
#define SLOW_S 0.015
#define SLOW_READS 5
#define SLOW_PATIENCE_S 60
#define BUFFER_SIZE (DISK_EXTENT + 8192)
#define BLOCKS_MOST (DISK_EXTENT / BLOCK_BYTES)

/* A writer: a part of the disk, random numbers and generations of its own */
struct writer {
	uint32_t first, size;
	uint32_t rng;
	uint32_t generation;
	char *buffer;
	uint64_t bytes;
	/* Past the page cache, and through it */
	int direct, plain;
};

/* Small extents are as frequent as large ones. */
static void next_extent(struct writer *w, uint32_t *block, uint32_t *count)
{
	uint32_t most = BLOCKS_MOST >> rng_below(&w->rng, 10);

	*count = 1 + rng_below(&w->rng, most ? most : 1);
	*block = w->first + rng_below(&w->rng, w->size - *count + 1);
	w->generation++;
}

static int transfer(int fd, bool write, char *data, uint32_t block, uint32_t count)
{
	size_t size = count * BLOCK_BYTES;
	off_t at = block * (off_t)BLOCK_BYTES;
	ssize_t done = write ? pwrite(fd, data, size, at) : pread(fd, data, size, at);

	if (done < 0)
		return failed_errno("%s of %u blocks at %u", write ? "write" : "read", count,
				    block);
	if (done != (ssize_t)size)
		return failed("%s of %u blocks at %u: %zd bytes", write ? "write" : "read", count,
			      block, done);
	return 0;
}

/* At an odd address where it may be, else at any sector of a page. */
static char *place(struct writer *w, bool direct)
{
	uint32_t random = rng_next(&w->rng);

	return w->buffer + (direct ? random % 8 * BLOCK_BYTES : 1 + random % 4095);
}

static int write_extent(struct writer *w, bool direct)
{
	uint32_t block, count, i;
	char *data;

	next_extent(w, &block, &count);
	data = place(w, direct);
	pattern_fill(data, count * BLOCK_BYTES, STREAM_DISK, block, w->generation);
	if (transfer(direct ? w->direct : w->plain, true, data, block, count))
		return -1;
	for (i = 0; i < count; i++)
		disk_generations()[block + i] = w->generation;
	/* What another mix of the two ways to the disk finds there */
	if (!direct && fdatasync(w->plain))
		return failed_errno("fdatasync");
	data = place(w, true);
	memset(data, 0, count * BLOCK_BYTES);
	if (transfer(w->direct, false, data, block, count))
		return -1;
	w->bytes += 2 * count * BLOCK_BYTES;
	return disk_check(data, block, count);
}

static int writer_open(struct writer *w)
{
	w->direct = open(DISK_DEVICE, O_RDWR | O_DIRECT);
	w->plain = open(DISK_DEVICE, O_RDWR);
	if (w->direct < 0 || w->plain < 0)
		return failed_errno(DISK_DEVICE);
	if (posix_memalign((void **)&w->buffer, 4096, BUFFER_SIZE))
		return failed("no memory");
	return 0;
}

int disk_write(void)
{
	struct writer w = { .size = disk_blocks(), .rng = rng_seed(RNG_WRITE) };
	double start = now();
	int i;

	if (writer_open(&w))
		return -1;
	for (i = 0; i < WRITES; i++)
		if (write_extent(&w, i % 3))
			return -1;
	note_speed(w.bytes, start);
	return 0;
}

static int queue_writer(uint32_t number)
{
	uint32_t size = disk_blocks() / WRITERS;
	struct writer w = {
		.first = number * size,
		.size = size,
		.rng = rng_seed(RNG_QUEUE + number),
		.generation = (number + 1) << 16,
	};
	int i;

	if (writer_open(&w))
		return -1;
	for (i = 0; i < WRITES_EACH; i++)
		if (write_extent(&w, true))
			return -1;
	return 0;
}

static int read_number(const char *path, int index)
{
	int values[2] = { 0, 0 };
	FILE *file = fopen(path, "r");

	if (!file)
		return 0;
	if (fscanf(file, "%d %d", &values[0], &values[1]) < 1)
		values[0] = 0;
	fclose(file);
	return index < 0 ? values[0] + values[1] : values[index];
}

/* Waits for all of them, and looks at how many commands the disk has. */
static int wait_writers(int *most)
{
	int left = WRITERS, bad = 0, status;

	while (left) {
		int flying = read_number("/sys/block/sda/inflight", -1);

		if (flying > *most)
			*most = flying;
		if (waitpid(-1, &status, WNOHANG) <= 0) {
			sleep_ms(1);
			continue;
		}
		left--;
		bad += status != 0;
	}
	return bad ? failed("%d of %d writers failed", bad, WRITERS) : 0;
}

/*
 * The host hears of it when it gets to that. A few commands in a row that take
 * their time are no accident, and what it lets pass at first is gone then.
 */
static int wait_slow(void)
{
	double start = now(), before;
	int slow = 0;
	struct writer w = {};

	if (writer_open(&w))
		return -1;
	while (slow < SLOW_READS && now() - start < SLOW_PATIENCE_S) {
		before = now();
		if (transfer(w.direct, false, w.buffer, 0, 1))
			return -1;
		slow = now() - before < SLOW_S ? 0 : slow + 1;
	}
	close(w.direct);
	close(w.plain);
	free(w.buffer);
	return slow < SLOW_READS ? failed("the host does not slow the disk down") : 0;
}

static int run_writers(int *most)
{
	int i;

	for (i = 0; i < WRITERS; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return failed_errno("fork");
		if (!pid)
			_exit(queue_writer(i) ? 1 : 0);
	}
	return wait_writers(most);
}

int disk_queue(void)
{
	int depth = read_number("/sys/block/sda/device/queue_depth", 0);
	double start = now();
	int bad, most = 0;

	/* A disk of the host's memory can be done with each command before the next comes. */
	ask_host("disk slow");
	bad = wait_slow() || run_writers(&most);
	ask_host("disk fast");
	if (bad)
		return -1;
	if (most < depth)
		return failed("never more than %d commands, the queue takes %d", most, depth);
	note("%d writers, queue depth %d, %d requests at a time, %.2f s", WRITERS, depth, most,
	     now() - start);
	return 0;
}
