// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for dma_alloc_pages() and dma_free_pages(): what the memory is,
 * and what is refused.
 *
 * The device is a platform device without a driver, so memory comes from
 * dma-direct: non-coherent wherever the platform does not say otherwise.
 */
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/swiotlb.h>
#include "dma_test_util.h"

#define DMA_TEST_GFP	(GFP_KERNEL | __GFP_NOWARN)

static const size_t dma_pages_sizes[] = {
	1, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 3 * PAGE_SIZE, SZ_64K,
	5 * PAGE_SIZE + 123,
};

static const enum dma_data_direction dma_pages_dirs[] = {
	DMA_BIDIRECTIONAL, DMA_TO_DEVICE, DMA_FROM_DEVICE,
};

/* Each size, each direction: linear, zeroed to the page's end, in reach. */
static void dma_pages_memory(struct kunit *test)
{
	struct device *dev = test->priv;
	struct page *page;
	dma_addr_t handle;
	size_t len;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(dma_pages_sizes); i++) {
		size_t size = dma_pages_sizes[i];

		for (j = 0; j < ARRAY_SIZE(dma_pages_dirs); j++) {
			page = dma_alloc_pages(dev, size, &handle,
					       dma_pages_dirs[j], GFP_KERNEL);
			KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
			KUNIT_EXPECT_FALSE(test, PageHighMem(page));
			KUNIT_EXPECT_PTR_EQ(test, page,
					    virt_to_page(page_address(page)));

			len = PAGE_ALIGN(size);
			KUNIT_EXPECT_EQ_MSG(test, len,
					    dma_test_first_not(page_address(page), 0, len),
					    "size %zu", size);
			KUNIT_EXPECT_LE(test, (u64)handle + len - 1,
					dev->coherent_dma_mask);
			dma_free_pages(dev, size, page, handle,
				       dma_pages_dirs[j]);
		}
	}
}

