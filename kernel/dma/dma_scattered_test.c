// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for dma_alloc_noncoherent() where pages from anywhere are put in
 * a row for the device.
 *
 * It takes a device behind an IOMMU whose backend does so, with a driver: QEMU's
 * edu device and the driver of its suite, for example.  Without one the cases
 * pass and say that they tested nothing.
 */
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include "dma_test_util.h"

#define DMA_SCATTERED_NR	16
#define DMA_SCATTERED_SIZE	(DMA_SCATTERED_NR * PAGE_SIZE)

static void *dma_scattered_alloc(struct kunit *test, size_t size,
				 dma_addr_t *handle,
				 enum dma_data_direction dir)
{
	struct device *dev = test->priv;
	struct dma_test_row row;
	void *vaddr;

	dma_test_scatter(test, &row);
	vaddr = dma_alloc_noncoherent(dev, size, handle, dir, GFP_KERNEL);
	dma_test_unscatter(&row);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vaddr);
	return vaddr;
}

/* Each size, each direction: zeroed to the page's end, and in reach. */
static void dma_scattered_memory(struct kunit *test)
{
	static const size_t sizes[] = {
		1, PAGE_SIZE, PAGE_SIZE + 1, 7 * PAGE_SIZE - 1, SZ_512K,
		SZ_2M + PAGE_SIZE,
	};
	struct device *dev = test->priv;
	dma_addr_t handle;
	void *vaddr;
	size_t len;
	int i, dir;

	for (i = 0; dev && i < ARRAY_SIZE(sizes); i++) {
		for (dir = DMA_BIDIRECTIONAL; dir <= DMA_FROM_DEVICE; dir++) {
			vaddr = dma_scattered_alloc(test, sizes[i], &handle,
						    dir);
			KUNIT_EXPECT_TRUE(test, is_vmalloc_addr(vaddr));
			len = PAGE_ALIGN(sizes[i]);
			KUNIT_EXPECT_EQ_MSG(test, len,
					    dma_test_first_not(vaddr, 0, len),
					    "size %zu", sizes[i]);
			KUNIT_EXPECT_LE(test, (u64)handle + len - 1,
					dev->coherent_dma_mask);
			memset(vaddr, 0xff, len);
			dma_free_noncoherent(dev, sizes[i], vaddr, handle,
					     dir);
		}
	}
}

/* More than the page allocator has in one piece. */
static void dma_scattered_large(struct kunit *test)
{
	size_t size = (PAGE_SIZE << (MAX_ORDER - 1)) + PAGE_SIZE;
	struct device *dev = test->priv;
	dma_addr_t handle;
	struct page *page;
	void *vaddr;

	if (!dev)
		return;
	page = dma_alloc_pages(dev, size, &handle, DMA_FROM_DEVICE,
			       GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, page, (struct page *)NULL);

	vaddr = dma_alloc_noncoherent(dev, size, &handle, DMA_FROM_DEVICE,
				      GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vaddr);
	KUNIT_EXPECT_EQ(test, size, dma_test_first_not(vaddr, 0, size));
	dma_free_noncoherent(dev, size, vaddr, handle, DMA_FROM_DEVICE);
}

/* More than there is: no out-of-memory killer, and not a word. */
static void dma_scattered_too_large(struct kunit *test)
{
	struct device *dev = test->priv;
	const size_t sizes[] = {
		0, SIZE_MAX, SIZE_MAX / 2, (totalram_pages() + 1) * PAGE_SIZE,
#ifdef CONFIG_64BIT
		/* One page, to those who count pages in 32 bits. */
		((size_t)PAGE_SIZE << 32) + PAGE_SIZE,
#endif
	};
	dma_addr_t handle;
	int i;

	if (!dev)
		return;
	dma_test_expect_reports(test, 0, "WARNING");
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		handle = 0;
		KUNIT_EXPECT_PTR_EQ(test, NULL,
				    dma_alloc_noncoherent(dev, sizes[i],
							  &handle,
							  DMA_TO_DEVICE,
							  GFP_KERNEL));
		KUNIT_EXPECT_EQ(test, (u64)DMA_MAPPING_ERROR, (u64)handle);
	}
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
}

/* vmap() sleeps, so who must not gets linear memory, and frees it as such. */
static void dma_scattered_atomic(struct kunit *test)
{
	struct device *dev = test->priv;
	size_t left = 0, size = 2 * PAGE_SIZE;
	static DEFINE_SPINLOCK(lock);
	bool linear = false;
	dma_addr_t handle;
	void *vaddr;

	if (!dev)
		return;
	spin_lock_irq(&lock);
	vaddr = dma_alloc_noncoherent(dev, size, &handle, DMA_FROM_DEVICE,
				      GFP_ATOMIC);
	if (vaddr) {
		linear = virt_addr_valid(vaddr);
		left = dma_test_first_not(vaddr, 0, size);
		dma_free_noncoherent(dev, size, vaddr, handle,
				     DMA_FROM_DEVICE);
	}
	spin_unlock_irq(&lock);

	KUNIT_EXPECT_FALSE(test, IS_ERR_OR_NULL(vaddr));
	KUNIT_EXPECT_TRUE(test, linear);
	KUNIT_EXPECT_EQ(test, left, size);
}

