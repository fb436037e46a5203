// SPDX-License-Identifier: GPL-2.0
/*
 * The init of the guest: gets the kernel's file systems, runs the tests and
 * powers off. Parameters come by the kernel's command line, as
 * NAME=VALUE without a dot; all but the last three have to be given:
 *
 *	dma_seed		seed of all data
 *	dma_disk, dma_cd	sizes of the disk and the CD-ROM, in blocks of 512 bytes
 *	dma_bad			the sector of the second disk that cannot be read
 *	dma_tcp, dma_udp	ports of the host's server
 *	dma_max_kb		the most that one command for a disk may transfer
 *	dma_only, dma_skip	names of tests, or starts of names, with commas
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>

#include "guest.h"

/* In an order that makes sense: later ones stand on what earlier ones showed. */
static const struct test tests[] = {
	{ "drivers-load", drivers_load, 60 },
	{ "disk-sizes", disk_sizes, 10 },
	{ "disk-read-plain", disk_read_plain, 120 },
	{ "disk-read-direct", disk_read_direct, 120 },
	{ "cd-read-plain", cd_read_plain, 120 },
	{ "cd-read-direct", cd_read_direct, 120 },
	{ "disk-write", disk_write, 120 },
	{ "disk-queue", disk_queue, 120 },
	{ "disk-bad-direct", disk_bad_direct, 120 },
	{ "disk-bad-plain", disk_bad_plain, 120 },
	{ "disk-read-again", disk_read_direct, 120 },
	{ "tcp-upload", tcp_upload, 120 },
	{ "tcp-download", tcp_download, 120 },
	{ "tcp-both", tcp_both, 180 },
	{ "udp-sizes", udp_sizes, 180 },
	{ "multicast-groups", multicast_groups, 120 },
	{ "multicast-many", multicast_many, 120 },
	{ "multicast-promiscuous", multicast_promiscuous, 60 },
	{ "link-down-up", link_down_up, 120 },
	{ "interface-down-up", interface_down_up, 180 },
	{ "module-disk", bind_disk_module, 400 },
	{ "module-net", bind_net_module, 180 },
	{ "bind-disk", bind_disk_sysfs, 400 },
	{ "bind-net", bind_net_sysfs, 180 },
	{ "dma-debug", dma_debug_result, 10 },
};

static void file_system(const char *type, const char *path)
{
	mkdir(path, 0755);
	if (mount(type, path, type, 0, NULL))
		perror(path);
}

int main(void)
{
	file_system("devtmpfs", "/dev");
	file_system("proc", "/proc");
	file_system("sysfs", "/sys");
	file_system("debugfs", "/sys/kernel/debug");
	report_init();
	pattern_init(param("dma_seed", 1));
	if (dma_debug_arm() || disk_init())
		ask_host("cannot start");
	else
		report_run(tests, ARRAY_SIZE(tests));
	ask_host("done");
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
