// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for what happens to the caches under the memory of
 * dma_alloc_pages() when the device is not coherent: which addresses, how far,
 * in which direction.  QEMU has no caches, so nothing else would find what is
 * missing.
 */
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-test-hook.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include "dma_test_util.h"

struct dma_cache_op {
	bool for_device;
	phys_addr_t phys;
	size_t size;
	enum dma_data_direction dir;
	bool zero;
};

static struct dma_cache_op dma_cache_ops[8];
static unsigned int dma_cache_nr;
static struct device *dma_cache_dev;

static void dma_cache_record(struct device *dev, phys_addr_t phys, size_t size,
			     enum dma_data_direction dir, bool for_device)
{
	struct dma_cache_op *op;

	if (dev != dma_cache_dev || dma_cache_nr++ >= ARRAY_SIZE(dma_cache_ops))
		return;
	op = &dma_cache_ops[dma_cache_nr - 1];
	op->for_device = for_device;
	op->phys = phys;
	op->size = size;
	op->dir = dir;
	op->zero = dma_test_first_not(phys_to_virt(phys), 0, size) == size;
}

static int dma_cache_init(struct kunit *test)
{
	int ret = dma_test_init_device(test);
	struct device *dev = test->priv;

	if (ret)
		return ret;
	dma_cache_nr = 0;
	dma_cache_dev = dev;
	dma_test_sync_hook = dma_cache_record;
	if (dma_test_is_coherent(dev))
		kunit_info(test, "the device is coherent, caches are left alone\n");
	return 0;
}

static void dma_cache_exit(struct kunit *test)
{
	dma_test_sync_hook = NULL;
	dma_test_exit_device(test);
}

/* What was recorded since the last time is this operation, or nothing. */
static void dma_cache_expect(struct kunit *test, bool for_device,
			     phys_addr_t phys, size_t size,
			     enum dma_data_direction dir)
{
	struct dma_cache_op *op = &dma_cache_ops[0];
	unsigned int nr = dma_cache_nr;

	dma_cache_nr = 0;
	if (dma_test_is_coherent(test->priv)) {
		KUNIT_EXPECT_EQ(test, nr, 0u);
		return;
	}
	KUNIT_ASSERT_EQ(test, nr, 1u);
	KUNIT_EXPECT_EQ(test, op->for_device, for_device);
	KUNIT_EXPECT_EQ(test, (u64)op->phys, (u64)phys);
	KUNIT_EXPECT_EQ(test, op->size, size);
	KUNIT_EXPECT_EQ(test, (int)op->dir, (int)dir);
}

static struct page *dma_cache_alloc(struct kunit *test, size_t size,
				    enum dma_data_direction dir,
				    dma_addr_t *handle, gfp_t gfp)
{
	struct page *page = dma_alloc_pages(test->priv, size, handle, dir, gfp);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	dma_cache_expect(test, true, page_to_phys(page), PAGE_ALIGN(size),
			 DMA_TO_DEVICE);
	return page;
}

/* The zeros are written back, all of them, whatever the direction. */
static void dma_cache_zeros(struct kunit *test)
{
	static const gfp_t gfps[] = { GFP_KERNEL, GFP_ATOMIC };
	struct device *dev = test->priv;
	size_t size = 2 * PAGE_SIZE + 1;
	struct page *page;
	dma_addr_t handle;
	int dir, i;

	for (dir = DMA_BIDIRECTIONAL; dir <= DMA_FROM_DEVICE; dir++) {
		for (i = 0; i < ARRAY_SIZE(gfps); i++) {
			page = dma_cache_alloc(test, size, dir, &handle,
					       gfps[i]);
			if (!dma_test_is_coherent(dev))
				KUNIT_EXPECT_TRUE(test, dma_cache_ops[0].zero);
			memset(page_address(page), 0xff, 3 * PAGE_SIZE);
			dma_free_pages(dev, size, page, handle, dir);
		}
	}
	KUNIT_EXPECT_EQ(test, dma_cache_nr, 0u);
}

