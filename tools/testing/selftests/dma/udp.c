// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams of each size that a frame holds, in bursts. The host answers each
 * good one with another of the same size, so that an old buffer, on either way,
 * is no answer. None may be lost: a burst is less than the rings of the card.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <sys/socket.h>

#include "guest.h"

#define LARGEST 1472
#define BURST 8
#define ROUNDS 3
#define PATIENCE_MS 3000
/* A datagram is a few blocks of its stream, found by its size. */
#define BLOCKS_EACH 4

static int send_burst(int fd, const uint16_t *sizes, int count, uint32_t round)
{
	static char data[LARGEST];
	int i;

	for (i = 0; i < count; i++) {
		pattern_fill(data, sizes[i], STREAM_UDP_UP, sizes[i] * BLOCKS_EACH, round);
		if (send(fd, data, sizes[i], 0) != sizes[i])
			return failed_errno("send of %u bytes", sizes[i]);
	}
	return 0;
}

/* The round that an answer is of, if it is long enough to say so */
static uint32_t round_of(const char *data, ssize_t size, uint32_t now)
{
	uint32_t generation;

	if (size < 12)
		return now;
	memcpy(&generation, data + 8, sizeof(generation));
	return ntohl(generation);
}

/* One that comes after its round is over has to be right, too, but does not count. */
static int check_answer(const char *data, ssize_t size, uint32_t round, const uint16_t *sizes,
			int count, int *answers)
{
	uint32_t own = round_of(data, size, round);
	long bad;
	int i;

	bad = pattern_check(data, size, STREAM_UDP_DOWN, size * BLOCKS_EACH,
			    own < round ? own : round);
	if (bad >= 0)
		return pattern_failed("UDP from the host", data, bad, size * BLOCKS_EACH);
	for (i = 0; i < count; i++)
		if (sizes[i] == size && own == round)
			++*answers;
	return 0;
}

/* The number of answers is for the caller to judge: none while the link is down, say. */
int udp_exchange(int fd, const uint16_t *sizes, int count, uint32_t round, int *answers)
{
	static char data[LARGEST + 1];

	*answers = 0;
	if (send_burst(fd, sizes, count, round))
		return -1;
	while (*answers < count) {
		ssize_t got = recv(fd, data, sizeof(data), 0);

		if (got < 0 && errno == EAGAIN)
			break;
		if (got < 0)
			return failed_errno("receive");
		if (check_answer(data, got, round, sizes, count, answers))
			return -1;
	}
	return 0;
}

struct host_result {
	uint32_t good, bad, answered;
};

static int host_result(struct host_result *result)
{
	uint32_t words[3];
	int fd = net_order(ORDER_UDP_RESULT, 0, 0);

	if (fd < 0 || net_receive_all(fd, words, sizeof(words)))
		return -1;
	close(fd);
	result->good = ntohl(words[0]);
	result->bad = ntohl(words[1]);
	result->answered = ntohl(words[2]);
	return 0;
}

/* All sizes in bursts; each burst has small and large ones. */
static int all_sizes(int fd, uint32_t round, int *answered)
{
	uint16_t sizes[BURST];
	int start, i, count, answers;

	for (start = 1; start <= LARGEST / BURST; start++) {
		count = 0;
		for (i = 0; i < BURST; i++)
			sizes[count++] = start + i * (LARGEST / BURST);
		if (udp_exchange(fd, sizes, count, round, &answers))
			return -1;
		*answered += answers;
	}
	return 0;
}

int udp_sizes(void)
{
	struct host_result before, after;
	int fd, round, sent = ROUNDS * LARGEST, answered = 0;
	double start = now();

	_Static_assert(LARGEST % BURST == 0, "each size once");
	if (net_up() || host_result(&before))
		return -1;
	fd = net_udp(PATIENCE_MS);
	if (fd < 0)
		return -1;
	for (round = 1; round <= ROUNDS; round++)
		if (all_sizes(fd, round, &answered))
			return -1;
	close(fd);
	if (host_result(&after))
		return -1;
	if (answered != sent || after.good - before.good != (uint32_t)sent)
		return failed("%d sent, the host got %u good, %u bad, answered %u, %d came", sent,
			      after.good - before.good, after.bad - before.bad,
			      after.answered - before.answered, answered);
	note("%d each way, sizes 1 to %d", sent, LARGEST);
	note_speed(2ull * ROUNDS * LARGEST * (LARGEST + 1) / 2, start);
	return 0;
}
