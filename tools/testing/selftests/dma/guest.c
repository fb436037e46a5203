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

/*
 * In an order that makes sense: later ones stand on what earlier ones showed.
 * The seconds are for a host that has more to do than this.
 */
static const struct test tests[] = {
	{ "drivers-load", drivers_load, 180 },
	{ "disk-sizes", disk_sizes, 30 },
	{ "disk-read-plain", disk_read_plain, 400 },
	{ "disk-read-direct", disk_read_direct, 400 },
	{ "cd-read-plain", cd_read_plain, 400 },
	{ "cd-read-direct", cd_read_direct, 400 },
	{ "disk-write", disk_write, 400 },
	{ "disk-queue", disk_queue, 400 },
	{ "disk-bad-direct", disk_bad_direct, 400 },
	{ "disk-bad-plain", disk_bad_plain, 400 },
	{ "disk-read-again", disk_read_direct, 400 },
	{ "tcp-upload", tcp_upload, 400 },
	{ "tcp-download", tcp_download, 400 },
	{ "tcp-both", tcp_both, 600 },
	{ "udp-sizes", udp_sizes, 600 },
	{ "multicast-groups", multicast_groups, 400 },
	{ "multicast-many", multicast_many, 400 },
	{ "multicast-promiscuous", multicast_promiscuous, 180 },
	{ "link-down-up", link_down_up, 400 },
	{ "interface-down-up", interface_down_up, 600 },
	{ "module-disk", bind_disk_module, 1200 },
	{ "module-net", bind_net_module, 600 },
	{ "bind-disk", bind_disk_sysfs, 1200 },
	{ "bind-net", bind_net_sysfs, 600 },
	{ "dma-debug", dma_debug_result, 30 },
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