static void dma_cache_failed_alloc(struct kunit *test)
{
	struct device *dev = test->priv;
	dma_addr_t handle;

	dev->bus_dma_limit = DMA_BIT_MASK(1);
	KUNIT_EXPECT_PTR_EQ(test, (struct page *)NULL,
			    dma_alloc_pages(dev, PAGE_SIZE, &handle,
					    DMA_TO_DEVICE,
					    GFP_KERNEL | __GFP_NOWARN));
	KUNIT_EXPECT_EQ(test, dma_cache_nr, 0u);
}

/* Offset and length as they are, within a page and across pages. */
static void dma_cache_parts(struct kunit *test)
{
	static const struct {
		size_t offset;
		size_t size;
	} parts[] = {
		{ 0, SZ_16K }, { 0, 1 }, { SZ_16K - 1, 1 }, { 100, 28 },
		{ PAGE_SIZE - 3, 7 }, { PAGE_SIZE, PAGE_SIZE },
		{ 5, SZ_16K - 5 },
	};
	struct device *dev = test->priv;
	struct page *page;
	dma_addr_t handle;
	int dir, i;

	for (dir = DMA_BIDIRECTIONAL; dir <= DMA_FROM_DEVICE; dir++) {
		page = dma_cache_alloc(test, SZ_16K, dir, &handle, GFP_KERNEL);
		for (i = 0; i < ARRAY_SIZE(parts); i++) {
			phys_addr_t phys = page_to_phys(page) + parts[i].offset;
			dma_addr_t addr = handle + parts[i].offset;

			dma_sync_single_for_device(dev, addr, parts[i].size,
						   dir);
			dma_cache_expect(test, true, phys, parts[i].size, dir);
			dma_sync_single_for_cpu(dev, addr, parts[i].size, dir);
			dma_cache_expect(test, false, phys, parts[i].size, dir);
		}
		dma_free_pages(dev, SZ_16K, page, handle, dir);
		KUNIT_EXPECT_EQ(test, dma_cache_nr, 0u);
	}
}

/* A driver that never sets a mask, or has none to set, has its syncs done. */
static void dma_cache_no_streaming_mask(struct kunit *test)
{
	struct device *dev = test->priv;
	u64 *dma_mask = dev->dma_mask;
	struct page *page;
	dma_addr_t handle;

	dev->dma_mask = NULL;
	page = dma_cache_alloc(test, PAGE_SIZE, DMA_FROM_DEVICE, &handle,
			       GFP_KERNEL);
	dma_sync_single_for_device(dev, handle, 64, DMA_FROM_DEVICE);
	dma_cache_expect(test, true, page_to_phys(page), 64, DMA_FROM_DEVICE);
	dma_sync_single_for_cpu(dev, handle, 64, DMA_FROM_DEVICE);
	dma_cache_expect(test, false, page_to_phys(page), 64, DMA_FROM_DEVICE);
	dma_free_pages(dev, PAGE_SIZE, page, handle, DMA_FROM_DEVICE);
	dev->dma_mask = dma_mask;
}

/*
 * Backends that translate addresses get memory in the same state, but for
 * those that see to the caches without dma-direct.
 */
static void dma_cache_linear_pages(struct kunit *test)
{
#ifdef CONFIG_DMA_OPS
	struct page *page = dma_alloc_linear_pages(test->priv, 2 * PAGE_SIZE,
						   GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	if (dev_is_dma_coherent(test->priv)) {
		KUNIT_EXPECT_EQ(test, dma_cache_nr, 0u);
	} else {
		dma_cache_expect(test, true, page_to_phys(page), 2 * PAGE_SIZE,
				 DMA_TO_DEVICE);
		KUNIT_EXPECT_TRUE(test, dma_cache_ops[0].zero);
	}
	dma_free_contiguous(test->priv, page, 2 * PAGE_SIZE);
#else
	kunit_info(test, "no other backends here\n");
#endif
}

static struct kunit_case dma_cache_cases[] = {
	KUNIT_CASE(dma_cache_zeros),
	KUNIT_CASE(dma_cache_failed_alloc),
	KUNIT_CASE(dma_cache_parts),
	KUNIT_CASE(dma_cache_no_streaming_mask),
	KUNIT_CASE(dma_cache_linear_pages),
	{}
};

static struct kunit_suite dma_cache_suite = {
	.name = "dma_cache",
	.init = dma_cache_init,
	.exit = dma_cache_exit,
	.test_cases = dma_cache_cases,
};

kunit_test_suite(dma_cache_suite);
