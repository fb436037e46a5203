// SPDX-License-Identifier: GPL-2.0
/*
 * What the KUnit suites of the DMA mapping code have in common.
 */
#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/console.h>
#include <linux/platform_device.h>
#include <linux/string.h>
#include <asm/sections.h>
#include "dma_test_util.h"

int dma_test_init_device(struct kunit *test)
{
	struct platform_device *pdev;

	pdev = platform_device_register_simple("dma_test", PLATFORM_DEVID_AUTO,
					       NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	test->priv = &pdev->dev;
	return 0;
}

void dma_test_exit_device(struct kunit *test)
{
	platform_device_unregister(to_platform_device(test->priv));
}

/* A console sees what was really printed, once it was. */
static atomic_t dma_test_nr_reports = ATOMIC_INIT(0);

static void dma_test_console_write(struct console *con, const char *text,
				   unsigned int len)
{
	if (strnstr(text, "WARNING: CPU", len))
		atomic_inc(&dma_test_nr_reports);
}

static struct console dma_test_console = {
	.name	= "dmatest",
	.write	= dma_test_console_write,
	.flags	= CON_ENABLED | CON_ANYTIME,
	.index	= -1,
};

/* Each WARN_ON_ONCE site speaks once, to whoever comes first: start anew. */
static void dma_test_rearm_warnings(void)
{
	generic_bug_clear_once();
	memset(__start_once, 0, __end_once - __start_once);
}

void dma_test_expect_reports(struct kunit *test, unsigned int nr,
			     const char *kind)
{
	static bool registered;

	if (!registered)
		register_console(&dma_test_console);
	registered = true;

	kunit_info(test, "expect %u report%s: %s\n", nr, nr == 1 ? "" : "s",
		   kind);
	dma_test_rearm_warnings();
	atomic_set(&dma_test_nr_reports, 0);
}

unsigned int dma_test_seen_reports(void)
{
	/* Wait for another CPU that may be printing them. */
	console_lock();
	console_unlock();
	return atomic_read(&dma_test_nr_reports);
}

size_t dma_test_first_not(const void *addr, u8 c, size_t size)
{
	const void *p = memchr_inv(addr, c, size);

	return p ? p - addr : size;
}