/* The handle is the memory itself, not a bounce buffer, and syncs keep it. */
static void dma_pages_not_bounced(struct kunit *test)
{
	struct device *dev = test->priv;
	size_t size = SZ_16K;
	struct page *page;
	dma_addr_t handle;
	void *vaddr;

	page = dma_alloc_pages(dev, size, &handle, DMA_BIDIRECTIONAL,
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	KUNIT_EXPECT_FALSE(test, is_swiotlb_buffer(page_to_phys(page)));
	KUNIT_EXPECT_EQ(test, (u64)page_to_phys(page),
			(u64)dma_to_phys(dev, handle));

	vaddr = page_address(page);
	memset(vaddr, 0xa5, size);
	dma_sync_single_for_device(dev, handle, size, DMA_BIDIRECTIONAL);
	dma_sync_single_for_cpu(dev, handle, size, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, size, dma_test_first_not(vaddr, 0xa5, size));

	/* Any part of it, across pages and within one. */
	dma_sync_single_for_device(dev, handle + PAGE_SIZE - 3, 7,
				   DMA_BIDIRECTIONAL);
	dma_sync_single_for_cpu(dev, handle + size - 1, 1, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, size, dma_test_first_not(vaddr, 0xa5, size));

	dma_free_pages(dev, size, page, handle, DMA_BIDIRECTIONAL);
}

/* What the previous owner left does not show, in however many rounds. */
static void dma_pages_zeroed_again(struct kunit *test)
{
	struct device *dev = test->priv;
	size_t size = 2 * PAGE_SIZE;
	struct page *page;
	dma_addr_t handle;
	int i;

	for (i = 0; i < 64; i++) {
		page = dma_alloc_pages(dev, size, &handle, DMA_FROM_DEVICE,
				       GFP_KERNEL);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
		KUNIT_EXPECT_EQ(test, size,
				dma_test_first_not(page_address(page), 0, size));
		memset(page_address(page), 0xff, size);
		dma_free_pages(dev, size, page, handle, DMA_FROM_DEVICE);
	}
}

/* The coherent mask is obeyed or NULL comes, whatever the mask. */
static void dma_pages_coherent_mask(struct kunit *test)
{
	struct device *dev = test->priv;
	struct page *page;
	dma_addr_t handle;
	int bits;

	for (bits = 12; bits <= 64; bits++) {
		dev->coherent_dma_mask = DMA_BIT_MASK(bits);
		page = dma_alloc_pages(dev, PAGE_SIZE, &handle,
				       DMA_BIDIRECTIONAL, DMA_TEST_GFP);
		if (!page) {
			KUNIT_EXPECT_EQ(test, (u64)DMA_MAPPING_ERROR,
					(u64)handle);
			/* All machines have RAM below 4 GiB. */
			KUNIT_EXPECT_LT_MSG(test, bits, 32, "%d bits", bits);
			continue;
		}
		KUNIT_EXPECT_LE_MSG(test, (u64)handle + PAGE_SIZE - 1,
				    DMA_BIT_MASK(bits), "%d bits", bits);
		dma_free_pages(dev, PAGE_SIZE, page, handle,
			       DMA_BIDIRECTIONAL);
	}
}

/* The limit of the bus counts as much as the mask of the device. */
static void dma_pages_bus_limit(struct kunit *test)
{
	struct device *dev = test->priv;
	struct page *page;
	dma_addr_t handle;

	dev->coherent_dma_mask = DMA_BIT_MASK(64);
	dev->bus_dma_limit = DMA_BIT_MASK(12);
	page = dma_alloc_pages(dev, 2 * PAGE_SIZE, &handle, DMA_BIDIRECTIONAL,
			       DMA_TEST_GFP);
	KUNIT_EXPECT_PTR_EQ(test, page, (struct page *)NULL);
	KUNIT_EXPECT_EQ(test, (u64)DMA_MAPPING_ERROR, (u64)handle);

	dev->bus_dma_limit = DMA_BIT_MASK(32);
	page = dma_alloc_pages(dev, 2 * PAGE_SIZE, &handle, DMA_BIDIRECTIONAL,
			       DMA_TEST_GFP);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	KUNIT_EXPECT_LE(test, (u64)handle + 2 * PAGE_SIZE - 1,
			DMA_BIT_MASK(32));
	dma_free_pages(dev, 2 * PAGE_SIZE, page, handle, DMA_BIDIRECTIONAL);
}

/* A streaming mask plays no part: absent, or too small for anything. */
static void dma_pages_streaming_mask(struct kunit *test)
{
	struct device *dev = test->priv;
	u64 tiny = DMA_BIT_MASK(12), *dma_mask = dev->dma_mask;
	u64 *masks[] = { NULL, &tiny };
	struct page *page;
	dma_addr_t handle;
	int i;

	for (i = 0; i < ARRAY_SIZE(masks); i++) {
		dev->dma_mask = masks[i];
		page = dma_alloc_pages(dev, PAGE_SIZE, &handle,
				       DMA_TO_DEVICE, GFP_KERNEL);
		KUNIT_EXPECT_FALSE(test, IS_ERR_OR_NULL(page));
		if (page) {
			dma_sync_single_for_device(dev, handle, PAGE_SIZE,
						   DMA_TO_DEVICE);
			dma_sync_single_for_cpu(dev, handle, PAGE_SIZE,
						DMA_TO_DEVICE);
			dma_free_pages(dev, PAGE_SIZE, page, handle,
				       DMA_TO_DEVICE);
		}
		dev->dma_mask = dma_mask;
	}
}

static void dma_pages_atomic(struct kunit *test)
{
	struct device *dev = test->priv;
	static DEFINE_SPINLOCK(lock);
	struct page *page;
	dma_addr_t handle;
	size_t left = 0;

	spin_lock_irq(&lock);
	page = dma_alloc_pages(dev, 2 * PAGE_SIZE, &handle, DMA_BIDIRECTIONAL,
			       GFP_ATOMIC);
	if (page) {
		left = dma_test_first_not(page_address(page), 0,
					  2 * PAGE_SIZE);
		dma_free_pages(dev, 2 * PAGE_SIZE, page, handle,
			       DMA_BIDIRECTIONAL);
	}
	spin_unlock_irq(&lock);

	KUNIT_EXPECT_FALSE(test, IS_ERR_OR_NULL(page));
	KUNIT_EXPECT_EQ(test, left, (size_t)(2 * PAGE_SIZE));
}

/* Allocate in a way that must fail, and without a handle that looks valid. */
static void dma_pages_expect_null(struct kunit *test, size_t size,
				  enum dma_data_direction dir, gfp_t gfp)
{
	struct device *dev = test->priv;
	dma_addr_t handle = 0;
	struct page *page;

	page = dma_alloc_pages(dev, size, &handle, dir, gfp);
	KUNIT_EXPECT_PTR_EQ(test, page, (struct page *)NULL);
	KUNIT_EXPECT_EQ(test, (u64)DMA_MAPPING_ERROR, (u64)handle);
	if (page)
		dma_free_pages(dev, size, page, handle, dir);
}

/* Mistakes of the driver are told: each once, however often it is made. */
static void dma_pages_refuse_no_mask(struct kunit *test)
{
	struct device *dev = test->priv;

	dev->coherent_dma_mask = 0;
	dma_test_expect_reports(test, 1, "WARNING");
	dma_pages_expect_null(test, PAGE_SIZE, DMA_TO_DEVICE, GFP_KERNEL);
	dma_pages_expect_null(test, PAGE_SIZE, DMA_TO_DEVICE, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);
}

static void dma_pages_refuse_zones(struct kunit *test)
{
	static const gfp_t zones[] = {
		__GFP_DMA, __GFP_DMA32, __GFP_HIGHMEM, __GFP_MOVABLE,
	};
	int i;

	/* On a kernel without a zone its flag is still there, and refused. */
	for (i = 0; i < ARRAY_SIZE(zones); i++) {
		dma_test_expect_reports(test, 1, "WARNING");
		dma_pages_expect_null(test, PAGE_SIZE, DMA_TO_DEVICE,
				      GFP_KERNEL | zones[i]);
		KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);
	}
}

