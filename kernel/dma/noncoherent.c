// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that is owned explicitly and contiguous for the device, but not
 * necessarily for anyone else.
 *
 * Where a backend can put pages from anywhere in a row for the device, memory
 * that is larger than any free block of pages can be had.  The CPU sees it
 * through vmap() then.  All others get what dma_alloc_pages() returns.
 */
#include <linux/dma-map-ops.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include "debug.h"
#include "direct.h"
#include "pages.h"

static inline void *dma_noncoherent_linear(struct device *dev, size_t size,
					   dma_addr_t *dma_handle,
					   enum dma_data_direction dir,
					   gfp_t gfp)
{
	struct page *page = dma_pages_alloc(dev, size, dma_handle, dir, gfp);

	return page ? page_address(page) : NULL;
}

/* Not inlined, as few backends come here. */
static noinline void *dma_noncoherent_scattered(struct device *dev, size_t size,
						dma_addr_t *dma_handle,
						enum dma_data_direction dir,
						gfp_t gfp)
{
	const struct dma_map_ops *ops = get_dma_ops(dev);

	/* Mapping scattered pages for the CPU may sleep, and start I/O. */
	if ((gfp & GFP_KERNEL) != GFP_KERNEL || dma_pages_direct(dev, ops))
		return dma_noncoherent_linear(dev, size, dma_handle, dir, gfp);
	return ops->alloc_noncoherent(dev, size, dma_handle, dir, gfp);
}

/* What it is decides, not what an allocation would be made of now. */
static noinline void dma_noncoherent_free(struct device *dev, size_t size,
					  void *vaddr, dma_addr_t dma_handle,
					  enum dma_data_direction dir)
{
	if (is_vmalloc_addr(vaddr))
		get_dma_ops(dev)->free_noncoherent(dev, size, vaddr, dma_handle,
						   dir);
	else
		dma_pages_free(dev, size, virt_to_page(vaddr), dma_handle, dir);
}

/**
 * dma_alloc_noncoherent - allocate memory that is contiguous for a device
 * @dev: device that will access the memory
 * @size: how much memory, in bytes; rounded up to whole pages
 * @dma_handle: where to store the address of the memory for the device
 * @dir: direction of all transfers to and from the memory
 * @gfp: allocation flags, without zone modifiers and without %__GFP_COMP
 *
 * The memory is what dma_alloc_pages() returns, under the same rules of
 * ownership, with the same masks and limits, zeroed up to the next page
 * boundary and never bounced, except that only the device is sure to find it
 * contiguous.  Behind an IOMMU its pages may be scattered, and the address
 * that is returned may be one of vmap(): virt_to_page(), virt_to_phys() and
 * their like must not be used on it.  dma_mmap_noncoherent() and
 * dma_get_sgtable_noncoherent() find the pages.
 *
 * dma_sync_single_for_device() and dma_sync_single_for_cpu() take any part of
 * the memory, across any number of its pages, and always @dir.
 *
 * Context: any if @gfp does not allow to block, process context otherwise.
 * Return: address of the memory for the CPU, to be freed with
 * dma_free_noncoherent() and the same @size and @dir, or %NULL with
 * *@dma_handle set to %DMA_MAPPING_ERROR.
 */
void *dma_alloc_noncoherent(struct device *dev, size_t size,
			    dma_addr_t *dma_handle,
			    enum dma_data_direction dir, gfp_t gfp)
{
	size_t alloc_size = PAGE_ALIGN(size);
	const struct dma_map_ops *ops;
	void *vaddr;

	*dma_handle = DMA_MAPPING_ERROR;

	if (!dma_pages_args_valid(dev, alloc_size, dir, gfp))
		return NULL;

	ops = get_dma_ops(dev);
	if (unlikely(ops) && ops->alloc_noncoherent)
		vaddr = dma_noncoherent_scattered(dev, alloc_size, dma_handle,
						  dir, gfp);
	else
		vaddr = dma_noncoherent_linear(dev, alloc_size, dma_handle, dir,
					       gfp);
	if (!vaddr)
		return NULL;

	debug_dma_alloc_noncoherent(dev, vaddr, size, dir, *dma_handle);
	return vaddr;
}
EXPORT_SYMBOL_GPL(dma_alloc_noncoherent);

/**
 * dma_free_noncoherent - free memory that dma_alloc_noncoherent() returned
 * @dev: device that the memory was allocated for
 * @size: size in bytes, as it was passed to dma_alloc_noncoherent()
 * @vaddr: what dma_alloc_noncoherent() returned; nothing happens for %NULL
 * @dma_handle: address of the memory for the device
 * @dir: direction that the memory was allocated with
 *
 * The device must not access the memory any more, whoever owns it.
 *
 * Context: process context, unless the memory was allocated with a @gfp that
 * does not allow to block.
 */
void dma_free_noncoherent(struct device *dev, size_t size, void *vaddr,
			  dma_addr_t dma_handle, enum dma_data_direction dir)
{
	const struct dma_map_ops *ops = get_dma_ops(dev);

	if (!vaddr)
		return;

	debug_dma_free_noncoherent(dev, vaddr, size, dir, dma_handle);

	if (unlikely(ops) && ops->free_noncoherent)
		dma_noncoherent_free(dev, PAGE_ALIGN(size), vaddr, dma_handle,
				     dir);
	else
		dma_pages_free(dev, PAGE_ALIGN(size), virt_to_page(vaddr),
			       dma_handle, dir);
}
EXPORT_SYMBOL_GPL(dma_free_noncoherent);
