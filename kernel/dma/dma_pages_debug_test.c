// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for what dma-debug says about the memory of dma_alloc_pages().
 *
 * The reports have to be visible to be counted: boot with
 * dma_debug=all_errors.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include "debug.h"
#include "dma_test_util.h"

#define DMA_TEST_SIZE	(PAGE_SIZE + 100)

/* The cases change how memory is used, not whether it is freed. */
struct dma_pages_mem {
	struct device *dev;
	struct page *page;
	dma_addr_t handle;
};

static void dma_debug_alloc(struct kunit *test, struct dma_pages_mem *mem,
			    enum dma_data_direction dir)
{
	mem->dev = test->priv;
	mem->page = dma_alloc_pages(mem->dev, DMA_TEST_SIZE, &mem->handle, dir,
				    GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mem->page);
}

static void dma_debug_free(struct dma_pages_mem *mem,
			   enum dma_data_direction dir)
{
	dma_free_pages(mem->dev, DMA_TEST_SIZE, mem->page, mem->handle, dir);
}

/* Right use is silent, up to the last byte, and without dma_mapping_error(). */
static void dma_debug_right_use(struct kunit *test)
{
	struct dma_pages_mem mem;
	int dir;

	dma_test_expect_reports(test, 0, "DMA-API");
	for (dir = DMA_BIDIRECTIONAL; dir <= DMA_FROM_DEVICE; dir++) {
		dma_debug_alloc(test, &mem, dir);
		dma_sync_single_for_device(mem.dev, mem.handle, DMA_TEST_SIZE,
					   dir);
		dma_sync_single_for_cpu(mem.dev,
					mem.handle + 2 * PAGE_SIZE - 1, 1, dir);
		dma_sync_single_for_device(mem.dev, mem.handle + 1,
					   PAGE_SIZE + 50, dir);
		dma_debug_free(&mem, dir);
	}
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
}

/* A part far into a large allocation is found to be part of it. */
static void dma_debug_sync_far(struct kunit *test)
{
	struct device *dev = test->priv;
	size_t size = SZ_512K;
	struct page *page;
	dma_addr_t handle;

	page = dma_alloc_pages(dev, size, &handle, DMA_TO_DEVICE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	dma_test_expect_reports(test, 0, "DMA-API");
	dma_sync_single_for_device(dev, handle + size - 1, 1, DMA_TO_DEVICE);
	dma_sync_single_for_device(dev, handle + size / 2, size / 2,
				   DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
	dma_free_pages(dev, size, page, handle, DMA_TO_DEVICE);
}

static void dma_debug_failed_alloc(struct kunit *test)
{
	struct device *dev = test->priv;
	dma_addr_t handle;

	dma_test_expect_reports(test, 0, "DMA-API");
	KUNIT_EXPECT_PTR_EQ(test, (struct page *)NULL,
			    dma_alloc_pages(dev, SIZE_MAX, &handle,
					    DMA_TO_DEVICE, GFP_KERNEL));
	dma_free_pages(dev, SIZE_MAX, NULL, handle, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
}

/* Both sizes are two pages, but the caller's bytes are what counts. */
static void dma_debug_wrong_size(struct kunit *test)
{
	struct dma_pages_mem mem;

	dma_debug_alloc(test, &mem, DMA_TO_DEVICE);
	dma_test_expect_reports(test, 1, "DMA-API");
	dma_free_pages(mem.dev, DMA_TEST_SIZE + 1, mem.page, mem.handle,
		       DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);
}

static void dma_debug_wrong_direction(struct kunit *test)
{
	struct dma_pages_mem mem;

	dma_debug_alloc(test, &mem, DMA_TO_DEVICE);
	dma_test_expect_reports(test, 1, "DMA-API");
	dma_debug_free(&mem, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);
}

/* Freeing twice for real would free someone else's page: forget it before. */
static void dma_debug_double_free(struct kunit *test)
{
	struct dma_pages_mem mem;

	dma_debug_alloc(test, &mem, DMA_TO_DEVICE);
	debug_dma_free_pages(mem.dev, mem.page, DMA_TEST_SIZE, DMA_TO_DEVICE,
			     mem.handle);
	dma_test_expect_reports(test, 1, "DMA-API");
	dma_debug_free(&mem, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);
}

/* Another function's free: told by the record, whose memory stays ours. */
static void dma_debug_wrong_function(struct kunit *test)
{
	struct dma_pages_mem mem;

	dma_debug_alloc(test, &mem, DMA_BIDIRECTIONAL);
	dma_test_expect_reports(test, 1, "DMA-API");
	debug_dma_free_coherent(mem.dev, DMA_TEST_SIZE,
				page_address(mem.page), mem.handle);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);

	debug_dma_alloc_pages(mem.dev, mem.page, DMA_TEST_SIZE,
			      DMA_BIDIRECTIONAL, mem.handle);
	dma_debug_free(&mem, DMA_BIDIRECTIONAL);
}

/* Another page at the same handle. */
static void dma_debug_wrong_page(struct kunit *test)
{
	struct dma_pages_mem mem;

	dma_debug_alloc(test, &mem, DMA_BIDIRECTIONAL);
	dma_test_expect_reports(test, 1, "DMA-API");
	debug_dma_free_pages(mem.dev, mem.page + 1, DMA_TEST_SIZE,
			     DMA_BIDIRECTIONAL, mem.handle);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);

	debug_dma_alloc_pages(mem.dev, mem.page, DMA_TEST_SIZE,
			      DMA_BIDIRECTIONAL, mem.handle);
	dma_debug_free(&mem, DMA_BIDIRECTIONAL);
}

/* One byte over the last page, and one before the first. */
static void dma_debug_sync_outside(struct kunit *test)
{
	struct dma_pages_mem mem;

	dma_debug_alloc(test, &mem, DMA_TO_DEVICE);
	dma_test_expect_reports(test, 2, "DMA-API");
	dma_sync_single_for_device(mem.dev, mem.handle, 2 * PAGE_SIZE + 1,
				   DMA_TO_DEVICE);
	dma_sync_single_for_device(mem.dev, mem.handle - 1, 2, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 2u);
	dma_debug_free(&mem, DMA_TO_DEVICE);
}

/* What starts inside is told apart from what has nothing to do with it. */
static void dma_debug_sync_past_end(struct kunit *test)
{
	struct dma_pages_mem mem;

	dma_debug_alloc(test, &mem, DMA_TO_DEVICE);
	dma_test_expect_reports(test, 2, "DMA-API");
	dma_test_watch_lines("outside allocated range");
	dma_sync_single_for_device(mem.dev, mem.handle + PAGE_SIZE,
				   PAGE_SIZE + 1, DMA_TO_DEVICE);
	dma_sync_single_for_device(mem.dev, mem.handle + 2 * PAGE_SIZE - 1, 2,
				   DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_lines(), 2u);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 2u);

	dma_test_expect_reports(test, 1, "DMA-API");
	dma_test_watch_lines("has not allocated");
	dma_sync_single_for_device(mem.dev, mem.handle + 2 * PAGE_SIZE, 1,
				   DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_lines(), 1u);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);
	dma_debug_free(&mem, DMA_TO_DEVICE);
}

