// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that a device reaches without bouncing and that is owned explicitly.
 *
 * The pages stay in the kernel's direct mapping and stay cacheable, on
 * coherent and on non-coherent devices alike.  Who may touch them, the CPU or
 * the device, is what the dma_sync_single_*() calls say.
 */
#include <linux/dma-map-ops.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include "debug.h"
#include "direct.h"
#include "pages.h"

/*
 * Pages of CMA are taken by migrating what is there, with GFP_KERNEL whatever
 * the caller has. Where a device has an area of its own, there may be no other
 * memory that it reaches.
 */
static bool dma_pages_may_migrate(struct device *dev, gfp_t gfp)
{
#ifdef CONFIG_DMA_CMA
	if (dev->cma_area)
		return true;
#endif
	return (gfp & GFP_KERNEL) == GFP_KERNEL;
}

/*
 * CMA does not clear its pages, and depending on the cma= argument and the
 * per-arch setup it may hand out highmem, which has no linear address.
 */
static struct page *dma_pages_from_cma(struct device *dev, size_t size,
				       gfp_t gfp,
				       bool (*phys_addr_ok)(struct device *,
							    phys_addr_t, size_t))
{
	struct page *page;

	if (!dma_pages_may_migrate(dev, gfp))
		return NULL;
	page = dma_cma_alloc(dev, size, gfp);
	if (!page)
		return NULL;
	if (PageHighMem(page) ||
	    (phys_addr_ok && !phys_addr_ok(dev, page_to_phys(page), size))) {
		dma_free_contiguous(dev, page, size);
		return NULL;
	}
	return page;
}

static struct page *dma_pages_from_buddy(struct device *dev, size_t size,
					 gfp_t gfp)
{
	unsigned int order = get_order(size);

	if (order >= MAX_ORDER)
		return NULL;
	return dma_buddy_alloc(dev, gfp, order);
}

/*
 * With init_on_alloc=1 or init_on_free=1 what the page allocator returns is
 * clear, whatever it was asked for.  Else it is not asked, as all at once takes
 * less time than page by page.  GCC takes the two static branches for too much
 * to be inlined.
 */
static __always_inline void dma_pages_clear(struct page *page, size_t size)
{
	if (!want_init_on_alloc(0) && !want_init_on_free())
		memset(page_address(page), 0, size);
}

/*
 * Handing memory to a non-coherent device for DMA_FROM_DEVICE only invalidates
 * on several CPUs, which would bring back what the previous owner left in
 * memory.  Write the zeros there before anyone gets the pages.
 */
static void dma_pages_write_back(struct device *dev, struct page *page,
				 size_t size)
{
	dma_cache_for_device(dev, page_to_phys(page), size, DMA_TO_DEVICE);
}

static bool dma_direct_pages_ok(struct device *dev, struct page *page,
				size_t size, dma_addr_t *dma_handle, u64 limit)
{
	*dma_handle = phys_to_dma_direct(dev, page_to_phys(page));
	return dma_within_limit(*dma_handle, size, limit);
}

/*
 * The zone that the mask falls into may reach beyond what the device can
 * address: go down one zone at a time until the pages fit.
 */
static noinline struct page *
dma_direct_pages_from_lower_zone(struct device *dev, struct page *page,
				 size_t size, dma_addr_t *dma_handle, gfp_t gfp,
				 u64 limit)
{
	do {
		*dma_handle = DMA_MAPPING_ERROR;
		__free_pages(page, get_order(size));

		if (gfp & GFP_DMA)
			return NULL;
		if (IS_ENABLED(CONFIG_ZONE_DMA32) && !(gfp & GFP_DMA32))
			gfp |= GFP_DMA32;
		else if (IS_ENABLED(CONFIG_ZONE_DMA))
			gfp = (gfp & ~GFP_DMA32) | GFP_DMA;
		else
			return NULL;
		page = dma_pages_from_buddy(dev, size, gfp);
	} while (page && !dma_direct_pages_ok(dev, page, size, dma_handle, limit));

	return page;
}

