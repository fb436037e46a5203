/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the KUnit suites of the DMA mapping code have in common.
 */
#ifndef _KERNEL_DMA_TEST_UTIL_H
#define _KERNEL_DMA_TEST_UTIL_H

#include <kunit/test.h>
#include <linux/dma-direction.h>
#include <linux/dma-map-ops.h>

struct device;
struct page;
struct scatterlist;

/* For .init and .exit of a suite: test->priv is a device without a driver. */
int dma_test_init_device(struct kunit *test);
void dma_test_exit_device(struct kunit *test);

/*
 * For what dma_alloc_noncoherent() gives to a device behind an IOMMU: such a
 * device with a driver, to be put, or NULL and a word in the log; pages that
 * are no neighbours; how many physically contiguous pieces there are.
 */
struct device *dma_test_get_scattering_device(struct kunit *test);

struct dma_test_row {
	struct page *pages[64];
};

void dma_test_scatter(struct kunit *test, struct dma_test_row *row);
void dma_test_unscatter(struct dma_test_row *row);
unsigned int dma_test_nr_pieces(const void *vaddr, size_t size);

/*
 * For dma_test_hooks.cma: all is from the page allocator, where whoever looks
 * at a page that is freed may have a reference to it.
 */
struct page *dma_test_no_cma(size_t size, gfp_t gfp);

/* With one more reference of the test, which ends here: was it freed, once? */
void dma_test_expect_freed(struct kunit *test, struct page *page);

/*
 * A case that provokes a WARN says so first, by its kind ("WARNING", or
 * "DMA-API" for what dma-debug reports), and checks afterwards that just that
 * many came.  The line in the log tells whoever scans it for splats.
 */
void dma_test_expect_reports(struct kunit *test, unsigned int nr,
			     const char *kind);
unsigned int dma_test_seen_reports(void);

/*
 * After dma_test_expect_reports(): how many of the lines that are printed from
 * here on have @part in them?  Counting ends the watch.
 */
void dma_test_watch_lines(const char *part);
unsigned int dma_test_seen_lines(void);

/* dma-direct is not told where the operations of ARM see to the caches. */
static inline bool dma_test_is_coherent(struct device *dev)
{
#if defined(CONFIG_ARM) && defined(CONFIG_MMU) && !defined(CONFIG_SWIOTLB)
	return dev->archdata.dma_coherent;
#else
	return dev_is_dma_coherent(dev);
#endif
}

/*
 * From here on the memory is recorded that is synced for this device, whatever
 * asks for it.
 */
void dma_test_record_syncs(struct device *dev);
void dma_test_stop_syncs(void);

/*
 * Just this memory was synced, its physically contiguous pieces in one call
 * each, or none of it if the device is coherent.  This ends the record.
 */
void dma_test_expect_syncs(struct kunit *test, const void *vaddr, size_t size,
			   enum dma_data_direction dir, bool for_device);

/* The same for the entries of a scatterlist, in one call each */
void dma_test_expect_sg_syncs(struct kunit *test, struct scatterlist *sgl,
			      unsigned int nents, enum dma_data_direction dir,
			      bool for_device);

/* Offset of the first byte that is not @c, or @size if there is none. */
size_t dma_test_first_not(const void *addr, u8 c, size_t size);

#endif /* _KERNEL_DMA_TEST_UTIL_H */
