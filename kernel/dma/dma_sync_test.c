// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for what reaches the CPU's caches: which memory is written back
 * or invalidated, piece by piece, for a device that does not snoop.
 *
 * A hook records what the architecture is asked for.  The device is one with
 * scattered memory, made non-coherent for each case.  Without one the cases for
 * it pass and say that they tested nothing.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/swiotlb.h>
#include "dma_test_util.h"

#define DMA_SYNC_NR	12
#define DMA_SYNC_SIZE	(DMA_SYNC_NR * PAGE_SIZE)

static void *dma_sync_alloc(struct kunit *test, dma_addr_t *handle,
			    enum dma_data_direction dir)
{
	struct dma_test_row row;
	void *vaddr;

	dma_test_scatter(test, &row);
	vaddr = dma_alloc_noncoherent(test->priv, DMA_SYNC_SIZE, handle, dir,
				      GFP_KERNEL);
	dma_test_unscatter(&row);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vaddr);
	KUNIT_EXPECT_GT(test, dma_test_nr_pieces(vaddr, DMA_SYNC_SIZE),
			DMA_SYNC_NR / 2u);
	return vaddr;
}

/*
 * The zeros of new memory are in memory before the caller has it, whatever the
 * direction: DMA_FROM_DEVICE alone would let them be thrown away.
 */
static void dma_sync_zeros(struct kunit *test)
{
	struct device *dev = test->priv;
	dma_addr_t handle;
	struct page *page;
	void *vaddr;

	if (!dev)
		return;
	dma_test_record_syncs(dev);
	vaddr = dma_sync_alloc(test, &handle, DMA_FROM_DEVICE);
	dma_test_expect_syncs(test, vaddr, DMA_SYNC_SIZE, DMA_TO_DEVICE, true);
	dma_free_noncoherent(dev, DMA_SYNC_SIZE, vaddr, handle,
			     DMA_FROM_DEVICE);

	dma_test_record_syncs(dev);
	page = dma_alloc_pages(dev, 3 * PAGE_SIZE - 1, &handle,
			       DMA_FROM_DEVICE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	dma_test_expect_syncs(test, page_address(page), 3 * PAGE_SIZE,
			      DMA_TO_DEVICE, true);
	dma_free_pages(dev, 3 * PAGE_SIZE - 1, page, handle, DMA_FROM_DEVICE);
}

/* Without an IOMMU, too. */
static void dma_sync_zeros_direct(struct kunit *test)
{
	struct device *scattering = test->priv, *dev;
	size_t size = PAGE_SIZE + 1;
	dma_addr_t handle;
	void *vaddr;

	KUNIT_ASSERT_EQ(test, 0, dma_test_init_device(test));
	dev = test->priv;
	dev->dma_coherent = false;
	dma_test_record_syncs(dev);
	vaddr = dma_alloc_noncoherent(dev, size, &handle, DMA_FROM_DEVICE,
				      GFP_KERNEL);
	KUNIT_EXPECT_FALSE(test, IS_ERR_OR_NULL(vaddr));
	if (vaddr)
		dma_test_expect_syncs(test, vaddr, PAGE_ALIGN(size),
				      DMA_TO_DEVICE, true);
	dma_free_noncoherent(dev, size, vaddr, handle, DMA_FROM_DEVICE);
	dma_test_exit_device(test);
	test->priv = scattering;
}

static void dma_sync_both_ways(struct kunit *test, void *vaddr,
			       dma_addr_t handle, size_t size,
			       enum dma_data_direction dir)
{
	struct device *dev = test->priv;

	dma_test_record_syncs(dev);
	dma_sync_single_for_device(dev, handle, size, dir);
	dma_test_expect_syncs(test, vaddr, size, dir, true);

	dma_test_record_syncs(dev);
	dma_sync_single_for_cpu(dev, handle, size, dir);
	dma_test_expect_syncs(test, vaddr, size, dir, false);
}

static void dma_sync_whole(struct kunit *test)
{
	struct device *dev = test->priv;
	dma_addr_t handle;
	void *vaddr;
	int dir;

	for (dir = DMA_BIDIRECTIONAL; dev && dir <= DMA_FROM_DEVICE; dir++) {
		vaddr = dma_sync_alloc(test, &handle, dir);
		dma_sync_both_ways(test, vaddr, handle, DMA_SYNC_SIZE, dir);
		dma_free_noncoherent(dev, DMA_SYNC_SIZE, vaddr, handle, dir);
	}
}

/* From any byte to any byte: not one more, and not one less. */
static void dma_sync_parts(struct kunit *test)
{
	static const struct {
		size_t off, len;
	} parts[] = {
		{ 0, 1 }, { 5, PAGE_SIZE - 5 }, { PAGE_SIZE - 1, 2 },
		{ PAGE_SIZE, PAGE_SIZE }, { PAGE_SIZE + 1, 3 * PAGE_SIZE },
		{ 3, DMA_SYNC_SIZE - 6 }, { DMA_SYNC_SIZE - 1, 1 },
		{ DMA_SYNC_SIZE - PAGE_SIZE - 1, PAGE_SIZE + 1 },
	};
	struct device *dev = test->priv;
	dma_addr_t handle;
	void *vaddr;
	int i;

	if (!dev)
		return;
	vaddr = dma_sync_alloc(test, &handle, DMA_BIDIRECTIONAL);
	for (i = 0; i < ARRAY_SIZE(parts); i++)
		dma_sync_both_ways(test, vaddr + parts[i].off,
				   handle + parts[i].off, parts[i].len,
				   DMA_BIDIRECTIONAL);
	dma_free_noncoherent(dev, DMA_SYNC_SIZE, vaddr, handle,
			     DMA_BIDIRECTIONAL);
}

/* One piece takes one call, also when there is scattered memory besides. */
static void dma_sync_contiguous(struct kunit *test)
{
	struct device *dev = test->priv;
	dma_addr_t handle, scattered;
	struct page *page;
	void *vaddr;

	if (!dev)
		return;
	page = dma_alloc_pages(dev, DMA_SYNC_SIZE, &handle, DMA_TO_DEVICE,
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	dma_sync_both_ways(test, page_address(page), handle, DMA_SYNC_SIZE,
			   DMA_TO_DEVICE);

	vaddr = dma_sync_alloc(test, &scattered, DMA_TO_DEVICE);
	dma_sync_both_ways(test, page_address(page), handle, DMA_SYNC_SIZE,
			   DMA_TO_DEVICE);
	dma_sync_both_ways(test, page_address(page) + 9, handle + 9,
			   2 * PAGE_SIZE, DMA_TO_DEVICE);

	dma_free_noncoherent(dev, DMA_SYNC_SIZE, vaddr, scattered,
			     DMA_TO_DEVICE);
	dma_free_pages(dev, DMA_SYNC_SIZE, page, handle, DMA_TO_DEVICE);
}

/* A driver's mistake is told, and nothing beyond the memory is touched. */
static void dma_sync_outside(struct kunit *test)
{
	unsigned int nr = IS_ENABLED(CONFIG_DMA_API_DEBUG);
	struct device *dev = test->priv;
	dma_addr_t handle;
	void *vaddr;

	if (!dev)
		return;
	vaddr = dma_sync_alloc(test, &handle, DMA_TO_DEVICE);
	dma_test_expect_reports(test, nr, "DMA-API");
	dma_test_record_syncs(dev);
	dma_sync_single_for_device(dev, handle, DMA_SYNC_SIZE + 1,
				   DMA_TO_DEVICE);
	dma_test_expect_syncs(test, vaddr, DMA_SYNC_SIZE, DMA_TO_DEVICE, true);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), nr);
	dma_free_noncoherent(dev, DMA_SYNC_SIZE, vaddr, handle, DMA_TO_DEVICE);
}