static struct page *dma_direct_pages_from_buddy(struct device *dev,
						size_t size,
						dma_addr_t *dma_handle,
						gfp_t gfp, u64 limit)
{
	struct page *page = dma_pages_from_buddy(dev, size, gfp);

	if (!page ||
	    likely(dma_direct_pages_ok(dev, page, size, dma_handle, limit)))
		return page;
	return dma_direct_pages_from_lower_zone(dev, page, size, dma_handle,
						gfp, limit);
}

/*
 * Memory that the device reads through another encryption than the CPU has
 * its contents changed by the transition: decrypt first, clear afterwards.
 * Where that fails, the state of the pages is unknown, and they go back to
 * the allocator only if they can be made private again.
 */
static bool dma_direct_pages_encrypt(struct device *dev, struct page *page,
				     size_t size)
{
	unsigned long addr = (unsigned long)page_address(page);

	if (!dma_encrypt(dev, addr, PFN_UP(size)))
		return true;
	dev_warn(dev, "leaking %zu bytes of DMA memory that cannot be encrypted again\n",
		 size);
	return false;
}

static bool dma_direct_pages_decrypt(struct device *dev, struct page *page,
				     size_t size)
{
	void *vaddr = page_address(page);

	if (!dma_decrypt(dev, (unsigned long)vaddr, PFN_UP(size))) {
		memset(vaddr, 0, size);
		return true;
	}
	if (dma_direct_pages_encrypt(dev, page, size))
		dma_free_contiguous(dev, page, size);
	return false;
}

/* Memory that the device reaches, cleared unless that has to wait. */
static struct page *dma_direct_find_pages(struct device *dev, size_t size,
					  dma_addr_t *dma_handle, gfp_t gfp,
					  u64 limit, bool cma, bool clear)
{
	struct page *page = NULL;

	if (cma)
		page = dma_pages_from_cma(dev, size, gfp, dma_coherent_ok);
	if (page) {
		*dma_handle = phys_to_dma_direct(dev, page_to_phys(page));
		if (clear)
			memset(page_address(page), 0, size);
		return page;
	}
	page = dma_direct_pages_from_buddy(dev, size, dma_handle, gfp, limit);
	if (page && clear)
		dma_pages_clear(page, size);
	return page;
}

/* Has the arguments of ->alloc_pages, for tables that do not translate. */
struct page *dma_direct_alloc_pages(struct device *dev, size_t size,
				    dma_addr_t *dma_handle,
				    enum dma_data_direction dir, gfp_t gfp)
{
	u64 phys_limit, limit = dma_pages_limit(dev);
	bool decrypt = dma_unencrypted(dev);
	/* An area of CMA may be in any zone. */
	bool any_zone = !(gfp & GFP_ZONEMASK);
	struct page *page;

	gfp &= ~__GFP_ZERO;
	/* Two zones at once are an invalid request. */
	if (likely(any_zone))
		gfp |= dma_direct_optimal_gfp_mask(dev, limit, &phys_limit);

	/* Decrypting may sleep. */
	if (IS_ENABLED(CONFIG_DMA_COHERENT_POOL) && decrypt &&
	    !gfpflags_allow_blocking(gfp)) {
		page = dma_alloc_pages_from_pool(dev, size, gfp,
						 dma_coherent_ok);
		if (page)
			*dma_handle = phys_to_dma_direct(dev,
							 page_to_phys(page));
		return page;
	}

	page = dma_direct_find_pages(dev, size, dma_handle, gfp, limit,
				     any_zone, !decrypt);
	if (!page)
		return NULL;
	if (decrypt && !dma_direct_pages_decrypt(dev, page, size)) {
		*dma_handle = DMA_MAPPING_ERROR;
		return NULL;
	}
	dma_pages_write_back(dev, page, size);
	return page;
}

