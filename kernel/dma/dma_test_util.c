// SPDX-License-Identifier: GPL-2.0
/*
 * What the KUnit suites of the DMA mapping code have in common.
 */
#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/console.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-test-hook.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/string.h>
#include <asm/sections.h>
#include "dma_test_util.h"
#include "test_hooks.h"

struct dma_test_hooks dma_test_hooks;

void (*dma_test_sync_hook)(struct device *dev, phys_addr_t phys, size_t size,
			   enum dma_data_direction dir, bool for_device);

bool (*dma_test_fail_hook)(enum dma_test_step step);

int dma_test_init_device(struct kunit *test)
{
	struct platform_device *pdev;

	/* For the exit, which a failed init does not keep away. */
	test->priv = NULL;
	pdev = platform_device_register_simple("dma_test", PLATFORM_DEVID_AUTO,
					       NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	test->priv = &pdev->dev;
	return 0;
}

void dma_test_exit_device(struct kunit *test)
{
	if (test->priv)
		platform_device_unregister(to_platform_device(test->priv));
}

#ifdef CONFIG_PCI
static int dma_test_can_scatter(struct device *dev, const void *unused)
{
	const struct dma_map_ops *ops = get_dma_ops(dev);

	return dev->driver && ops && ops->alloc_noncoherent;
}

struct device *dma_test_get_scattering_device(struct kunit *test)
{
	struct device *dev = bus_find_device(&pci_bus_type, NULL, NULL,
					     dma_test_can_scatter);

	if (!dev)
		kunit_info(test, "not tested: no device with scattered memory\n");
	return dev;
}
#else
struct device *dma_test_get_scattering_device(struct kunit *test)
{
	kunit_info(test, "not tested: no device with scattered memory\n");
	return NULL;
}
#endif

/*
 * Of a row of pages every second one is the next to be allocated, and its
 * neighbours stay with the test.
 */
void dma_test_scatter(struct kunit *test, struct dma_test_row *row)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(row->pages); i++) {
		row->pages[i] = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, row->pages[i]);
	}
	for (i = 0; i < ARRAY_SIZE(row->pages); i += 2)
		__free_page(row->pages[i]);
}

void dma_test_unscatter(struct dma_test_row *row)
{
	int i;

	for (i = 1; i < ARRAY_SIZE(row->pages); i += 2)
		__free_page(row->pages[i]);
}

unsigned int dma_test_nr_pieces(const void *vaddr, size_t size)
{
	unsigned int nr = 1;
	size_t off;

	if (!is_vmalloc_addr(vaddr))
		return 1;
	for (off = PAGE_SIZE; off < size; off += PAGE_SIZE)
		if (vmalloc_to_pfn(vaddr + off) !=
		    vmalloc_to_pfn(vaddr + off - PAGE_SIZE) + 1)
			nr++;
	return nr;
}

/* A console sees what was really printed, once it was. */
static atomic_t dma_test_nr_reports = ATOMIC_INIT(0);
static atomic_t dma_test_nr_lines = ATOMIC_INIT(0);
static const char *dma_test_line;

static void dma_test_console_write(struct console *con, const char *text,
				   unsigned int len)
{
	const char *line = READ_ONCE(dma_test_line);

	if (strnstr(text, "WARNING: CPU", len))
		atomic_inc(&dma_test_nr_reports);
	if (line && strnstr(text, line, len))
		atomic_inc(&dma_test_nr_lines);
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

void dma_test_watch_lines(const char *part)
{
	WRITE_ONCE(dma_test_line, part);
	atomic_set(&dma_test_nr_lines, 0);
}

unsigned int dma_test_seen_lines(void)
{
	console_lock();
	console_unlock();
	WRITE_ONCE(dma_test_line, NULL);
	return atomic_read(&dma_test_nr_lines);
}

size_t dma_test_first_not(const void *addr, u8 c, size_t size)
{
	const void *p = memchr_inv(addr, c, size);

	return p ? p - addr : size;
}

struct page *dma_test_no_cma(size_t size, gfp_t gfp)
{
	return NULL;
}

void dma_test_expect_freed(struct kunit *test, struct page *page)
{
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	__free_page(page);
}
