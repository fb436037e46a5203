// SPDX-License-Identifier: GPL-2.0
/*
 * The list of multicast addresses, changed again and again while frames come.
 * The host sends a datagram to each group that there is; those that were joined
 * have to arrive, once and unharmed, and no others.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "guest.h"

#define GROUPS 16
#define GROUP_BASE 0xef070f00	/* 239.7.15.0 */
#define GROUP_PORT 5715
#define GROUP_BYTES 300
#define ROUNDS 12
/* More than the card's list holds (64) */
#define MANY 80
/* A type for local experiments (IEEE 802) */
#define FRAME_TYPE 0x88b5
#define FRAME_BYTES 700
/* What the host has sent comes another way than its word that it has. */
#define GROUP_PATIENCE_S 5
#define FRAME_PATIENCE_S 2

static int join(int fd, int group, bool add)
{
	struct ip_mreqn request = {
		.imr_multiaddr.s_addr = htonl(GROUP_BASE + group),
		.imr_ifindex = if_nametoindex(NET_DEVICE),
	};

	if (setsockopt(fd, IPPROTO_IP, add ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &request,
		       sizeof(request)))
		return failed_errno("%s group %d", add ? "joining" : "leaving", group);
	return 0;
}

static int group_socket(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(GROUP_PORT) };
	struct timeval t = { GROUP_PATIENCE_S, 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)))
		return failed_errno("socket for groups");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	return fd;
}

/* The host answers when it has sent what was asked for. */
static int host_sends(enum order order, uint32_t argument, uint32_t argument2)
{
	uint32_t done;
	int fd = net_order(order, argument, argument2), result;

	if (fd < 0)
		return -1;
	result = net_receive_all(fd, &done, sizeof(done));
	close(fd);
	return result;
}

/* A word of the header of the first block: 1 is its number, 2 its generation. */
static uint32_t header_word(const char *data, int index)
{
	uint32_t word;

	memcpy(&word, data + index * sizeof(word), sizeof(word));
	return ntohl(word);
}

/*
 * Which groups the datagrams that came belong to, a bit each. One of a round
 * before has to be right, too, but does not count.
 */
static int receive_groups(int fd, uint32_t round, uint32_t wanted, uint32_t *got)
{
	static char data[GROUP_BYTES + 1];
	uint32_t group, own;
	ssize_t size;

	*got = 0;
	while ((size = recv(fd, data, sizeof(data), *got == wanted ? MSG_DONTWAIT : 0)) >= 0) {
		/* The number of the block is that of the group. */
		group = header_word(data, 1);
		own = header_word(data, 2);
		if (size != GROUP_BYTES || group >= GROUPS ||
		    pattern_check(data, size, STREAM_MULTICAST, group,
				  own < round ? own : round) >= 0)
			return failed("a datagram of %zd bytes to a group is wrong", size);
		if (own < round)
			continue;
		if (*got & 1u << group)
			return failed("a datagram to group %u came twice", group);
		*got |= 1u << group;
	}
	return 0;
}

static int change_groups(int fd, uint32_t *joined, uint32_t wanted)
{
	int group;

	for (group = 0; group < GROUPS; group++) {
		uint32_t bit = 1u << group;

		if ((*joined ^ wanted) & bit && join(fd, group, wanted & bit))
			return -1;
	}
	*joined = wanted;
	return 0;
}

static int check_groups(int fd, uint32_t round, uint32_t wanted)
{
	uint32_t got;

	if (host_sends(ORDER_MULTICAST, round, GROUPS) || receive_groups(fd, round, wanted, &got))
		return -1;
	return got == wanted ? 0 : failed("round %u: joined %04x, heard %04x", round, wanted, got);
}

int multicast_groups(void)
{
	uint32_t rng = rng_seed(400), joined = 0, wanted, round;
	double start = now();
	int fd;

	if (net_up())
		return -1;
	fd = group_socket();
	if (fd < 0)
		return -1;
	for (round = 1; round <= ROUNDS; round++) {
		wanted = rng_below(&rng, 1 << GROUPS);
		/* None and all of them, too */
		if (round <= 2)
			wanted = round == 1 ? 0 : (1 << GROUPS) - 1;
		if (change_groups(fd, &joined, wanted) || check_groups(fd, round, wanted))
			return -1;
	}
	close(fd);
	note("%d changes of %d groups, %.2f s", ROUNDS, GROUPS, now() - start);
	return 0;
}

