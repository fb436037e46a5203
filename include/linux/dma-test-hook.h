/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a cache did to memory cannot be seen in the memory.  With the KUnit
 * suites of the DMA mapping code built in, they can watch what is asked of it.
 * And they can let any step of an allocation fail.
 */
#ifndef _LINUX_DMA_TEST_HOOK_H
#define _LINUX_DMA_TEST_HOOK_H

#include <linux/dma-direction.h>
#include <linux/types.h>

struct device;

enum dma_test_step {
	DMA_TEST_PAGE_ARRAY,	/* of scattered memory */
	DMA_TEST_PAGES,		/* for it */
	DMA_TEST_SG_TABLE,	/* to map it with */
	DMA_TEST_REMAP,		/* with vmap() */
	DMA_TEST_POOL_DECRYPT,
	DMA_TEST_POOL_ENCRYPT,
	DMA_TEST_POOL_ADD,
};

#ifdef CONFIG_DMA_KUNIT_TEST
extern void (*dma_test_sync_hook)(struct device *dev, phys_addr_t phys,
				  size_t size, enum dma_data_direction dir,
				  bool for_device);

static inline void dma_test_saw_sync(struct device *dev, phys_addr_t phys,
				     size_t size, enum dma_data_direction dir,
				     bool for_device)
{
	if (dma_test_sync_hook)
		dma_test_sync_hook(dev, phys, size, dir, for_device);
}

extern bool (*dma_test_fail_hook)(enum dma_test_step step);

static inline bool dma_test_fails(enum dma_test_step step)
{
	return dma_test_fail_hook && dma_test_fail_hook(step);
}
#else
static inline void dma_test_saw_sync(struct device *dev, phys_addr_t phys,
				     size_t size, enum dma_data_direction dir,
				     bool for_device)
{
}

static inline bool dma_test_fails(enum dma_test_step step)
{
	return false;
}
#endif /* CONFIG_DMA_KUNIT_TEST */
#endif /* _LINUX_DMA_TEST_HOOK_H */
