// SPDX-License-Identifier: GPL-2.0
/*
 * The drivers under test, as modules and on the bus.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/syscall.h>

#include "guest.h"

#define MODULES "/modules"
#define BUS "/sys/bus/parisc/drivers"
/* For a device to come or go */
#define PATIENCE_MS 10000

const struct driver disk_driver = { "lasi700", "lasi_scsi", DISK_DEVICE };
const struct driver net_driver = { "lasi_82596", "lasi_82596", "/sys/class/net/" NET_DEVICE };

/* What the driver's module needs below it; they stay loaded. */
static const char * const libraries[] = { "scsi_transport_spi", "53c700" };

int wait_path(const char *path, bool there)
{
	int waited;

	for (waited = 0; waited < PATIENCE_MS; waited += 10) {
		if ((access(path, F_OK) == 0) == there)
			return 0;
		sleep_ms(10);
	}
	return failed("%s is %s after %d s", path, there ? "not there" : "still there",
		      PATIENCE_MS / 1000);
}

/* Appends a word of the kernel's command line, "MODULE.NAME=VALUE", less the module. */
static void add_option(char *options, size_t size, const char *word, const char *module)
{
	size_t length = strlen(module), used = strlen(options);

	if (!strncmp(word, module, length) && word[length] == '.')
		snprintf(options + used, size - used, "%s%s", used ? " " : "", word + length + 1);
}

/* Parameters of modules are for who loads them to find. */
static void module_options(char *options, size_t size, const char *module)
{
	static const char spaces[] = " \t\n";
	char line[2048], *word, *rest;
	ssize_t length;
	int fd;

	*options = '\0';
	fd = open("/proc/cmdline", O_RDONLY);
	length = read(fd, line, sizeof(line) - 1);
	close(fd);
	if (length <= 0)
		return;
	line[length] = '\0';
	for (word = strtok_r(line, spaces, &rest); word; word = strtok_r(NULL, spaces, &rest))
		add_option(options, size, word, module);
}

static int module_load(const char *module)
{
	char path[128], options[256];
	int fd, result;

	snprintf(path, sizeof(path), MODULES "/%s.ko", module);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return failed_errno("%s", path);
	module_options(options, sizeof(options), module);
	result = syscall(SYS_finit_module, fd, options, 0);
	if (result && errno != EEXIST)
		failed_errno("loading %s", module);
	close(fd);
	return result;
}

static int limit_requests(const char *disk, long kilobytes)
{
	char path[64], text[16];
	bool ok;
	int fd;

	snprintf(path, sizeof(path), "/sys/block/%s/queue/max_sectors_kb", disk);
	if (wait_path(path, true))
		return -1;
	fd = open(path, O_WRONLY);
	snprintf(text, sizeof(text), "%ld", kilobytes);
	ok = write(fd, text, strlen(text)) > 0;
	close(fd);
	return ok ? 0 : failed_errno("%s", path);
}

/* All its devices are up, and as the host wants to have them. */
static int driver_settled(const struct driver *driver)
{
	static const char * const disks[] = { "sda", "sdb", "sr0" };
	long kilobytes = param("dma_max_kb", 0);
	size_t i;

	if (wait_path(driver->path, true))
		return -1;
	for (i = 0; driver == &disk_driver && kilobytes && i < ARRAY_SIZE(disks); i++)
		if (limit_requests(disks[i], kilobytes))
			return -1;
	return 0;
}

int driver_load(const struct driver *driver)
{
	return module_load(driver->module) ? -1 : driver_settled(driver);
}

int driver_unload(const struct driver *driver)
{
	int tries;

	/* The last user of a disk may be a moment late to let go. */
	for (tries = 0; tries < 100; tries++) {
		if (!syscall(SYS_delete_module, driver->module, O_NONBLOCK))
			return wait_path(driver->path, false);
		if (errno != EAGAIN && errno != EBUSY)
			break;
		sleep_ms(20);
	}
	return failed_errno("unloading %s", driver->module);
}

int drivers_load(void)
{
	double start = now();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(libraries); i++)
		if (module_load(libraries[i]))
			return -1;
	if (driver_load(&disk_driver) || driver_load(&net_driver))
		return -1;
	note("disk and network are up after %.2f s", now() - start);
	return 0;
}

/* Bind or unbind a device, by writing its name to a file of the driver. */
int driver_bind(const struct driver *driver, const char *device, bool bind)
{
	char path[128];
	ssize_t written;
	int fd;

	snprintf(path, sizeof(path), BUS "/%s/%s", driver->name, bind ? "bind" : "unbind");
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return failed_errno("%s", path);
	written = write(fd, device, strlen(device));
	if (written < 0)
		failed_errno("writing %s to %s", device, path);
	close(fd);
	if (written < 0)
		return -1;
	return bind ? driver_settled(driver) : wait_path(driver->path, false);
}

/* The device that the driver has: the link in its folder with digits and colons. */
int driver_device(const struct driver *driver, char *name, size_t size)
{
	char path[128];
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof(path), BUS "/%s", driver->name);
	folder = opendir(path);
	if (!folder)
		return failed_errno("%s", path);
	*name = '\0';
	while ((entry = readdir(folder)))
		if (strchr(entry->d_name, ':'))
			snprintf(name, size, "%s", entry->d_name);
	closedir(folder);
	return *name ? 0 : failed("%s has no device", driver->name);
}
