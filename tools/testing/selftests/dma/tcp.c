// SPDX-License-Identifier: GPL-2.0
/*
 * Streams over TCP, each byte of them known to both ends. The one that receives
 * compares, and says what it found.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <sys/wait.h>

#include "guest.h"

#define STREAM_BYTES (16u << 20)
/* Not a multiple of anything that the network likes */
#define PIECE (37 * BLOCK_BYTES)

static size_t piece(uint32_t left)
{
	return left < PIECE ? left : PIECE;
}

static int send_stream(int fd, uint32_t bytes, uint32_t generation)
{
	static char data[PIECE];
	uint32_t done;

	for (done = 0; done < bytes; done += piece(bytes - done)) {
		pattern_fill(data, piece(bytes - done), STREAM_TCP_UP, done / BLOCK_BYTES,
			     generation);
		if (net_send_all(fd, data, piece(bytes - done)))
			return -1;
	}
	return 0;
}

static int receive_stream(int fd, uint32_t bytes, uint32_t generation)
{
	static char data[PIECE];
	uint32_t done;
	long bad;

	for (done = 0; done < bytes; done += piece(bytes - done)) {
		if (net_receive_all(fd, data, piece(bytes - done)))
			return -1;
		bad = pattern_check(data, piece(bytes - done), STREAM_TCP_DOWN, done / BLOCK_BYTES,
				    generation);
		if (bad >= 0)
			return pattern_failed("TCP from the host", data, bad, done / BLOCK_BYTES);
	}
	return 0;
}

/* The host's verdict: how many bytes of the stream were right before the first wrong one */
static int host_verdict(int fd, uint32_t bytes)
{
	uint32_t good;

	if (net_receive_all(fd, &good, sizeof(good)))
		return -1;
	if (ntohl(good) != bytes)
		return failed("the host found %u of %u bytes right", ntohl(good), bytes);
	return 0;
}

static int upload(uint32_t bytes, uint32_t generation)
{
	int fd = net_order(ORDER_UPLOAD, bytes, generation), result;

	if (fd < 0)
		return -1;
	result = send_stream(fd, bytes, generation) || host_verdict(fd, bytes) ? -1 : 0;
	close(fd);
	return result;
}

static int download(uint32_t bytes, uint32_t generation)
{
	int fd = net_order(ORDER_DOWNLOAD, bytes, generation), result;

	if (fd < 0)
		return -1;
	result = receive_stream(fd, bytes, generation);
	close(fd);
	return result;
}

int tcp_upload(void)
{
	double start = now();

	if (net_up() || upload(STREAM_BYTES, 1))
		return -1;
	note_speed(STREAM_BYTES, start);
	return 0;
}

int tcp_download(void)
{
	double start = now();

	if (net_up() || download(STREAM_BYTES, 2))
		return -1;
	note_speed(STREAM_BYTES, start);
	return 0;
}

/* A little each way, to see that the network is well */
int tcp_some(uint32_t bytes)
{
	static uint32_t generation = 100;

	return upload(bytes, generation++) || download(bytes, generation++) ? -1 : 0;
}

/* Both ways at once: the rings of the card are full in both directions. */
int tcp_both(void)
{
	double start = now();
	int status, fd;
	pid_t pid;

	if (net_up())
		return -1;
	fd = net_order(ORDER_BOTH, STREAM_BYTES, 3);
	if (fd < 0)
		return -1;
	pid = fork();
	if (pid < 0)
		return failed_errno("fork");
	if (!pid)
		_exit(send_stream(fd, STREAM_BYTES, 3) ? 1 : 0);
	if (receive_stream(fd, STREAM_BYTES, 3) || waitpid(pid, &status, 0) != pid || status)
		return failed("the sender failed");
	if (host_verdict(fd, STREAM_BYTES))
		return -1;
	note_speed(2ull * STREAM_BYTES, start);
	close(fd);
	return 0;
}
