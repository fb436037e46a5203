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
#include <linux/dma-test-hook.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include "dma_test_util.h"

#define DMA_SYNC_NR	12
#define DMA_SYNC_SIZE	(DMA_SYNC_NR * PAGE_SIZE)

static struct dma_sync_record {
	phys_addr_t phys;
	size_t size;
	enum dma_data_direction dir;
	bool for_device;
} dma_sync_records[4 * DMA_SYNC_NR];

static unsigned int dma_sync_nr_records;

static void dma_sync_record(phys_addr_t phys, size_t size,
			    enum dma_data_direction dir, bool for_device)
{
	struct dma_sync_record *rec = &dma_sync_records[dma_sync_nr_records];

	if (dma_sync_nr_records == ARRAY_SIZE(dma_sync_records))
		return;
	rec->phys = phys;
	rec->size = size;
	rec->dir = dir;
	rec->for_device = for_device;
	dma_sync_nr_records++;
}

static void dma_sync_start(void)
{
	dma_sync_nr_records = 0;
	dma_test_sync_hook = dma_sync_record;
}

static phys_addr_t dma_sync_phys(const void *vaddr)
{
	if (is_vmalloc_addr(vaddr))
		return PFN_PHYS(vmalloc_to_pfn(vaddr)) + offset_in_page(vaddr);
	return virt_to_phys((void *)vaddr);
}

/* How much of @size bytes at @vaddr is contiguous. */
static size_t dma_sync_piece(const void *vaddr, size_t size)
{
	phys_addr_t phys = dma_sync_phys(vaddr);
	size_t len = PAGE_SIZE - offset_in_page(vaddr);

	while (len < size && dma_sync_phys(vaddr + len) == phys + len)
		len += PAGE_SIZE;
	return min(len, size);
}

/* Since dma_sync_start() just this memory was synced, in as many calls. */
static void dma_sync_expect(struct kunit *test, const void *vaddr, size_t size,
			    enum dma_data_direction dir, bool for_device)
{
	struct dma_sync_record *rec = dma_sync_records;
	unsigned int nr = 0;
	size_t off, len;

	dma_test_sync_hook = NULL;
	for (off = 0; off < size; off += len, nr++, rec++) {
		len = dma_sync_piece(vaddr + off, size - off);
		if (nr >= dma_sync_nr_records)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, (u64)dma_sync_phys(vaddr + off),
				    (u64)rec->phys, "call %u", nr);
		KUNIT_EXPECT_EQ_MSG(test, len, rec->size, "call %u", nr);
		KUNIT_EXPECT_EQ_MSG(test, (int)dir, (int)rec->dir, "call %u",
				    nr);
		KUNIT_EXPECT_EQ_MSG(test, for_device, rec->for_device,
				    "call %u", nr);
	}
	KUNIT_EXPECT_EQ(test, nr, dma_sync_nr_records);
}

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
	dma_sync_start();
	vaddr = dma_sync_alloc(test, &handle, DMA_FROM_DEVICE);
	dma_sync_expect(test, vaddr, DMA_SYNC_SIZE, DMA_TO_DEVICE, true);
	dma_free_noncoherent(dev, DMA_SYNC_SIZE, vaddr, handle,
			     DMA_FROM_DEVICE);

	dma_sync_start();
	page = dma_alloc_pages(dev, 3 * PAGE_SIZE - 1, &handle,
			       DMA_FROM_DEVICE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	dma_sync_expect(test, page_address(page), 3 * PAGE_SIZE, DMA_TO_DEVICE,
			true);
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
	dma_sync_start();
	vaddr = dma_alloc_noncoherent(dev, size, &handle, DMA_FROM_DEVICE,
				      GFP_KERNEL);
	KUNIT_EXPECT_FALSE(test, IS_ERR_OR_NULL(vaddr));
	if (vaddr)
		dma_sync_expect(test, vaddr, PAGE_ALIGN(size), DMA_TO_DEVICE,
				true);
	dma_free_noncoherent(dev, size, vaddr, handle, DMA_FROM_DEVICE);
	dma_test_exit_device(test);
	test->priv = scattering;
}

static void dma_sync_both_ways(struct kunit *test, void *vaddr,
			       dma_addr_t handle, size_t size,
			       enum dma_data_direction dir)
{
	struct device *dev = test->priv;

	dma_sync_start();
	dma_sync_single_for_device(dev, handle, size, dir);
	dma_sync_expect(test, vaddr, size, dir, true);

	dma_sync_start();
	dma_sync_single_for_cpu(dev, handle, size, dir);
	dma_sync_expect(test, vaddr, size, dir, false);
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
	KUNIT_EXPECT_EQ(test, dma_sync_nr_records, 1u);

	vaddr = dma_sync_alloc(test, &scattered, DMA_TO_DEVICE);
	dma_sync_both_ways(test, page_address(page), handle, DMA_SYNC_SIZE,
			   DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_sync_nr_records, 1u);
	dma_sync_both_ways(test, page_address(page) + 9, handle + 9,
			   2 * PAGE_SIZE, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_sync_nr_records, 1u);

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
	dma_sync_start();
	dma_sync_single_for_device(dev, handle, DMA_SYNC_SIZE + 1,
				   DMA_TO_DEVICE);
	dma_sync_expect(test, vaddr, DMA_SYNC_SIZE, DMA_TO_DEVICE, true);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), nr);
	dma_free_noncoherent(dev, DMA_SYNC_SIZE, vaddr, handle, DMA_TO_DEVICE);
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

	dma_test_sync_hook = NULL;
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
	{}
};

static struct kunit_suite dma_sync_suite = {
	.name = "dma_sync",
	.init = dma_sync_init,
	.exit = dma_sync_exit,
	.test_cases = dma_sync_cases,
};

kunit_test_suite(dma_sync_suite);