/* Neither another direction will do, nor a half of DMA_BIDIRECTIONAL. */
static void dma_debug_sync_direction(struct kunit *test)
{
	struct dma_pages_mem mem;

	dma_debug_alloc(test, &mem, DMA_TO_DEVICE);
	dma_test_expect_reports(test, 2, "DMA-API");
	dma_sync_single_for_device(mem.dev, mem.handle, PAGE_SIZE,
				   DMA_BIDIRECTIONAL);
	dma_sync_single_for_cpu(mem.dev, mem.handle, PAGE_SIZE,
				DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 2u);
	dma_debug_free(&mem, DMA_TO_DEVICE);

	dma_debug_alloc(test, &mem, DMA_BIDIRECTIONAL);
	dma_test_expect_reports(test, 1, "DMA-API");
	dma_sync_single_for_device(mem.dev, mem.handle, PAGE_SIZE,
				   DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);
	dma_debug_free(&mem, DMA_BIDIRECTIONAL);
}

static struct kunit_case dma_pages_debug_cases[] = {
	KUNIT_CASE(dma_debug_right_use),
	KUNIT_CASE(dma_debug_sync_far),
	KUNIT_CASE(dma_debug_failed_alloc),
	KUNIT_CASE(dma_debug_wrong_size),
	KUNIT_CASE(dma_debug_wrong_direction),
	KUNIT_CASE(dma_debug_double_free),
	KUNIT_CASE(dma_debug_wrong_function),
	KUNIT_CASE(dma_debug_wrong_page),
	KUNIT_CASE(dma_debug_sync_outside),
	KUNIT_CASE(dma_debug_sync_past_end),
	KUNIT_CASE(dma_debug_sync_direction),
	{}
};

static struct kunit_suite dma_pages_debug_suite = {
	.name = "dma_pages_debug",
	.init = dma_test_init_device,
	.exit = dma_test_exit_device,
	.test_cases = dma_pages_debug_cases,
};

kunit_test_suite(dma_pages_debug_suite);