/* An address of its own for each number; the card's list takes them all, or fewer */
static int add_address(int fd, int number, int option)
{
	struct packet_mreq request = {
		.mr_ifindex = if_nametoindex(NET_DEVICE),
		.mr_type = PACKET_MR_MULTICAST,
		.mr_alen = 6,
		.mr_address = { 0x03, 0, 0, 0x07, 0x15, number },
	};

	if (setsockopt(fd, SOL_PACKET, option, &request, sizeof(request)))
		return failed_errno("address %d", number);
	return 0;
}

static int packet_socket(void)
{
	struct sockaddr_ll device = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(FRAME_TYPE),
		.sll_ifindex = if_nametoindex(NET_DEVICE),
	};
	struct timeval t = { FRAME_PATIENCE_S, 0 };
	int fd = socket(AF_PACKET, SOCK_RAW, htons(FRAME_TYPE));

	if (fd < 0 || bind(fd, (struct sockaddr *)&device, sizeof(device)))
		return failed_errno("packet socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	return fd;
}

/* A list that grows past what the card holds, shrinks again, and traffic at each size */
int multicast_many(void)
{
	double start = now();
	int fd, i;

	if (net_up())
		return -1;
	fd = packet_socket();
	if (fd < 0)
		return -1;
	for (i = 0; i < MANY; i++)
		if (add_address(fd, i, PACKET_ADD_MEMBERSHIP) || (i % 16 == 0 && tcp_some(5000)))
			return -1;
	for (i = 0; i < MANY; i++)
		if (add_address(fd, i, PACKET_DROP_MEMBERSHIP) || (i % 16 == 0 && tcp_some(5000)))
			return -1;
	close(fd);
	note("%d addresses, %.2f s", MANY, now() - start);
	return 0;
}

/* Does a frame that the host sends to another card's address come up? */
static int stranger(int fd, uint32_t round, bool *came)
{
	static char data[2048];
	uint32_t own;
	ssize_t size;
	long bad;

	*came = false;
	if (host_sends(ORDER_FRAME, round, FRAME_BYTES))
		return -1;
	while (!*came) {
		size = recv(fd, data, sizeof(data), 0);
		if (size < 0)
			return errno == EAGAIN ? 0 : failed_errno("receive");
		own = header_word(data + ETH_HLEN, 2);
		bad = pattern_check(data + ETH_HLEN, FRAME_BYTES, STREAM_MULTICAST, 1000,
				    own < round ? own : round);
		if (size != ETH_HLEN + FRAME_BYTES || bad >= 0)
			return failed("the frame of %zd bytes is wrong", size);
		*came = own == round;
	}
	return 0;
}

int multicast_promiscuous(void)
{
	struct packet_mreq request = {
		.mr_ifindex = if_nametoindex(NET_DEVICE),
		.mr_type = PACKET_MR_PROMISC,
	};
	double start = now();
	uint32_t round, strays = 0;
	bool came;
	int fd;

	if (net_up())
		return -1;
	fd = packet_socket();
	if (fd < 0)
		return -1;
	for (round = 1; round <= 6; round++) {
		bool on = round % 2 == 0;

		if (round > 1 && setsockopt(fd, SOL_PACKET, on ? PACKET_ADD_MEMBERSHIP :
					    PACKET_DROP_MEMBERSHIP, &request, sizeof(request)))
			return failed_errno("promiscuous mode");
		if (stranger(fd, round, &came))
			return -1;
		if (on && !came)
			return failed("round %u: a frame for others did not come", round);
		/* Not every model of a card keeps them out. */
		strays += came && !on;
	}
	close(fd);
	note("on %u times, %u frames for others came while it was off, %.2f s", round / 2, strays,
	     now() - start);
	return 0;
}
