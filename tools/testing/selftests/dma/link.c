// SPDX-License-Identifier: GPL-2.0
/*
 * The cable pulled and put back, by the host on request; and the interface
 * taken down and up again, in the middle of traffic.
 */
#include <stdio.h>
#include <unistd.h>
#include <sys/wait.h>

#include "guest.h"

#define CYCLES 50
#define TRIES 50
/* Once, a busy host may just be late. */
#define SILENT_TRIES 3

static const uint16_t sizes[] = { 100, 1000 };

/* Traffic until it is as it has to be: all answers, or none at all for a while */
static int wait_traffic(bool works)
{
	static uint32_t round = 1000;
	int tries, answers, silent = 0, fd = net_udp(200);

	if (fd < 0)
		return -1;
	for (tries = 0; tries < TRIES; tries++) {
		if (udp_exchange(fd, sizes, ARRAY_SIZE(sizes), ++round, &answers))
			return -1;
		silent = answers ? 0 : silent + 1;
		if (works ? answers == (int)ARRAY_SIZE(sizes) : silent == SILENT_TRIES)
			break;
	}
	close(fd);
	return tries < TRIES ? 0 : failed("traffic goes on %s", works ? "failing" : "working");
}

int link_down_up(void)
{
	double start = now();
	int i;

	if (net_up())
		return -1;
	for (i = 0; i < 3; i++) {
		if (wait_traffic(true))
			return -1;
		ask_host("link off");
		if (wait_traffic(false))
			return -1;
		ask_host("link on");
		if (wait_traffic(true) || tcp_some(100000))
			return -1;
	}
	note("%d times, %.2f s", i, now() - start);
	return 0;
}

/* Frames in flight both ways while the interface goes down: they may get lost. */
static void disturb(void)
{
	int answers, fd = net_udp(50);

	while (fd >= 0 && !udp_exchange(fd, sizes, ARRAY_SIZE(sizes), 1, &answers))
		;
}

static int down_up(int number)
{
	pid_t pid = fork();
	int status, result;

	if (pid < 0)
		return failed_errno("fork");
	if (!pid) {
		report_mute();
		disturb();
		_exit(0);
	}
	sleep_ms(5 + number % 7);
	result = net_set_up(false);
	waitpid(pid, &status, 0);
	return result;
}

int interface_down_up(void)
{
	double start = now();
	uint64_t bytes = 0;
	int i;

	if (net_up())
		return -1;
	for (i = 0; i < CYCLES; i++) {
		if (down_up(i) || net_up() || wait_traffic(true) || tcp_some(30000))
			return failed("cycle %d", i);
		bytes += 60000;
	}
	note("%d times", CYCLES);
	note_speed(bytes, start);
	return 0;
}