static void dma_pages_refuse_comp(struct kunit *test)
{
	dma_test_expect_reports(test, 1, "WARNING");
	dma_pages_expect_null(test, 2 * PAGE_SIZE, DMA_TO_DEVICE,
			      GFP_KERNEL | __GFP_COMP);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);
}

static void dma_pages_refuse_direction(struct kunit *test)
{
	dma_test_expect_reports(test, 1, "WARNING");
	dma_pages_expect_null(test, PAGE_SIZE, DMA_NONE, GFP_KERNEL);
	dma_pages_expect_null(test, PAGE_SIZE, 42, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);
}

/* Four reasons are four sites: one mistake does not hide the others. */
static void dma_pages_refuse_each(struct kunit *test)
{
	struct device *dev = test->priv;

	dma_test_expect_reports(test, 4, "WARNING");
	dma_pages_expect_null(test, PAGE_SIZE, DMA_NONE, GFP_KERNEL);
	dma_pages_expect_null(test, PAGE_SIZE, DMA_TO_DEVICE,
			      GFP_KERNEL | __GFP_COMP);
	dma_pages_expect_null(test, PAGE_SIZE, DMA_TO_DEVICE,
			      GFP_KERNEL | __GFP_DMA);
	dev->coherent_dma_mask = 0;
	dma_pages_expect_null(test, PAGE_SIZE, DMA_TO_DEVICE, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 4u);
}

/* What can be wrong at run time fails without a word, also with warnings on. */
static void dma_pages_fail_silently(struct kunit *test)
{
	static const size_t sizes[] = {
		0, SIZE_MAX, SIZE_MAX - PAGE_SIZE + 2,
		(PAGE_SIZE << (MAX_ORDER - 1)) + 1, PAGE_SIZE << MAX_ORDER,
		SIZE_MAX / 2,
	};
	int i;

	dma_test_expect_reports(test, 0, "WARNING");
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		dma_pages_expect_null(test, sizes[i], DMA_TO_DEVICE,
				      GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
}

static void dma_pages_free_null(struct kunit *test)
{
	dma_free_pages(test->priv, PAGE_SIZE, NULL, DMA_MAPPING_ERROR,
		       DMA_TO_DEVICE);
	dma_free_pages(test->priv, 0, NULL, 0, DMA_NONE);
}

static struct kunit_case dma_pages_cases[] = {
	KUNIT_CASE(dma_pages_memory),
	KUNIT_CASE(dma_pages_not_bounced),
	KUNIT_CASE(dma_pages_zeroed_again),
	KUNIT_CASE(dma_pages_coherent_mask),
	KUNIT_CASE(dma_pages_bus_limit),
	KUNIT_CASE(dma_pages_streaming_mask),
	KUNIT_CASE(dma_pages_atomic),
	KUNIT_CASE(dma_pages_refuse_no_mask),
	KUNIT_CASE(dma_pages_refuse_zones),
	KUNIT_CASE(dma_pages_refuse_comp),
	KUNIT_CASE(dma_pages_refuse_direction),
	KUNIT_CASE(dma_pages_refuse_each),
	KUNIT_CASE(dma_pages_fail_silently),
	KUNIT_CASE(dma_pages_free_null),
	{}
};

static struct kunit_suite dma_pages_suite = {
	.name = "dma_pages",
	.init = dma_test_init_device,
	.exit = dma_test_exit_device,
	.test_cases = dma_pages_cases,
};

kunit_test_suite(dma_pages_suite);