/* dma-direct does not walk a list for a CPU that has nothing to do then. */
static int dma_sync_nents_for_cpu(struct device *dev, int nents)
{
	if (get_dma_ops(dev) || IS_ENABLED(CONFIG_SWIOTLB) ||
	    IS_ENABLED(CONFIG_ARCH_HAS_SYNC_DMA_FOR_CPU) ||
	    IS_ENABLED(CONFIG_ARCH_HAS_SYNC_DMA_FOR_CPU_ALL))
		return nents;
	return 0;
}

/* Map, sync and unmap: the entries as they are, one call each. */
static void dma_sync_sg_of(struct kunit *test, struct device *dev,
			   struct page *page, enum dma_data_direction dir)
{
	static const struct {
		unsigned int len, off;
	} parts[] = {
		{ PAGE_SIZE, 0 }, { 28, 100 }, { 1, PAGE_SIZE - 1 },
		{ 2 * PAGE_SIZE, 5 },
	};
	struct scatterlist sgl[ARRAY_SIZE(parts)];
	int nents = ARRAY_SIZE(parts), i;
	int for_cpu = dma_sync_nents_for_cpu(dev, nents);

	sg_init_table(sgl, nents);
	for (i = 0; i < nents; i++)
		sg_set_page(&sgl[i], page + 3 * i, parts[i].len, parts[i].off);

	dma_test_record_syncs(dev);
	KUNIT_ASSERT_GT(test, dma_map_sg(dev, sgl, nents, dir), 0);
	dma_test_expect_sg_syncs(test, sgl, nents, dir, true);
	dma_test_record_syncs(dev);
	dma_sync_sg_for_cpu(dev, sgl, nents, dir);
	dma_test_expect_sg_syncs(test, sgl, for_cpu, dir, false);
	dma_test_record_syncs(dev);
	dma_sync_sg_for_device(dev, sgl, nents, dir);
	dma_test_expect_sg_syncs(test, sgl, nents, dir, true);
	dma_test_record_syncs(dev);
	dma_unmap_sg(dev, sgl, nents, dir);
	dma_test_expect_sg_syncs(test, sgl, for_cpu, dir, false);
}

