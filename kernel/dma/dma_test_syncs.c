// SPDX-License-Identifier: GPL-2.0
/*
 * A record of the memory that is synced for one device, piece by piece, and its
 * comparison with what should have been.
 */
#include <linux/dma-map-ops.h>
#include <linux/dma-test-hook.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/vmalloc.h>
#include "dma_test_util.h"

struct dma_test_sync {
	phys_addr_t phys;
	size_t size;
	enum dma_data_direction dir;
	bool for_device;
};

static struct dma_test_sync dma_test_syncs[64];
static unsigned int dma_test_nr_syncs;
static struct device *dma_test_sync_dev;

static void dma_test_record(struct device *dev, phys_addr_t phys, size_t size,
			    enum dma_data_direction dir, bool for_device)
{
	unsigned int nr = dma_test_nr_syncs;

	if (dev != dma_test_sync_dev)
		return;
	dma_test_nr_syncs++;
	if (nr >= ARRAY_SIZE(dma_test_syncs))
		return;
	dma_test_syncs[nr] = (struct dma_test_sync) {
		.phys = phys, .size = size, .dir = dir,
		.for_device = for_device,
	};
}

void dma_test_record_syncs(struct device *dev)
{
	dma_test_nr_syncs = 0;
	dma_test_sync_dev = dev;
	dma_test_sync_hook = dma_test_record;
}

void dma_test_stop_syncs(void)
{
	dma_test_sync_hook = NULL;
}

/* Is number @nr of the record this piece? */
static void dma_test_expect_sync(struct kunit *test, unsigned int nr,
				 const struct dma_test_sync *want)
{
	const struct dma_test_sync *sync = &dma_test_syncs[nr];

	if (nr >= dma_test_nr_syncs || nr >= ARRAY_SIZE(dma_test_syncs))
		return;
	KUNIT_EXPECT_EQ_MSG(test, (u64)want->phys, (u64)sync->phys, "call %u",
			    nr);
	KUNIT_EXPECT_EQ_MSG(test, want->size, sync->size, "call %u", nr);
	KUNIT_EXPECT_EQ_MSG(test, (int)want->dir, (int)sync->dir, "call %u",
			    nr);
	KUNIT_EXPECT_EQ_MSG(test, want->for_device, sync->for_device,
			    "call %u", nr);
}

static void dma_test_end_syncs(struct kunit *test, unsigned int nr)
{
	dma_test_stop_syncs();
	if (dma_test_is_coherent(dma_test_sync_dev))
		nr = 0;
	KUNIT_EXPECT_EQ_MSG(test, nr, dma_test_nr_syncs, "calls for %s",
			    dev_name(dma_test_sync_dev));
}

static phys_addr_t dma_test_phys(const void *vaddr)
{
	if (is_vmalloc_addr(vaddr))
		return PFN_PHYS(vmalloc_to_pfn(vaddr)) + offset_in_page(vaddr);
	return virt_to_phys((void *)vaddr);
}

/* How much of @size bytes at @vaddr is contiguous. */
static size_t dma_test_piece(const void *vaddr, size_t size)
{
	phys_addr_t phys = dma_test_phys(vaddr);
	size_t len = PAGE_SIZE - offset_in_page(vaddr);

	while (len < size && dma_test_phys(vaddr + len) == phys + len)
		len += PAGE_SIZE;
	return min(len, size);
}

void dma_test_expect_syncs(struct kunit *test, const void *vaddr, size_t size,
			   enum dma_data_direction dir, bool for_device)
{
	struct dma_test_sync want = { .dir = dir, .for_device = for_device };
	unsigned int nr = 0;
	size_t off;

	for (off = 0; off < size; off += want.size) {
		want.phys = dma_test_phys(vaddr + off);
		want.size = dma_test_piece(vaddr + off, size - off);
		dma_test_expect_sync(test, nr++, &want);
	}
	dma_test_end_syncs(test, nr);
}

void dma_test_expect_sg_syncs(struct kunit *test, struct scatterlist *sgl,
			      unsigned int nents, enum dma_data_direction dir,
			      bool for_device)
{
	struct dma_test_sync want = { .dir = dir, .for_device = for_device };
	struct scatterlist *sg;
	unsigned int i;

	for_each_sg(sgl, sg, nents, i) {
		want.phys = sg_phys(sg);
		want.size = sg->length;
		dma_test_expect_sync(test, i, &want);
	}
	dma_test_end_syncs(test, nents);
}