void dma_direct_free_pages(struct device *dev, size_t size, struct page *page,
			   dma_addr_t dma_handle, enum dma_data_direction dir)
{
	if (IS_ENABLED(CONFIG_DMA_COHERENT_POOL) &&
	    dma_free_pages_to_pool(page, size))
		return;

	if (dma_unencrypted(dev) &&
	    !dma_direct_pages_encrypt(dev, page, size))
		return;

	dma_free_contiguous(dev, page, size);
}

/*
 * Where an IOMMU is bypassed for masks that are large enough, the masks may
 * differ.  The memory has to be where its syncs will look for it: bypass the
 * IOMMU only if both allow it, as addresses behind it satisfy any mask.
 *
 * A small coherent mask next to a large streaming mask still leaves the syncs
 * to dma-direct.  All platforms with a bypass are coherent, and memory that is
 * never bounced has nothing to sync there.
 */
bool dma_pages_direct(struct device *dev, const struct dma_map_ops *ops)
{
	return dma_alloc_direct(dev, ops) && dma_sync_direct(dev, ops);
}

#ifdef CONFIG_DMA_OPS_BYPASS
struct page *dma_bypass_alloc_pages(struct device *dev, size_t size,
				    dma_addr_t *dma_handle,
				    enum dma_data_direction dir, gfp_t gfp)
{
	const struct dma_map_ops *ops = get_dma_ops(dev);

	if (dma_pages_direct(dev, ops))
		return dma_direct_alloc_pages(dev, size, dma_handle, dir, gfp);
	if (ops->alloc_pages)
		return ops->alloc_pages(dev, size, dma_handle, dir, gfp);
	return NULL;
}

void dma_bypass_free_pages(struct device *dev, size_t size, struct page *page,
			   dma_addr_t dma_handle, enum dma_data_direction dir)
{
	const struct dma_map_ops *ops = get_dma_ops(dev);

	if (dma_pages_direct(dev, ops))
		dma_direct_free_pages(dev, size, page, dma_handle, dir);
	else if (ops->free_pages)
		ops->free_pages(dev, size, page, dma_handle, dir);
}
#endif /* CONFIG_DMA_OPS_BYPASS */

#ifdef CONFIG_DMA_OPS
/**
 * dma_alloc_linear_pages - find pages for an ->alloc_pages method
 * @dev: device that the pages are for
 * @size: size in bytes, a multiple of the page size
 * @gfp: allocation flags as dma_alloc_pages() takes them; of the zone modifiers
 *	%__GFP_DMA and %__GFP_DMA32 are allowed in addition
 *
 * For backends that translate addresses: the pages may be anywhere in the
 * direct mapping, or in the zone that is asked for.  They are contiguous,
 * cleared, and the zeros are in memory for a non-coherent device to see, all
 * before the backend maps them for it.
 *
 * They are not decrypted.  Where the CPU encrypts memory, the backend's entries
 * have to carry the encryption bit.
 *
 * Context: any if @gfp does not allow to block, process context otherwise.
 * Return: the first page, to be freed with dma_free_contiguous(), or %NULL.
 */
struct page *dma_alloc_linear_pages(struct device *dev, size_t size, gfp_t gfp)
{
	struct page *page = NULL;

	gfp &= ~__GFP_ZERO;
	/* An area of CMA may be in any zone. */
	if (!(gfp & GFP_ZONEMASK))
		page = dma_pages_from_cma(dev, size, gfp, NULL);
	if (page) {
		memset(page_address(page), 0, size);
	} else {
		page = dma_pages_from_buddy(dev, size, gfp);
		if (!page)
			return NULL;
		dma_pages_clear(page, size);
	}
	dma_pages_write_back(dev, page, size);
	return page;
}
#endif /* CONFIG_DMA_OPS */