static void dma_sync_sg_dirs(struct kunit *test, struct device *dev)
{
	struct page *page = alloc_pages(GFP_KERNEL, 4);
	int dir;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	for (dir = DMA_BIDIRECTIONAL; dir <= DMA_FROM_DEVICE; dir++)
		dma_sync_sg_of(test, dev, page, dir);
	__free_pages(page, 4);
}

static void dma_sync_sg(struct kunit *test)
{
	if (test->priv)
		dma_sync_sg_dirs(test, test->priv);
}

static void dma_sync_sg_direct(struct kunit *test)
{
	struct device *scattering = test->priv, *dev;

	/* What is mapped, other than what is allocated, is bounced then. */
	if (IS_ENABLED(CONFIG_SWIOTLB) && swiotlb_force == SWIOTLB_FORCE) {
		kunit_info(test, "not tested: swiotlb=force\n");
		return;
	}
	KUNIT_ASSERT_EQ(test, 0, dma_test_init_device(test));
	dev = test->priv;
	dev->dma_coherent = false;
	dma_sync_sg_dirs(test, dev);
	dma_test_exit_device(test);
	test->priv = scattering;
}

/* Scattered memory in a scatterlist that is mapped: its pieces again. */
static void dma_sync_sg_scattered(struct kunit *test)
{
	struct device *dev = test->priv;
	struct sg_table sgt;
	dma_addr_t handle;
	void *vaddr;

	if (!dev)
		return;
	vaddr = dma_sync_alloc(test, &handle, DMA_TO_DEVICE);
	KUNIT_ASSERT_EQ(test, 0,
			dma_get_sgtable_noncoherent(dev, &sgt, DMA_SYNC_SIZE,
						    vaddr, handle));
	KUNIT_ASSERT_EQ(test, 0, dma_map_sgtable(dev, &sgt, DMA_TO_DEVICE, 0));
	dma_test_record_syncs(dev);
	dma_sync_sgtable_for_device(dev, &sgt, DMA_TO_DEVICE);
	dma_test_expect_syncs(test, vaddr, DMA_SYNC_SIZE, DMA_TO_DEVICE, true);
	dma_test_record_syncs(dev);
	dma_sync_sgtable_for_cpu(dev, &sgt, DMA_TO_DEVICE);
	dma_test_expect_syncs(test, vaddr, DMA_SYNC_SIZE, DMA_TO_DEVICE,
			      false);
	dma_unmap_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&sgt);
	dma_free_noncoherent(dev, DMA_SYNC_SIZE, vaddr, handle, DMA_TO_DEVICE);
}

/* Who looks at what was never set does not find zeros. */
static noinline void dma_sync_dirty_stack(void)
{
	u8 dirt[768];

	memset(dirt, 0x5a, sizeof(dirt));
	barrier_data(dirt);
}

/* What must not sleep has coherent memory from a pool, which has an end. */
static void dma_sync_pool_exhausted(struct kunit *test)
{
	struct device *dev = test->priv;
	dma_addr_t handle;
	void *vaddr;

	if (!dev)
		return;
	dma_test_expect_reports(test, 0, "WARNING");
	dma_sync_dirty_stack();
	vaddr = dma_alloc_coherent(dev, SZ_32M, &handle,
				   GFP_ATOMIC | __GFP_NOWARN);
	KUNIT_EXPECT_PTR_EQ(test, vaddr, NULL);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
}

static bool dma_sync_was_coherent;

static int dma_sync_init(struct kunit *test)
{
	struct device *dev = dma_test_get_scattering_device(test);

	test->priv = dev;
	if (dev) {
		dma_sync_was_coherent = dev->dma_coherent;
		dev->dma_coherent = false;
	}
	return 0;
}

static void dma_sync_exit(struct kunit *test)
{
	struct device *dev = test->priv;

	dma_test_stop_syncs();
	if (dev)
		dev->dma_coherent = dma_sync_was_coherent;
	put_device(dev);
}

static struct kunit_case dma_sync_cases[] = {
	KUNIT_CASE(dma_sync_zeros),
	KUNIT_CASE(dma_sync_zeros_direct),
	KUNIT_CASE(dma_sync_whole),
	KUNIT_CASE(dma_sync_parts),
	KUNIT_CASE(dma_sync_contiguous),
	KUNIT_CASE(dma_sync_outside),
	KUNIT_CASE(dma_sync_sg),
	KUNIT_CASE(dma_sync_sg_direct),
	KUNIT_CASE(dma_sync_sg_scattered),
	KUNIT_CASE(dma_sync_pool_exhausted),
	{}
};

static struct kunit_suite dma_sync_suite = {
	.name = "dma_sync",
	.init = dma_sync_init,
	.exit = dma_sync_exit,
	.test_cases = dma_sync_cases,
};

kunit_test_suite(dma_sync_suite);
