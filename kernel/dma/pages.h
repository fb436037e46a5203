/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the calls for explicitly owned memory have in common.
 */
#ifndef _KERNEL_DMA_PAGES_H
#define _KERNEL_DMA_PAGES_H

#include <linux/dma-map-ops.h>

bool dma_pages_args_valid(struct device *dev, enum dma_data_direction dir,
			  gfp_t gfp);

bool dma_pages_direct(struct device *dev, const struct dma_map_ops *ops);

/* Of whole pages, whose arguments are valid, without a word to dma-debug. */
struct page *dma_pages_alloc(struct device *dev, size_t size,
			     dma_addr_t *dma_handle,
			     enum dma_data_direction dir, gfp_t gfp);
void dma_pages_free(struct device *dev, size_t size, struct page *page,
		    dma_addr_t dma_handle, enum dma_data_direction dir);

#endif /* _KERNEL_DMA_PAGES_H */
