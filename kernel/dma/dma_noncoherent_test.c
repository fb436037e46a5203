// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for dma_alloc_noncoherent() and dma_free_noncoherent(): what the
 * memory is, and what is refused.
 *
 * The device is a platform device without a driver, so memory comes from
 * dma-direct.  Memory that is scattered has a suite of its own.
 */
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/swiotlb.h>
#include "dma_test_util.h"

static const size_t dma_noncoherent_sizes[] = {
	1, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 5 * PAGE_SIZE + 123, SZ_64K,
};

/* Each size, each direction: zeroed to the page's end, in reach, usable. */
static void dma_noncoherent_memory(struct kunit *test)
{
	struct device *dev = test->priv;
	dma_addr_t handle;
	void *vaddr;
	size_t len;
	int i, dir;

	for (i = 0; i < ARRAY_SIZE(dma_noncoherent_sizes); i++) {
		size_t size = dma_noncoherent_sizes[i];

		for (dir = DMA_BIDIRECTIONAL; dir <= DMA_FROM_DEVICE; dir++) {
			vaddr = dma_alloc_noncoherent(dev, size, &handle, dir,
						      GFP_KERNEL);
			KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vaddr);
			len = PAGE_ALIGN(size);
			KUNIT_EXPECT_EQ_MSG(test, len,
					    dma_test_first_not(vaddr, 0, len),
					    "size %zu", size);
			KUNIT_EXPECT_LE(test, (u64)handle + len - 1,
					dev->coherent_dma_mask);
			memset(vaddr, 0xff, len);
			dma_free_noncoherent(dev, size, vaddr, handle, dir);
		}
	}
}

/* Without an IOMMU it is linear memory, itself and not a bounce buffer. */
static void dma_noncoherent_linear(struct kunit *test)
{
	struct device *dev = test->priv;
	size_t size = 3 * PAGE_SIZE;
	dma_addr_t handle;
	void *vaddr;

	vaddr = dma_alloc_noncoherent(dev, size, &handle, DMA_BIDIRECTIONAL,
				      GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vaddr);
	KUNIT_EXPECT_TRUE(test, virt_addr_valid(vaddr));
	KUNIT_EXPECT_FALSE(test, is_swiotlb_buffer(virt_to_phys(vaddr)));
	KUNIT_EXPECT_EQ(test, (u64)virt_to_phys(vaddr),
			(u64)dma_to_phys(dev, handle));

	memset(vaddr, 0x5a, size);
	dma_sync_single_for_device(dev, handle, size, DMA_BIDIRECTIONAL);
	dma_sync_single_for_cpu(dev, handle + PAGE_SIZE - 1, PAGE_SIZE + 2,
				DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, size, dma_test_first_not(vaddr, 0x5a, size));
	dma_free_noncoherent(dev, size, vaddr, handle, DMA_BIDIRECTIONAL);
}

/* The coherent mask is obeyed or NULL comes, with no streaming mask at all. */
static void dma_noncoherent_masks(struct kunit *test)
{
	struct device *dev = test->priv;
	u64 *dma_mask = dev->dma_mask;
	dma_addr_t handle;
	void *vaddr;
	int bits;

	dev->dma_mask = NULL;
	for (bits = 12; bits <= 64; bits += 4) {
		dev->coherent_dma_mask = DMA_BIT_MASK(bits);
		vaddr = dma_alloc_noncoherent(dev, PAGE_SIZE, &handle,
					      DMA_TO_DEVICE,
					      GFP_KERNEL | __GFP_NOWARN);
		if (vaddr) {
			KUNIT_EXPECT_LE_MSG(test, (u64)handle + PAGE_SIZE - 1,
					    DMA_BIT_MASK(bits), "%d bits",
					    bits);
			dma_free_noncoherent(dev, PAGE_SIZE, vaddr, handle,
					     DMA_TO_DEVICE);
			continue;
		}
		KUNIT_EXPECT_EQ(test, (u64)DMA_MAPPING_ERROR, (u64)handle);
		/* All machines have RAM below 4 GiB. */
		KUNIT_EXPECT_LT_MSG(test, bits, 32, "%d bits", bits);
	}
	dev->dma_mask = dma_mask;
}

static void dma_noncoherent_atomic(struct kunit *test)
{
	struct device *dev = test->priv;
	size_t left = 0, size = 2 * PAGE_SIZE;
	static DEFINE_SPINLOCK(lock);
	dma_addr_t handle;
	void *vaddr;

	spin_lock_irq(&lock);
	vaddr = dma_alloc_noncoherent(dev, size, &handle, DMA_FROM_DEVICE,
				      GFP_ATOMIC);
	if (vaddr) {
		left = dma_test_first_not(vaddr, 0, size);
		dma_free_noncoherent(dev, size, vaddr, handle,
				     DMA_FROM_DEVICE);
	}
	spin_unlock_irq(&lock);

	KUNIT_EXPECT_FALSE(test, IS_ERR_OR_NULL(vaddr));
	KUNIT_EXPECT_EQ(test, left, size);
}

