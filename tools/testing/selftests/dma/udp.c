// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams of each size that a frame holds, in bursts. The host answers each
 * good one with another of the same size, so that an old buffer, on either way,
 * is no answer. A burst is less than the rings of the card, so hardly any may be
 * lost: what is wrong fails at once, a burst with a loss is sent once more.
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
#define AGAIN_MAX 4
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

static int check_answer(const char *data, ssize_t size, uint32_t round, const uint16_t *sizes,
			int count, int *answers)
{
	long bad = pattern_check(data, size, STREAM_UDP_DOWN, size * BLOCKS_EACH, round);
	int i;

	if (bad >= 0)
		return pattern_failed("UDP from the host", data, bad, size * BLOCKS_EACH);
	for (i = 0; i < count; i++)
		if (sizes[i] == size)
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
static int all_sizes(int fd, uint32_t round, int *answered, int *again)
{
	uint16_t sizes[BURST];
	int start, i, answers;

	for (start = 1; start <= LARGEST / BURST; start++) {
		for (i = 0; i < BURST; i++)
			sizes[i] = start + i * (LARGEST / BURST);
		if (udp_exchange(fd, sizes, BURST, round, &answers))
			return -1;
		if (answers < BURST && ++*again <= AGAIN_MAX &&
		    udp_exchange(fd, sizes, BURST, round, &answers))
			return -1;
		*answered += answers;
	}
	return 0;
}

int udp_sizes(void)
{
	struct host_result before, after;
	int fd, round, sent = ROUNDS * LARGEST, answered = 0, again = 0;
	double start = now();

	_Static_assert(LARGEST % BURST == 0, "each size once");
	if (net_up() || host_result(&before))
		return -1;
	fd = net_udp(PATIENCE_MS);
	if (fd < 0)
		return -1;
	for (round = 1; round <= ROUNDS; round++)
		if (all_sizes(fd, round, &answered, &again))
			return -1;
	close(fd);
	if (host_result(&after))
		return -1;
	note("%d bursts sent again", again);
	if (answered != sent || after.good - before.good < (uint32_t)sent ||
	    after.bad != before.bad)
		return failed("%d sent, the host got %u good, %u bad, answered %u, %d came", sent,
			      after.good - before.good, after.bad - before.bad,
			      after.answered - before.answered, answered);
	note("%d each way, sizes 1 to %d", sent, LARGEST);
	note_speed(2ull * ROUNDS * LARGEST * (LARGEST + 1) / 2, start);
	return 0;
}
