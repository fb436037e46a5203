/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest that puts real drivers to work on the device models of a virtual
 * machine. It is the init of an initramfs; the host outside has made the
 * disks, serves the network, reads what is printed and looks at the disks
 * afterwards. Host and guest compute the same data from the same seed.
 */
#ifndef DMA_GUEST_H
#define DMA_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define __printf(a, b) __attribute__((__format__(__printf__, a, b)))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* A test returns 0, or what failed() and failed_errno() return. */
struct test {
	const char *name;
	int (*run)(void);
	/* Seconds, after which it is given up */
	int limit;
};

/* report.c: figures behind the result, or the first reason of a failure */
void report_init(void);
void report_mute(void);
int report_run(const struct test *tests, size_t count);
void __printf(1, 2) note(const char *format, ...);
int __printf(1, 2) failed(const char *format, ...);
int __printf(1, 2) failed_errno(const char *format, ...);
void note_speed(uint64_t bytes, double since);
/* Ask the host for something that only it can do */
void ask_host(const char *what);
double now(void);
void sleep_ms(int ms);
/* A parameter that the kernel handed over in init's environment */
long param(const char *name, long otherwise);
const char *param_text(const char *name, const char *otherwise);
/* Memory that a test, its children and the tests after it see */
void *shared_memory(size_t size);

/* pattern.c: data that tell where they belong */
#define BLOCK_BYTES 512
enum stream {
	STREAM_DISK = 1,
	STREAM_CD,
	STREAM_BAD_DISK,
	STREAM_TCP_UP,
	STREAM_TCP_DOWN,
	STREAM_UDP_UP,
	STREAM_UDP_DOWN,
	STREAM_MULTICAST,
};

void pattern_init(uint32_t seed);
void pattern_fill(void *to, size_t size, enum stream stream, uint32_t block, uint32_t generation);
/* The offset of the first wrong byte, or -1 */
long pattern_check(const void *data, size_t size, enum stream stream, uint32_t block,
		   uint32_t generation);
/* What is wrong there, in words */
int pattern_failed(const char *where, const void *data, long offset, uint32_t block);
uint32_t rng_next(uint32_t *state);
uint32_t rng_below(uint32_t *state, uint32_t limit);
uint32_t rng_seed(uint32_t purpose);

/* drivers.c: the modules, and their devices on the bus */
struct driver {
	const char *module;
	/* Below /sys/bus/parisc/drivers/ */
	const char *name;
	/* Shows that the device is up; gone when it is not */
	const char *path;
};

extern const struct driver disk_driver, net_driver;
int drivers_load(void);
int driver_load(const struct driver *driver);
int driver_unload(const struct driver *driver);
int driver_bind(const struct driver *driver, const char *device, bool bind);
int driver_device(const struct driver *driver, char *name, size_t size);
int wait_path(const char *path, bool there);

/* dma_debug.c: what dma-debug knows */
#define DUMP_KINDS 32
struct dump {
	struct dump_kind {
		/* Device, driver and type of the mapping, as it prints them */
		char name[80];
		int count;
	} kinds[DUMP_KINDS];
	int number;
};

int dma_debug_arm(void);
int dma_debug_errors(void);
int dma_debug_result(void);
/* The mappings of the device with this name, NULL for all, by type */
int dump_read(struct dump *dump, const char *device);
int dump_compare(const struct dump *before, const struct dump *after);
int dump_total(const struct dump *dump);
void dump_words(const struct dump *dump, char *to, size_t size);

/* disk.c, disk_write.c, disk_error.c, bind.c */
#define DISK_DEVICE "/dev/sda"
#define DISK_EXTENT (256 * 1024)
int disk_init(void);
uint32_t disk_blocks(void);
uint32_t *disk_generations(void);
int disk_check(const void *data, uint32_t block, uint32_t count);
int disk_sizes(void);
int disk_read_plain(void);
int disk_read_direct(void);
int cd_read_plain(void);
int cd_read_direct(void);
int disk_write(void);
int disk_queue(void);
int disk_bad_direct(void);
int disk_bad_plain(void);
int bind_disk_module(void);
int bind_net_module(void);
int bind_disk_sysfs(void);
int bind_net_sysfs(void);

/* net.c, tcp.c, udp.c, link.c, multicast.c */
#define NET_DEVICE "eth0"
#define NET_GUEST "10.0.2.15"
#define NET_HOST "10.0.2.2"
int net_up(void);
int net_set_up(bool up);
int net_flags(void);
int net_send_all(int fd, const void *data, size_t size);
int net_receive_all(int fd, void *data, size_t size);
/* A connection to the host's server, the order already sent */
enum order {
	ORDER_UPLOAD = 1,
	ORDER_DOWNLOAD,
	ORDER_BOTH,
	ORDER_UDP_RESULT,
	ORDER_MULTICAST,
	ORDER_FRAME,
};

int net_order(enum order order, uint32_t argument, uint32_t argument2);
int net_udp(int timeout_ms);
int udp_exchange(int fd, const uint16_t *sizes, int count, uint32_t round, int *answers);
int tcp_upload(void);
int tcp_download(void);
int tcp_both(void);
int tcp_some(uint32_t bytes);
int udp_sizes(void);
int link_down_up(void);
int interface_down_up(void);
int multicast_groups(void);
int multicast_many(void);
int multicast_promiscuous(void);

#endif
