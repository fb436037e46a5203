// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for the managed calls: how long the memory lives.
 *
 * A platform driver allocates when it is bound.  A reference to each page that
 * the test takes tells later whether, and how often, the memory was freed.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include "dma_test_util.h"

#define DMA_MANAGED_NAME	"dma_managed_test"

struct dma_managed {
	struct platform_device *pdev;
	struct device *dev;
	struct page *page;
	dma_addr_t page_handle;
	void *vaddr;
	dma_addr_t handle;
	/* What the probe returns after its allocations. */
	int ret;
};

static struct dma_managed dma_managed_now;

static int dma_managed_probe(struct platform_device *pdev)
{
	struct dma_managed *m = &dma_managed_now;

	m->dev = &pdev->dev;
	m->page = dmam_alloc_pages(m->dev, PAGE_SIZE, &m->page_handle,
				   DMA_TO_DEVICE, GFP_KERNEL);
	m->vaddr = dmam_alloc_noncoherent(m->dev, PAGE_SIZE - 1, &m->handle,
					  DMA_FROM_DEVICE, GFP_KERNEL);
	if (!m->page || !m->vaddr)
		return -ENOMEM;
	get_page(m->page);
	get_page(virt_to_page(m->vaddr));
	return m->ret;
}

static struct platform_driver dma_managed_driver = {
	.driver.name	= DMA_MANAGED_NAME,
	.probe		= dma_managed_probe,
};

/* The device is there and the driver bound, if its probe is to succeed. */
static void dma_managed_bind(struct kunit *test, int ret)
{
	struct dma_managed *m = &dma_managed_now;

	m->ret = ret;
	m->pdev = platform_device_register_simple(DMA_MANAGED_NAME,
						  PLATFORM_DEVID_AUTO, NULL,
						  0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(m->pdev));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, m->page);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, m->vaddr);
}

/* The test's reference is the last one: it was freed, and freed once. */
static void dma_managed_expect_freed(struct kunit *test, struct page *page)
{
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	put_page(page);
}

/* Memory that dma-debug has no record of any more. */
static void dma_managed_expect_forgotten(struct kunit *test)
{
	struct dma_managed *m = &dma_managed_now;

	if (!IS_ENABLED(CONFIG_DMA_API_DEBUG))
		return;
	dma_test_expect_reports(test, 2, "DMA-API");
	dma_sync_single_for_device(m->dev, m->page_handle, 1, DMA_TO_DEVICE);
	dma_sync_single_for_device(m->dev, m->handle, 1, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 2u);
}

static void dma_managed_unbind_frees(struct kunit *test)
{
	struct dma_managed *m = &dma_managed_now;

	dma_managed_bind(test, 0);
	dma_test_expect_reports(test, 0, "WARNING");
	KUNIT_EXPECT_EQ(test, page_count(m->page), 2);
	KUNIT_EXPECT_EQ(test, page_count(virt_to_page(m->vaddr)), 2);
	dma_sync_single_for_device(m->dev, m->handle, PAGE_SIZE,
				   DMA_FROM_DEVICE);

	device_release_driver(m->dev);
	dma_managed_expect_freed(test, m->page);
	dma_managed_expect_freed(test, virt_to_page(m->vaddr));
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
	dma_managed_expect_forgotten(test);
}

static void dma_managed_failed_probe_frees(struct kunit *test)
{
	struct dma_managed *m = &dma_managed_now;

	dma_managed_bind(test, -ENODEV);
	KUNIT_EXPECT_PTR_EQ(test, m->dev->driver,
			    (struct device_driver *)NULL);
	dma_managed_expect_freed(test, m->page);
	dma_managed_expect_freed(test, virt_to_page(m->vaddr));
	dma_managed_expect_forgotten(test);
}

/* Freed at once, and not again with the driver. */
static void dma_managed_early_free(struct kunit *test)
{
	struct dma_managed *m = &dma_managed_now;

	dma_managed_bind(test, 0);
	dma_test_expect_reports(test, 0, "WARNING");
	dmam_free_pages(m->dev, PAGE_SIZE, m->page, m->page_handle,
			DMA_TO_DEVICE);
	dmam_free_noncoherent(m->dev, PAGE_SIZE - 1, m->vaddr, m->handle,
			      DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, page_count(m->page), 1);
	KUNIT_EXPECT_EQ(test, page_count(virt_to_page(m->vaddr)), 1);

	device_release_driver(m->dev);
	dma_managed_expect_freed(test, m->page);
	dma_managed_expect_freed(test, virt_to_page(m->vaddr));
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
}

