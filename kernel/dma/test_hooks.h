/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the KUnit suites have to see, or have to make fail, inside of
 * dma-direct.  A kernel without them has nothing of it.
 */
#ifndef _KERNEL_DMA_TEST_HOOKS_H
#define _KERNEL_DMA_TEST_HOOKS_H

#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-test-hook.h>
#include <linux/gfp.h>
#include <linux/set_memory.h>

struct gen_pool;

struct dma_test_hooks {
	/* Nothing changes for any other device. */
	struct device	*dev;

	/*
	 * Each may be NULL.  With decrypt() the memory of the device has to be
	 * unencrypted, whatever the machine.
	 */
	struct page *(*cma)(size_t size, gfp_t gfp);
	struct page *(*buddy)(gfp_t gfp, unsigned int order);
	int	(*decrypt)(unsigned long addr, int numpages);
	int	(*encrypt)(unsigned long addr, int numpages);
};

#ifdef CONFIG_DMA_KUNIT_TEST
extern struct dma_test_hooks dma_test_hooks;

/* What is allocated from the atomic pools, in bytes */
size_t dma_pools_used(void);
int dma_pool_expand(struct gen_pool *pool, size_t size, gfp_t gfp);

static inline struct dma_test_hooks *dma_test_hooks_of(struct device *dev)
{
	return unlikely(READ_ONCE(dma_test_hooks.dev) == dev) ?
		&dma_test_hooks : NULL;
}
#else
static inline struct dma_test_hooks *dma_test_hooks_of(struct device *dev)
{
	return NULL;
}
#endif

static inline struct page *dma_cma_alloc(struct device *dev, size_t size,
					 gfp_t gfp)
{
	struct dma_test_hooks *hooks = dma_test_hooks_of(dev);

	if (hooks && hooks->cma)
		return hooks->cma(size, gfp);
	return dma_alloc_contiguous(dev, size, gfp);
}

static inline struct page *dma_buddy_alloc(struct device *dev, gfp_t gfp,
					   unsigned int order)
{
	struct dma_test_hooks *hooks = dma_test_hooks_of(dev);

	if (hooks && hooks->buddy)
		return hooks->buddy(gfp, order);
	return alloc_pages_node(dev_to_node(dev), gfp, order);
}

static inline bool dma_unencrypted(struct device *dev)
{
	struct dma_test_hooks *hooks = dma_test_hooks_of(dev);

	return (hooks && hooks->decrypt) || force_dma_unencrypted(dev);
}

static inline int dma_decrypt(struct device *dev, unsigned long addr,
			      int numpages)
{
	struct dma_test_hooks *hooks = dma_test_hooks_of(dev);

	if (hooks && hooks->decrypt)
		return hooks->decrypt(addr, numpages);
	return set_memory_decrypted(addr, numpages);
}

static inline int dma_encrypt(struct device *dev, unsigned long addr,
			      int numpages)
{
	struct dma_test_hooks *hooks = dma_test_hooks_of(dev);

	if (hooks && hooks->encrypt)
		return hooks->encrypt(addr, numpages);
	return set_memory_encrypted(addr, numpages);
}

/* The caches, as far as they are not coherent for the device */
static inline void dma_cache_for_device(struct device *dev, phys_addr_t phys,
					size_t size,
					enum dma_data_direction dir)
{
	if (dev_is_dma_coherent(dev))
		return;
	dma_test_saw_sync(dev, phys, size, dir, true);
	arch_sync_dma_for_device(phys, size, dir);
}

/* One of several pieces, which arch_sync_dma_for_cpu_all() has to follow */
static inline void dma_cache_piece_for_cpu(struct device *dev,
					   phys_addr_t phys, size_t size,
					   enum dma_data_direction dir)
{
	if (dev_is_dma_coherent(dev))
		return;
	dma_test_saw_sync(dev, phys, size, dir, false);
	arch_sync_dma_for_cpu(phys, size, dir);
}

static inline void dma_cache_for_cpu(struct device *dev, phys_addr_t phys,
				     size_t size, enum dma_data_direction dir)
{
	dma_cache_piece_for_cpu(dev, phys, size, dir);
	if (!dev_is_dma_coherent(dev))
		arch_sync_dma_for_cpu_all();
}

#endif /* _KERNEL_DMA_TEST_HOOKS_H */
