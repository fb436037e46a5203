// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for the path that the memory of dma_alloc_pages() takes on a
 * device whose IOMMU is bypassed for masks that are large enough: allocation,
 * syncs and free have to take the same.
 */
#include <linux/dma-map-ops.h>
#include <linux/mm.h>
#include "dma_test_util.h"

/* What came through the table of the IOMMU. */
static struct {
	int alloc;
	int sync;
	int free;
} dma_bypass_seen;

static struct page *dma_bypass_alloc_pages(struct device *dev, size_t size,
					   dma_addr_t *handle,
					   enum dma_data_direction dir,
					   gfp_t gfp)
{
	struct page *page = dma_alloc_linear_pages(dev, size, gfp);

	dma_bypass_seen.alloc++;
	if (page)
		*handle = page_to_phys(page);
	return page;
}

static void dma_bypass_free_pages(struct device *dev, size_t size,
				  struct page *page, dma_addr_t handle,
				  enum dma_data_direction dir)
{
	dma_bypass_seen.free++;
	dma_free_contiguous(dev, page, size);
}

static void dma_bypass_sync(struct device *dev, dma_addr_t handle, size_t size,
			    enum dma_data_direction dir)
{
	dma_bypass_seen.sync++;
}

static const struct dma_map_ops dma_bypass_ops = {
	.alloc_pages		= dma_bypass_alloc_pages,
	.free_pages		= dma_bypass_free_pages,
	.sync_single_for_cpu	= dma_bypass_sync,
	.sync_single_for_device	= dma_bypass_sync,
};

static int dma_bypass_init(struct kunit *test)
{
	int ret = dma_test_init_device(test);
	struct device *dev = test->priv;

	if (ret)
		return ret;
	set_dma_ops(dev, &dma_bypass_ops);
	dev->dma_ops_bypass = true;
	return 0;
}

/* Use memory from beginning to end: is it the table's, or dma-direct's? */
static void dma_bypass_expect(struct kunit *test, bool table)
{
	struct device *dev = test->priv;
	struct page *page;
	dma_addr_t handle;

	memset(&dma_bypass_seen, 0, sizeof(dma_bypass_seen));
	page = dma_alloc_pages(dev, PAGE_SIZE, &handle, DMA_BIDIRECTIONAL,
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	dma_sync_single_for_device(dev, handle, PAGE_SIZE, DMA_BIDIRECTIONAL);
	dma_sync_single_for_cpu(dev, handle, 1, DMA_BIDIRECTIONAL);
	dma_free_pages(dev, PAGE_SIZE, page, handle, DMA_BIDIRECTIONAL);

	KUNIT_EXPECT_EQ(test, dma_bypass_seen.alloc, table ? 1 : 0);
	KUNIT_EXPECT_EQ(test, dma_bypass_seen.sync, table ? 2 : 0);
	KUNIT_EXPECT_EQ(test, dma_bypass_seen.free, table ? 1 : 0);
}

static void dma_bypass_large_masks(struct kunit *test)
{
	struct device *dev = test->priv;

	*dev->dma_mask = DMA_BIT_MASK(64);
	dev->coherent_dma_mask = DMA_BIT_MASK(64);
	dma_bypass_expect(test, false);
}

static void dma_bypass_small_masks(struct kunit *test)
{
	struct device *dev = test->priv;

	*dev->dma_mask = DMA_BIT_MASK(20);
	dev->coherent_dma_mask = DMA_BIT_MASK(20);
	dma_bypass_expect(test, true);
}

static void dma_bypass_small_streaming_mask(struct kunit *test)
{
	struct device *dev = test->priv;

	*dev->dma_mask = DMA_BIT_MASK(20);
	dev->coherent_dma_mask = DMA_BIT_MASK(64);
	dma_bypass_expect(test, true);
}

/* No mappings then, and the one mask that there is decides. */
static void dma_bypass_no_streaming_mask(struct kunit *test)
{
	struct device *dev = test->priv;
	u64 *dma_mask = dev->dma_mask;

	dev->dma_mask = NULL;
	dev->coherent_dma_mask = DMA_BIT_MASK(64);
	dma_bypass_expect(test, false);
	dev->coherent_dma_mask = DMA_BIT_MASK(20);
	dma_bypass_expect(test, true);
	dev->dma_mask = dma_mask;
}

static void dma_bypass_not_wanted(struct kunit *test)
{
	struct device *dev = test->priv;

	dev->dma_ops_bypass = false;
	*dev->dma_mask = DMA_BIT_MASK(64);
	dev->coherent_dma_mask = DMA_BIT_MASK(64);
	dma_bypass_expect(test, true);
}

static struct kunit_case dma_bypass_cases[] = {
	KUNIT_CASE(dma_bypass_large_masks),
	KUNIT_CASE(dma_bypass_small_masks),
	KUNIT_CASE(dma_bypass_small_streaming_mask),
	KUNIT_CASE(dma_bypass_no_streaming_mask),
	KUNIT_CASE(dma_bypass_not_wanted),
	{}
};

static struct kunit_suite dma_bypass_suite = {
	.name = "dma_bypass",
	.init = dma_bypass_init,
	.exit = dma_test_exit_device,
	.test_cases = dma_bypass_cases,
};

kunit_test_suite(dma_bypass_suite);
