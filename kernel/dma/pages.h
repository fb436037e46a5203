/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the calls for explicitly owned memory have in common.
 */
#ifndef _KERNEL_DMA_PAGES_H
#define _KERNEL_DMA_PAGES_H

#include <linux/dma-map-ops.h>

void dma_pages_warn(struct device *dev, enum dma_data_direction dir, gfp_t gfp);

/* The size is that of whole pages. */
static inline bool dma_pages_args_valid(struct device *dev, size_t size,
					enum dma_data_direction dir, gfp_t gfp)
{
	if (unlikely(!dev->coherent_dma_mask || !valid_dma_direction(dir) ||
		     (gfp & (GFP_ZONEMASK | __GFP_COMP)))) {
		dma_pages_warn(dev, dir, gfp);
		return false;
	}

	/* Zero for no size at all, and for one that rounds beyond size_t. */
	return size;
}

bool dma_pages_direct(struct device *dev, const struct dma_map_ops *ops);

/* May dma-direct serve a device that has operations of its own? */
static inline bool dma_pages_may_bypass(struct device *dev)
{
#ifdef CONFIG_DMA_OPS_BYPASS
	return unlikely(dev->dma_ops_bypass);
#else
	return false;
#endif
}

struct page *dma_bypass_alloc_pages(struct device *dev, size_t size,
				    dma_addr_t *dma_handle,
				    enum dma_data_direction dir, gfp_t gfp);
void dma_bypass_free_pages(struct device *dev, size_t size, struct page *page,
			   dma_addr_t dma_handle, enum dma_data_direction dir);

/*
 * The allocation itself, of whole pages, with arguments that are valid, and
 * without a word to dma-debug; *@dma_handle is set for success.
 */
static inline struct page *dma_pages_alloc(struct device *dev, size_t size,
					   dma_addr_t *dma_handle,
					   enum dma_data_direction dir,
					   gfp_t gfp)
{
	const struct dma_map_ops *ops = get_dma_ops(dev);

	if (likely(!ops))
		return dma_direct_alloc_pages(dev, size, dma_handle, dir, gfp);
	if (dma_pages_may_bypass(dev))
		return dma_bypass_alloc_pages(dev, size, dma_handle, dir, gfp);
	if (ops->alloc_pages)
		return ops->alloc_pages(dev, size, dma_handle, dir, gfp);
	return NULL;
}

static inline void dma_pages_free(struct device *dev, size_t size,
				  struct page *page, dma_addr_t dma_handle,
				  enum dma_data_direction dir)
{
	const struct dma_map_ops *ops = get_dma_ops(dev);

	if (likely(!ops))
		dma_direct_free_pages(dev, size, page, dma_handle, dir);
	else if (dma_pages_may_bypass(dev))
		dma_bypass_free_pages(dev, size, page, dma_handle, dir);
	else if (ops->free_pages)
		ops->free_pages(dev, size, page, dma_handle, dir);
}

#endif /* _KERNEL_DMA_PAGES_H */