static u64 dma_scattered_phys(struct device *dev, dma_addr_t addr)
{
	return iommu_iova_to_phys(iommu_get_domain_for_dev(dev), addr);
}

/* What the IOMMU has at each address is the page that the CPU sees there. */
static void dma_scattered_translation(struct kunit *test)
{
	struct device *dev = test->priv;
	dma_addr_t handle;
	void *vaddr;
	size_t off;

	if (!dev)
		return;
	vaddr = dma_scattered_alloc(test, DMA_SCATTERED_SIZE, &handle,
				    DMA_TO_DEVICE);
	KUNIT_EXPECT_GT(test, dma_test_nr_pieces(vaddr, DMA_SCATTERED_SIZE),
			DMA_SCATTERED_NR / 2u);
	for (off = 0; off < DMA_SCATTERED_SIZE; off += PAGE_SIZE)
		KUNIT_EXPECT_EQ(test,
				(u64)PFN_PHYS(vmalloc_to_pfn(vaddr + off)),
				dma_scattered_phys(dev, handle + off));
	dma_free_noncoherent(dev, DMA_SCATTERED_SIZE, vaddr, handle,
			     DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 0ULL, dma_scattered_phys(dev, handle));
}

/* Every page is in the table, in the order of the memory. */
static void dma_scattered_sgtable(struct kunit *test)
{
	size_t size = DMA_SCATTERED_SIZE - 7, off = 0;
	struct device *dev = test->priv;
	struct sg_page_iter iter;
	struct sg_table sgt;
	dma_addr_t handle;
	void *vaddr;

	if (!dev)
		return;
	vaddr = dma_scattered_alloc(test, size, &handle, DMA_TO_DEVICE);
	KUNIT_ASSERT_EQ(test, 0,
			dma_get_sgtable_noncoherent(dev, &sgt, size, vaddr,
						    handle));
	KUNIT_EXPECT_EQ(test, sgt.orig_nents,
			dma_test_nr_pieces(vaddr, DMA_SCATTERED_SIZE));
	for_each_sgtable_page(&sgt, &iter, 0) {
		KUNIT_EXPECT_PTR_EQ(test, sg_page_iter_page(&iter),
				    vmalloc_to_page(vaddr + off));
		off += PAGE_SIZE;
	}
	KUNIT_EXPECT_EQ(test, off, (size_t)DMA_SCATTERED_SIZE);
	sg_free_table(&sgt);
	dma_free_noncoherent(dev, size, vaddr, handle, DMA_TO_DEVICE);
}

/* Each page was freed once: the reference of the test is the last one. */
static void dma_scattered_freed(struct kunit *test)
{
	struct page *pages[DMA_SCATTERED_NR];
	struct device *dev = test->priv;
	dma_addr_t handle;
	void *vaddr;
	int i;

	if (!dev)
		return;
	vaddr = dma_scattered_alloc(test, DMA_SCATTERED_SIZE, &handle,
				    DMA_BIDIRECTIONAL);
	for (i = 0; i < DMA_SCATTERED_NR; i++) {
		pages[i] = vmalloc_to_page(vaddr + i * PAGE_SIZE);
		get_page(pages[i]);
	}
	dma_free_noncoherent(dev, DMA_SCATTERED_SIZE, vaddr, handle,
			     DMA_BIDIRECTIONAL);
	for (i = 0; i < DMA_SCATTERED_NR; i++) {
		KUNIT_EXPECT_EQ(test, page_count(pages[i]), 1);
		put_page(pages[i]);
	}
}

static int dma_scattered_init(struct kunit *test)
{
	test->priv = dma_test_get_scattering_device(test);
	return 0;
}

static void dma_scattered_exit(struct kunit *test)
{
	put_device(test->priv);
}

static struct kunit_case dma_scattered_cases[] = {
	KUNIT_CASE(dma_scattered_memory),
	KUNIT_CASE(dma_scattered_large),
	KUNIT_CASE(dma_scattered_too_large),
	KUNIT_CASE(dma_scattered_atomic),
	KUNIT_CASE(dma_scattered_translation),
	KUNIT_CASE(dma_scattered_sgtable),
	KUNIT_CASE(dma_scattered_freed),
	{}
};

static struct kunit_suite dma_scattered_suite = {
	.name = "dma_scattered",
	.init = dma_scattered_init,
	.exit = dma_scattered_exit,
	.test_cases = dma_scattered_cases,
};

kunit_test_suite(dma_scattered_suite);