/* Other arguments are told, but what was allocated is what is freed. */
static void dma_managed_wrong_args(struct kunit *test)
{
	struct dma_managed *m = &dma_managed_now;

	dma_managed_bind(test, 0);
	dma_test_expect_reports(test, 2, "WARNING");
	dmam_free_pages(m->dev, 4 * PAGE_SIZE, m->page, m->page_handle,
			DMA_TO_DEVICE);
	dmam_free_noncoherent(m->dev, PAGE_SIZE - 1, m->vaddr, m->handle,
			      DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 2u);
	dma_managed_expect_freed(test, m->page);
	dma_managed_expect_freed(test, virt_to_page(m->vaddr));
}

/* Twice, or through the other call: told, and nothing is freed for it. */
static void dma_managed_unknown(struct kunit *test)
{
	struct dma_managed *m = &dma_managed_now;
	struct page *page;

	dma_managed_bind(test, 0);
	page = virt_to_page(m->vaddr);
	dmam_free_pages(m->dev, PAGE_SIZE, m->page, m->page_handle,
			DMA_TO_DEVICE);

	dma_test_expect_reports(test, 2, "WARNING");
	dmam_free_pages(m->dev, PAGE_SIZE, m->page, m->page_handle,
			DMA_TO_DEVICE);
	dmam_free_pages(m->dev, PAGE_SIZE - 1, page, m->handle,
			DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 2u);
	KUNIT_EXPECT_EQ(test, page_count(page), 2);
	dma_managed_expect_freed(test, m->page);

	device_release_driver(m->dev);
	dma_managed_expect_freed(test, page);
}

static void dma_managed_refuses(struct kunit *test)
{
	struct dma_managed *m = &dma_managed_now;
	dma_addr_t handle = 0;

	dma_managed_bind(test, 0);
	dma_test_expect_reports(test, 2, "WARNING");
	KUNIT_EXPECT_PTR_EQ(test, (struct page *)NULL,
			    dmam_alloc_pages(m->dev, PAGE_SIZE, &handle,
					     DMA_NONE, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, (u64)DMA_MAPPING_ERROR, (u64)handle);
	handle = 0;
	KUNIT_EXPECT_PTR_EQ(test, NULL,
			    dmam_alloc_noncoherent(m->dev, PAGE_SIZE, &handle,
						   DMA_TO_DEVICE,
						   GFP_KERNEL | __GFP_COMP));
	KUNIT_EXPECT_EQ(test, (u64)DMA_MAPPING_ERROR, (u64)handle);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 2u);

	device_release_driver(m->dev);
	dma_managed_expect_freed(test, m->page);
	dma_managed_expect_freed(test, virt_to_page(m->vaddr));
}

static void dma_managed_free_null(struct kunit *test)
{
	struct dma_managed *m = &dma_managed_now;

	dma_managed_bind(test, -ENODEV);
	dma_test_expect_reports(test, 0, "WARNING");
	dmam_free_pages(m->dev, PAGE_SIZE, NULL, 0, DMA_TO_DEVICE);
	dmam_free_noncoherent(m->dev, PAGE_SIZE, NULL, 0, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
	dma_managed_expect_freed(test, m->page);
	dma_managed_expect_freed(test, virt_to_page(m->vaddr));
}

static int dma_managed_init(struct kunit *test)
{
	memset(&dma_managed_now, 0, sizeof(dma_managed_now));
	return platform_driver_register(&dma_managed_driver);
}

static void dma_managed_exit(struct kunit *test)
{
	if (!IS_ERR_OR_NULL(dma_managed_now.pdev))
		platform_device_unregister(dma_managed_now.pdev);
	platform_driver_unregister(&dma_managed_driver);
}

static struct kunit_case dma_managed_cases[] = {
	KUNIT_CASE(dma_managed_unbind_frees),
	KUNIT_CASE(dma_managed_failed_probe_frees),
	KUNIT_CASE(dma_managed_early_free),
	KUNIT_CASE(dma_managed_wrong_args),
	KUNIT_CASE(dma_managed_unknown),
	KUNIT_CASE(dma_managed_refuses),
	KUNIT_CASE(dma_managed_free_null),
	{}
};

static struct kunit_suite dma_managed_suite = {
	.name = "dma_managed",
	.init = dma_managed_init,
	.exit = dma_managed_exit,
	.test_cases = dma_managed_cases,
};

kunit_test_suite(dma_managed_suite);
