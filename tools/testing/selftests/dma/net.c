// SPDX-License-Identifier: GPL-2.0
/*
 * The interface, and connections with the server on the host.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "guest.h"

#define PATIENCE_S 60

static struct sockaddr_in address(const char *text, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, text, &a.sin_addr);
	return a;
}

/* One request about the interface */
static int interface(unsigned long request, struct ifreq *ifr)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), result;

	if (fd < 0)
		return failed_errno("socket");
	snprintf(ifr->ifr_name, sizeof(ifr->ifr_name), NET_DEVICE);
	result = ioctl(fd, request, ifr);
	if (result)
		failed_errno(NET_DEVICE ": request %lx", request);
	close(fd);
	return result;
}

int net_flags(void)
{
	struct ifreq ifr = {};

	return interface(SIOCGIFFLAGS, &ifr) ? -1 : (unsigned short)ifr.ifr_flags;
}

int net_set_up(bool up)
{
	int flags = net_flags();
	struct ifreq ifr = {};

	if (flags < 0)
		return -1;
	ifr.ifr_flags = up ? flags | IFF_UP : flags & ~IFF_UP;
	return interface(SIOCSIFFLAGS, &ifr);
}

static int default_route(void)
{
	struct rtentry route = { .rt_flags = RTF_UP | RTF_GATEWAY };
	struct sockaddr_in gateway = address(NET_HOST, 0), any = address("0.0.0.0", 0);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), result;

	if (fd < 0)
		return failed_errno("socket");
	memcpy(&route.rt_gateway, &gateway, sizeof(gateway));
	memcpy(&route.rt_dst, &any, sizeof(any));
	memcpy(&route.rt_genmask, &any, sizeof(any));
	result = ioctl(fd, SIOCADDRT, &route);
	if (result && errno == EEXIST)
		result = 0;
	if (result)
		failed_errno("default route");
	close(fd);
	return result;
}

/* Has to be done again when the driver was away, or the interface down. */
int net_up(void)
{
	struct sockaddr_in own = address(NET_GUEST, 0), mask = address("255.255.255.0", 0);
	struct ifreq ifr = {};

	memcpy(&ifr.ifr_addr, &own, sizeof(own));
	if (interface(SIOCSIFADDR, &ifr))
		return -1;
	memcpy(&ifr.ifr_netmask, &mask, sizeof(mask));
	if (interface(SIOCSIFNETMASK, &ifr) || net_set_up(true))
		return -1;
	return default_route();
}

static void set_timeout(int fd, int ms)
{
	struct timeval t = { ms / 1000, ms % 1000 * 1000 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
}

int net_send_all(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size) {
		ssize_t done = send(fd, p, size, MSG_NOSIGNAL);

		if (done <= 0)
			return failed_errno("send, %zu bytes to go", size);
		p += done;
		size -= done;
	}
	return 0;
}

int net_receive_all(int fd, void *data, size_t size)
{
	char *p = data;

	while (size) {
		ssize_t done = recv(fd, p, size, 0);

		if (!done)
			return failed("the host closed the connection, %zu bytes to go", size);
		if (done < 0)
			return failed_errno("receive, %zu bytes to go", size);
		p += done;
		size -= done;
	}
	return 0;
}

static int host_socket(int type, int port, int timeout_ms)
{
	struct sockaddr_in host = address(NET_HOST, port);
	int fd = socket(AF_INET, type, 0);

	if (fd < 0)
		return failed_errno("socket");
	set_timeout(fd, timeout_ms);
	if (connect(fd, (struct sockaddr *)&host, sizeof(host))) {
		failed_errno("connect to port %d of the host", port);
		close(fd);
		return -1;
	}
	return fd;
}

int net_udp(int timeout_ms)
{
	return host_socket(SOCK_DGRAM, param("dma_udp", 0), timeout_ms);
}

int net_order(enum order order, uint32_t argument, uint32_t argument2)
{
	uint32_t words[3] = { htonl(order), htonl(argument), htonl(argument2) };
	int fd = host_socket(SOCK_STREAM, param("dma_tcp", 0), PATIENCE_S * 1000);

	if (fd < 0)
		return -1;
	if (net_send_all(fd, words, sizeof(words))) {
		close(fd);
		return -1;
	}
	return fd;
}
