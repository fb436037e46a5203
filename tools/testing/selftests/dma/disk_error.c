// SPDX-License-Identifier: GPL-2.0
/*
 * A disk with one sector that cannot be read. Who asks for it gets an error,
 * the sectors around it are read, and the disk goes on to work.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "guest.h"

#define BAD_DEVICE "/dev/sdb"
#define AROUND 64

static int read_good(int fd, char *buffer, uint32_t block, uint32_t count)
{
	size_t size = count * BLOCK_BYTES;
	ssize_t got = pread(fd, buffer, size, block * (off_t)BLOCK_BYTES);
	long bad;

	if (got != (ssize_t)size)
		return failed_errno(BAD_DEVICE ": %zd bytes from block %u", got, block);
	bad = pattern_check(buffer, size, STREAM_BAD_DISK, block, 0);
	return bad >= 0 ? pattern_failed(BAD_DEVICE, buffer, bad, block) : 0;
}

static int read_bad(int fd, char *buffer, uint32_t block, uint32_t count)
{
	size_t size = count * BLOCK_BYTES;
	ssize_t got;

	memset(buffer, 0x5a, size);
	errno = 0;
	got = pread(fd, buffer, size, block * (off_t)BLOCK_BYTES);
	if (got >= 0)
		return failed(BAD_DEVICE ": %zd bytes with the bad sector, no error", got);
	if (errno != EIO)
		return failed_errno(BAD_DEVICE ": not EIO");
	return 0;
}

/* Alone, at the end of a longer read, and the sectors around it in between */
static int around(int fd, char *buffer, uint32_t bad, uint32_t sector)
{
	if (read_good(fd, buffer, bad - AROUND, AROUND) ||
	    read_bad(fd, buffer, bad, sector) ||
	    read_good(fd, buffer, bad + sector, AROUND) ||
	    read_good(fd, buffer, bad - sector, sector))
		return -1;
	if (ioctl(fd, BLKFLSBUF, 0))
		return failed_errno("flush");
	return read_good(fd, buffer, 0, AROUND);
}

static int read_around(int flags, uint32_t sector, bool long_too)
{
	uint32_t bad = param("dma_bad", 0);
	double start = now();
	char *buffer;
	int fd, i;

	if (bad < AROUND)
		return failed("dma_bad, the bad sector, is not given");
	if (posix_memalign((void **)&buffer, 4096, 2 * AROUND * BLOCK_BYTES))
		return failed("no memory");
	fd = open(BAD_DEVICE, O_RDONLY | flags);
	if (fd < 0)
		return failed_errno(BAD_DEVICE);
	posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	for (i = 0; i < 3; i++) {
		if (around(fd, buffer, bad, sector))
			return -1;
		if (long_too && read_bad(fd, buffer, bad - AROUND, 2 * AROUND))
			return -1;
	}
	note("EIO for sector %u, its neighbours are good, %.2f s", bad, now() - start);
	close(fd);
	return 0;
}

int disk_bad_direct(void)
{
	return read_around(O_DIRECT, 1, true);
}

/* The page cache reads a page at a time: its eight sectors fail together. */
int disk_bad_plain(void)
{
	return read_around(0, 4096 / BLOCK_BYTES, false);
}
