// SPDX-License-Identifier: GPL-2.0
/*
 * Whole disks, read in pieces of many sizes: by way of the page cache and past
 * it. What each block has to hold follows from its generation, which grows with
 * each write.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "guest.h"

#define CD_DEVICE "/dev/sr0"
#define CD_SECTOR 2048

static uint32_t *generations;

uint32_t disk_blocks(void)
{
	return param("dma_disk", 0);
}

uint32_t *disk_generations(void)
{
	return generations;
}

int disk_init(void)
{
	if (!disk_blocks())
		return failed("dma_disk, the size of the disk in sectors, is not given");
	generations = shared_memory(disk_blocks() * sizeof(*generations));
	return 0;
}

int disk_check(const void *data, uint32_t block, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		const char *at = (const char *)data + i * BLOCK_BYTES;
		long bad = pattern_check(at, BLOCK_BYTES, STREAM_DISK, block + i,
					 generations[block + i]);

		if (bad >= 0)
			return pattern_failed(DISK_DEVICE, at, bad, block + i);
	}
	return 0;
}

static int cd_check(const void *data, uint32_t block, uint32_t count)
{
	long bad = pattern_check(data, count * BLOCK_BYTES, STREAM_CD, block, 0);

	return bad >= 0 ? pattern_failed(CD_DEVICE, data, bad, block) : 0;
}

static int check_size(const char *path, uint64_t wanted)
{
	uint64_t size;
	int fd = open(path, O_RDONLY), result;

	if (fd < 0)
		return failed_errno("%s", path);
	result = ioctl(fd, BLKGETSIZE64, &size);
	close(fd);
	if (result)
		return failed_errno("size of %s", path);
	if (size != wanted)
		return failed("%s has %llu bytes instead of %llu", path,
			      (unsigned long long)size, (unsigned long long)wanted);
	return 0;
}

int disk_sizes(void)
{
	if (check_size(DISK_DEVICE, disk_blocks() * (uint64_t)BLOCK_BYTES) ||
	    check_size(CD_DEVICE, param("dma_cd", 0) * (uint64_t)BLOCK_BYTES))
		return -1;
	note("disk %u, CD %ld blocks of %d bytes", disk_blocks(), param("dma_cd", 0), BLOCK_BYTES);
	return 0;
}

struct reading {
	const char *path;
	int flags;
	/* In units of blocks */
	uint32_t size, sector;
	/* Where in the buffer the data may start: a multiple of this */
	size_t align;
	int (*check)(const void *data, uint32_t block, uint32_t count);
};

/* The whole of it, from start to end, each piece to another place in memory. */
static int read_pieces(const struct reading *r, int fd, char *buffer)
{
	uint32_t rng = rng_seed(100 + r->flags % 97), block, count;
	size_t places = 4096 / r->align;

	for (block = 0; block < r->size; block += count) {
		uint32_t most = DISK_EXTENT / BLOCK_BYTES / r->sector >> rng_below(&rng, 9);
		char *data = buffer + rng_below(&rng, places) * r->align;
		ssize_t got;

		count = (1 + rng_below(&rng, most ? most : 1)) * r->sector;
		if (count > r->size - block)
			count = r->size - block;
		got = pread(fd, data, count * BLOCK_BYTES, block * (off_t)BLOCK_BYTES);
		if (got < 0)
			return failed_errno("%s: block %u", r->path, block);
		if (got != (ssize_t)count * BLOCK_BYTES)
			return failed("%s: %zd bytes of %u from block %u", r->path, got,
				      count * BLOCK_BYTES, block);
		if (r->check(data, block, count))
			return -1;
	}
	return 0;
}

static int read_whole(const struct reading *r)
{
	double start = now();
	void *buffer;
	int fd, result;

	if (posix_memalign(&buffer, 4096, DISK_EXTENT + 8192))
		return failed("no memory");
	fd = open(r->path, O_RDONLY | r->flags);
	if (fd < 0)
		return failed_errno("%s", r->path);
	/* Let no page that is there from before answer. */
	if (ioctl(fd, BLKFLSBUF, 0))
		failed_errno("%s: flush", r->path);
	result = read_pieces(r, fd, buffer);
	close(fd);
	free(buffer);
	note_speed(r->size * (uint64_t)BLOCK_BYTES, start);
	return result;
}

int disk_read_plain(void)
{
	return read_whole(&(struct reading){ DISK_DEVICE, 0, disk_blocks(), 1, 1, disk_check });
}

int disk_read_direct(void)
{
	return read_whole(&(struct reading){ DISK_DEVICE, O_DIRECT, disk_blocks(), 1, BLOCK_BYTES,
					     disk_check });
}

int cd_read_plain(void)
{
	return read_whole(&(struct reading){ CD_DEVICE, 0, param("dma_cd", 0),
					     CD_SECTOR / BLOCK_BYTES, 1, cd_check });
}

int cd_read_direct(void)
{
	return read_whole(&(struct reading){ CD_DEVICE, O_DIRECT, param("dma_cd", 0),
					     CD_SECTOR / BLOCK_BYTES, CD_SECTOR, cd_check });
}
