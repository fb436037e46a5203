// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for what dma-debug says about the memory of
 * dma_alloc_noncoherent(), linear or scattered.
 *
 * The reports have to be visible to be counted: boot with
 * dma_debug=all_errors.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include "debug.h"
#include "dma_test_util.h"

#define DMA_TEST_SIZE	(PAGE_SIZE + 100)

struct dma_noncoherent_mem {
	struct device *dev;
	void *vaddr;
	dma_addr_t handle;
};

static void dma_debug_nc_alloc(struct kunit *test,
			       struct dma_noncoherent_mem *mem,
			       struct device *dev, enum dma_data_direction dir)
{
	mem->dev = dev;
	mem->vaddr = dma_alloc_noncoherent(dev, DMA_TEST_SIZE, &mem->handle,
					   dir, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mem->vaddr);
}

static void dma_debug_nc_free(struct dma_noncoherent_mem *mem,
			      enum dma_data_direction dir)
{
	dma_free_noncoherent(mem->dev, DMA_TEST_SIZE, mem->vaddr, mem->handle,
			     dir);
}

/* Right use is silent, up to the last byte, and without dma_mapping_error(). */
static void dma_debug_nc_use(struct kunit *test, struct device *dev)
{
	struct dma_noncoherent_mem mem;
	int dir;

	dma_test_expect_reports(test, 0, "DMA-API");
	for (dir = DMA_BIDIRECTIONAL; dir <= DMA_FROM_DEVICE; dir++) {
		dma_debug_nc_alloc(test, &mem, dev, dir);
		dma_sync_single_for_device(dev, mem.handle, DMA_TEST_SIZE,
					   dir);
		dma_sync_single_for_cpu(dev, mem.handle + 2 * PAGE_SIZE - 1, 1,
					dir);
		dma_debug_nc_free(&mem, dir);
	}
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
}

static void dma_debug_nc_right_use(struct kunit *test)
{
	dma_debug_nc_use(test, test->priv);
}

/* An address of vmap() has to be looked up in another way. */
static void dma_debug_nc_scattered(struct kunit *test)
{
	struct device *dev = dma_test_get_scattering_device(test);
	struct dma_noncoherent_mem mem;

	if (!dev)
		return;
	dma_debug_nc_use(test, dev);

	/* What is on record is the page, which has a linear address, too. */
	dma_debug_nc_alloc(test, &mem, dev, DMA_TO_DEVICE);
	dma_test_expect_reports(test, 0, "DMA-API");
	debug_dma_free_noncoherent(dev,
				   page_address(vmalloc_to_page(mem.vaddr)),
				   DMA_TEST_SIZE, DMA_TO_DEVICE, mem.handle);
	debug_dma_alloc_noncoherent(dev, mem.vaddr, DMA_TEST_SIZE,
				    DMA_TO_DEVICE, mem.handle);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);

	dma_test_expect_reports(test, 3, "DMA-API");
	dma_sync_single_for_device(dev, mem.handle + PAGE_SIZE, 1,
				   DMA_FROM_DEVICE);
	dma_sync_single_for_device(dev, mem.handle, 2 * PAGE_SIZE + 1,
				   DMA_TO_DEVICE);
	dma_debug_nc_free(&mem, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 3u);
	put_device(dev);
}

