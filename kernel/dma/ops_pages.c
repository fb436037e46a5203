// SPDX-License-Identifier: GPL-2.0
/*
 * ->alloc_pages and ->free_pages for tables whose ->map_page will do.
 */
#include <linux/dma-map-ops.h>
#include <linux/export.h>
#include <linux/mm.h>

/**
 * dma_common_alloc_pages - serve ->alloc_pages with ->map_page
 * @dev: device that the pages are for
 * @size: size in bytes, a multiple of the page size
 * @dma_handle: where to store the address of the memory for the device
 * @dir: direction of all transfers to and from the memory
 * @gfp: allocation flags as dma_alloc_pages() takes them
 *
 * The pages are cleared and written back before ->map_page is called, with
 * %DMA_ATTR_SKIP_CPU_SYNC.  A table may use this if its ->map_page
 *
 * - never bounces whole pages: handle and pages would be different memory, and
 *   nothing here could tell;
 * - does not need dev->dma_mask, which may be %NULL here;
 * - returns %DMA_MAPPING_ERROR for what is too large, and when it runs out of
 *   addresses.
 *
 * An address that the coherent mask or the bus limit forbids is given back.  So
 * a table that can place a mapping by a mask should do so in a method of its
 * own, with dma_pages_limit(): ->map_page knows of the streaming mask only.
 *
 * Context: any if @gfp does not allow to block, process context otherwise.
 * Return: the first page, or %NULL with *@dma_handle left alone.
 */
struct page *dma_common_alloc_pages(struct device *dev, size_t size,
				    dma_addr_t *dma_handle,
				    enum dma_data_direction dir, gfp_t gfp)
{
	const struct dma_map_ops *ops = get_dma_ops(dev);
	struct page *page = dma_alloc_linear_pages(dev, size, gfp);
	dma_addr_t addr;

	if (!page)
		return NULL;

	addr = ops->map_page(dev, page, 0, size, dir, DMA_ATTR_SKIP_CPU_SYNC);
	if (addr == DMA_MAPPING_ERROR)
		goto out_free;
	if (!dma_pages_in_reach(dev, addr, size))
		goto out_unmap;

	*dma_handle = addr;
	return page;

out_unmap:
	if (ops->unmap_page)
		ops->unmap_page(dev, addr, size, dir, DMA_ATTR_SKIP_CPU_SYNC);
out_free:
	dma_free_contiguous(dev, page, size);
	return NULL;
}
EXPORT_SYMBOL_GPL(dma_common_alloc_pages);

/**
 * dma_common_free_pages - serve ->free_pages with ->unmap_page
 * @dev: device that the memory was allocated for
 * @size: size in bytes, a multiple of the page size
 * @page: first page, from dma_alloc_linear_pages()
 * @dma_handle: address of the memory for the device, as of ->map_page
 * @dir: direction that the memory was allocated with
 *
 * Also for tables that have an ->alloc_pages of their own, if that maps what
 * ->unmap_page takes back.
 *
 * Context: what ->unmap_page allows if the pages were allocated with a gfp that
 * does not allow to block, process context otherwise: they may be CMA's.
 */
void dma_common_free_pages(struct device *dev, size_t size, struct page *page,
			   dma_addr_t dma_handle, enum dma_data_direction dir)
{
	const struct dma_map_ops *ops = get_dma_ops(dev);

	if (ops->unmap_page)
		ops->unmap_page(dev, dma_handle, size, dir,
				DMA_ATTR_SKIP_CPU_SYNC);
	dma_free_contiguous(dev, page, size);
}
EXPORT_SYMBOL_GPL(dma_common_free_pages);