/* One WARN_ON_ONCE a reason, so that one mistake does not hide another. */
void dma_pages_warn(struct device *dev, enum dma_data_direction dir, gfp_t gfp)
{
	if (WARN_ON_ONCE(!dev->coherent_dma_mask))
		return;
	/* The mask decides about the zone. */
	if (WARN_ON_ONCE(gfp & GFP_ZONEMASK))
		return;
	/* The tail of a compound page could not be freed by its own size. */
	if (WARN_ON_ONCE(gfp & __GFP_COMP))
		return;
	WARN_ON_ONCE(!valid_dma_direction(dir));
}

/**
 * dma_alloc_pages - allocate pages that a device can address
 * @dev: device that will access the memory
 * @size: how much memory, in bytes; rounded up to whole pages
 * @dma_handle: where to store the address of the memory for the device
 * @dir: direction of all transfers to and from the memory
 * @gfp: allocation flags, without zone modifiers and without %__GFP_COMP
 *
 * The memory is physically contiguous, part of the kernel's direct mapping,
 * and zeroed up to the next page boundary.  The device addresses it as it is:
 * it is never bounced, whatever swiotlb= says.  The address for the device
 * obeys dev->coherent_dma_mask and dev->bus_dma_limit; the streaming mask
 * plays no part in it.  It is no mapping and wants no dma_mapping_error().
 * Who maps the pages for the CPU once more, as with vmap(), needs
 * dma_pages_pgprot().
 *
 * After the call the CPU owns the memory.  Before the device may access it,
 * also before the first write of the device, call
 * dma_sync_single_for_device(); before the CPU looks at what the device
 * wrote, call dma_sync_single_for_cpu().  Both take any part of the memory,
 * and always @dir.  On some CPUs dma_sync_single_for_cpu() does nothing: who
 * looked and found nothing has to give the memory back to the device with
 * dma_sync_single_for_device() before looking again.
 *
 * Neither mask of the device may change until the memory is freed.
 *
 * Context: any if @gfp does not allow to block, process context otherwise.
 * Return: the first page, to be freed with dma_free_pages() and the same
 * @size and @dir, or %NULL with *@dma_handle set to %DMA_MAPPING_ERROR.
 */
struct page *dma_alloc_pages(struct device *dev, size_t size,
			     dma_addr_t *dma_handle,
			     enum dma_data_direction dir, gfp_t gfp)
{
	size_t alloc_size = PAGE_ALIGN(size);
	struct page *page;

	*dma_handle = DMA_MAPPING_ERROR;

	if (!dma_pages_args_valid(dev, alloc_size, dir, gfp))
		return NULL;

	page = dma_pages_alloc(dev, alloc_size, dma_handle, dir, gfp);
	if (!page)
		return NULL;

	debug_dma_alloc_pages(dev, page, size, dir, *dma_handle);
	return page;
}
EXPORT_SYMBOL_GPL(dma_alloc_pages);

/**
 * dma_free_pages - free pages that dma_alloc_pages() returned
 * @dev: device that the memory was allocated for
 * @size: size in bytes, as it was passed to dma_alloc_pages()
 * @page: what dma_alloc_pages() returned; nothing happens for %NULL
 * @dma_handle: address of the memory for the device
 * @dir: direction that the memory was allocated with
 *
 * The device must not access the memory any more, whoever owns it.
 *
 * Context: any if the memory was allocated with a @gfp that does not allow to
 * block.  Process context otherwise: memory of CMA goes back under a mutex, and
 * encrypting memory again may sleep.
 */
void dma_free_pages(struct device *dev, size_t size, struct page *page,
		    dma_addr_t dma_handle, enum dma_data_direction dir)
{
	if (!page)
		return;

	debug_dma_free_pages(dev, page, size, dir, dma_handle);
	dma_pages_free(dev, PAGE_ALIGN(size), page, dma_handle, dir);
}
EXPORT_SYMBOL_GPL(dma_free_pages);