/* Allocate in a way that must fail, and without a handle that looks valid. */
static void dma_noncoherent_expect_null(struct kunit *test, size_t size,
					enum dma_data_direction dir, gfp_t gfp)
{
	struct device *dev = test->priv;
	dma_addr_t handle = 0;
	void *vaddr;

	vaddr = dma_alloc_noncoherent(dev, size, &handle, dir, gfp);
	KUNIT_EXPECT_PTR_EQ(test, vaddr, NULL);
	KUNIT_EXPECT_EQ(test, (u64)DMA_MAPPING_ERROR, (u64)handle);
	if (vaddr)
		dma_free_noncoherent(dev, size, vaddr, handle, dir);
}

/* What dma_alloc_pages() refuses: four reasons are four reports. */
static void dma_noncoherent_refuse_each(struct kunit *test)
{
	struct device *dev = test->priv;

	dma_test_expect_reports(test, 4, "WARNING");
	dma_noncoherent_expect_null(test, PAGE_SIZE, DMA_NONE, GFP_KERNEL);
	dma_noncoherent_expect_null(test, PAGE_SIZE, DMA_TO_DEVICE,
				    GFP_KERNEL | __GFP_COMP);
	dma_noncoherent_expect_null(test, PAGE_SIZE, DMA_TO_DEVICE,
				    GFP_KERNEL | __GFP_DMA32);
	dev->coherent_dma_mask = 0;
	dma_noncoherent_expect_null(test, PAGE_SIZE, DMA_TO_DEVICE,
				    GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 4u);
}

/* What can be wrong at run time fails without a word, also with warnings on. */
static void dma_noncoherent_fail_silently(struct kunit *test)
{
	static const size_t sizes[] = {
		0, SIZE_MAX, SIZE_MAX - PAGE_SIZE + 2, PAGE_SIZE << MAX_ORDER,
		SIZE_MAX / 2,
	};
	int i;

	dma_test_expect_reports(test, 0, "WARNING");
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		dma_noncoherent_expect_null(test, sizes[i], DMA_TO_DEVICE,
					    GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
}

static void dma_noncoherent_free_null(struct kunit *test)
{
	dma_test_expect_reports(test, 0, "WARNING");
	dma_free_noncoherent(test->priv, PAGE_SIZE, NULL, DMA_MAPPING_ERROR,
			     DMA_TO_DEVICE);
	dma_free_noncoherent(test->priv, 0, NULL, 0, DMA_NONE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
}

/* One entry is all that linear memory needs, up to the end of its last page. */
static void dma_noncoherent_sgtable(struct kunit *test)
{
	struct device *dev = test->priv;
	size_t size = 2 * PAGE_SIZE + 1;
	struct sg_table sgt;
	dma_addr_t handle;
	void *vaddr;

	vaddr = dma_alloc_noncoherent(dev, size, &handle, DMA_TO_DEVICE,
				      GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vaddr);
	KUNIT_ASSERT_EQ(test, 0,
			dma_get_sgtable_noncoherent(dev, &sgt, size, vaddr,
						    handle));
	KUNIT_EXPECT_EQ(test, sgt.orig_nents, 1u);
	KUNIT_EXPECT_PTR_EQ(test, sg_virt(sgt.sgl), vaddr);
	KUNIT_EXPECT_EQ(test, sgt.sgl->length, (unsigned int)(3 * PAGE_SIZE));
	sg_free_table(&sgt);

	KUNIT_EXPECT_EQ(test, -EINVAL,
			dma_get_sgtable_noncoherent(dev, &sgt, SIZE_MAX, vaddr,
						    handle));
	dma_free_noncoherent(dev, size, vaddr, handle, DMA_TO_DEVICE);
}

static struct kunit_case dma_noncoherent_cases[] = {
	KUNIT_CASE(dma_noncoherent_memory),
	KUNIT_CASE(dma_noncoherent_linear),
	KUNIT_CASE(dma_noncoherent_masks),
	KUNIT_CASE(dma_noncoherent_atomic),
	KUNIT_CASE(dma_noncoherent_refuse_each),
	KUNIT_CASE(dma_noncoherent_fail_silently),
	KUNIT_CASE(dma_noncoherent_free_null),
	KUNIT_CASE(dma_noncoherent_sgtable),
	{}
};

static struct kunit_suite dma_noncoherent_suite = {
	.name = "dma_noncoherent",
	.init = dma_test_init_device,
	.exit = dma_test_exit_device,
	.test_cases = dma_noncoherent_cases,
};

kunit_test_suite(dma_noncoherent_suite);