static void dma_debug_nc_failed_alloc(struct kunit *test)
{
	struct device *dev = test->priv;
	dma_addr_t handle;

	dma_test_expect_reports(test, 0, "DMA-API");
	KUNIT_EXPECT_PTR_EQ(test, NULL,
			    dma_alloc_noncoherent(dev, SIZE_MAX, &handle,
						  DMA_TO_DEVICE, GFP_KERNEL));
	dma_free_noncoherent(dev, SIZE_MAX, NULL, handle, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
}

/* Both sizes are two pages, but the caller's bytes are what counts. */
static void dma_debug_nc_wrong_size(struct kunit *test)
{
	struct dma_noncoherent_mem mem;

	dma_debug_nc_alloc(test, &mem, test->priv, DMA_TO_DEVICE);
	dma_test_expect_reports(test, 1, "DMA-API");
	dma_free_noncoherent(mem.dev, DMA_TEST_SIZE + 1, mem.vaddr, mem.handle,
			     DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);
}

/* The call for pages on noncoherent memory, and the other way round. */
static void dma_debug_nc_wrong_function(struct kunit *test)
{
	struct dma_noncoherent_mem mem;
	struct device *dev = test->priv;
	struct page *page;

	dma_debug_nc_alloc(test, &mem, dev, DMA_TO_DEVICE);
	dma_test_expect_reports(test, 1, "DMA-API");
	dma_free_pages(dev, DMA_TEST_SIZE, virt_to_page(mem.vaddr), mem.handle,
		       DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);

	page = dma_alloc_pages(dev, DMA_TEST_SIZE, &mem.handle, DMA_TO_DEVICE,
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	mem.vaddr = page_address(page);
	dma_test_expect_reports(test, 1, "DMA-API");
	dma_debug_nc_free(&mem, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);
}

/* Neither the address of another page, nor coherent memory's free. */
static void dma_debug_nc_wrong_memory(struct kunit *test)
{
	struct dma_noncoherent_mem mem;

	dma_debug_nc_alloc(test, &mem, test->priv, DMA_BIDIRECTIONAL);
	dma_test_expect_reports(test, 1, "DMA-API");
	debug_dma_free_noncoherent(mem.dev, mem.vaddr + PAGE_SIZE,
				   DMA_TEST_SIZE, DMA_BIDIRECTIONAL,
				   mem.handle);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);

	debug_dma_alloc_noncoherent(mem.dev, mem.vaddr, DMA_TEST_SIZE,
				    DMA_BIDIRECTIONAL, mem.handle);
	dma_test_expect_reports(test, 1, "DMA-API");
	debug_dma_free_coherent(mem.dev, DMA_TEST_SIZE, mem.vaddr, mem.handle);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);

	debug_dma_alloc_noncoherent(mem.dev, mem.vaddr, DMA_TEST_SIZE,
				    DMA_BIDIRECTIONAL, mem.handle);
	dma_debug_nc_free(&mem, DMA_BIDIRECTIONAL);
}

/* Freeing twice for real would free someone else's page: forget it before. */
static void dma_debug_nc_double_free(struct kunit *test)
{
	struct dma_noncoherent_mem mem;

	dma_debug_nc_alloc(test, &mem, test->priv, DMA_TO_DEVICE);
	debug_dma_free_noncoherent(mem.dev, mem.vaddr, DMA_TEST_SIZE,
				   DMA_TO_DEVICE, mem.handle);
	dma_test_expect_reports(test, 1, "DMA-API");
	dma_debug_nc_free(&mem, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);
}

/* The same directions and ranges count as for pages. */
static void dma_debug_nc_wrong_sync(struct kunit *test)
{
	struct dma_noncoherent_mem mem;

	dma_debug_nc_alloc(test, &mem, test->priv, DMA_BIDIRECTIONAL);
	dma_test_expect_reports(test, 2, "DMA-API");
	dma_sync_single_for_device(mem.dev, mem.handle, PAGE_SIZE,
				   DMA_TO_DEVICE);
	dma_sync_single_for_device(mem.dev, mem.handle, 2 * PAGE_SIZE + 1,
				   DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 2u);
	dma_debug_nc_free(&mem, DMA_BIDIRECTIONAL);
}

static struct kunit_case dma_noncoherent_debug_cases[] = {
	KUNIT_CASE(dma_debug_nc_right_use),
	KUNIT_CASE(dma_debug_nc_scattered),
	KUNIT_CASE(dma_debug_nc_failed_alloc),
	KUNIT_CASE(dma_debug_nc_wrong_size),
	KUNIT_CASE(dma_debug_nc_wrong_function),
	KUNIT_CASE(dma_debug_nc_wrong_memory),
	KUNIT_CASE(dma_debug_nc_double_free),
	KUNIT_CASE(dma_debug_nc_wrong_sync),
	{}
};

static struct kunit_suite dma_noncoherent_debug_suite = {
	.name = "dma_noncoherent_debug",
	.init = dma_test_init_device,
	.exit = dma_test_exit_device,
	.test_cases = dma_noncoherent_debug_cases,
};

kunit_test_suite(dma_noncoherent_debug_suite);
