/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a cache did to memory cannot be seen in the memory.  With the KUnit
 * suites of the DMA mapping code built in, they can watch what is asked of it.
 */
#ifndef _LINUX_DMA_TEST_HOOK_H
#define _LINUX_DMA_TEST_HOOK_H

#include <linux/dma-direction.h>
#include <linux/types.h>

#ifdef CONFIG_DMA_KUNIT_TEST
extern void (*dma_test_sync_hook)(phys_addr_t phys, size_t size,
				  enum dma_data_direction dir, bool for_device);

static inline void dma_test_saw_sync(phys_addr_t phys, size_t size,
				     enum dma_data_direction dir,
				     bool for_device)
{
	if (dma_test_sync_hook)
		dma_test_sync_hook(phys, size, dir, for_device);
}
#else
static inline void dma_test_saw_sync(phys_addr_t phys, size_t size,
				     enum dma_data_direction dir,
				     bool for_device)
{
}
#endif /* CONFIG_DMA_KUNIT_TEST */
#endif /* _LINUX_DMA_TEST_HOOK_H */
