/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites call and 5.10.262 does not have.  Calls of the API itself
 * fail; their cases are left out.  What only a suite needs does as 5.10 does.
 */
#include <linux/dma-map-ops.h>
#include <linux/mm.h>
#include "debug.h"
#include "test_hooks.h"

static inline int dma_mmap_pages(struct device *dev,
				 struct vm_area_struct *vma, size_t size,
				 struct page *page)
{
	return -EOPNOTSUPP;
}

static inline int dma_mmap_noncoherent(struct device *dev,
				       struct vm_area_struct *vma, size_t size,
				       void *vaddr, dma_addr_t handle)
{
	return -EOPNOTSUPP;
}

static inline int dma_get_sgtable_noncoherent(struct device *dev,
					      struct sg_table *sgt, size_t size,
					      void *vaddr, dma_addr_t handle)
{
	return -EOPNOTSUPP;
}

/* What 5.10's dma_common_alloc_pages() does besides mapping */
static inline struct page *dma_alloc_linear_pages(struct device *dev,
						  size_t size, gfp_t gfp)
{
	struct page *page = dma_cma_alloc(dev, size, gfp);

	if (!page)
		page = alloc_pages_node(dev_to_node(dev), gfp, get_order(size));
	if (page)
		memset(page_address(page), 0, size);
	return page;
}

/* 5.10 records all of this memory as mappings of whole pages. */
static inline void debug_dma_alloc_pages(struct device *dev, struct page *page,
					 size_t size, int dir, dma_addr_t addr)
{
	debug_dma_map_page(dev, page, 0, PAGE_ALIGN(size), dir, addr);
}

static inline void debug_dma_free_pages(struct device *dev, struct page *page,
					size_t size, int dir, dma_addr_t addr)
{
	debug_dma_unmap_page(dev, addr, PAGE_ALIGN(size), dir);
}

static inline void debug_dma_alloc_noncoherent(struct device *dev,
					       const void *vaddr, size_t size,
					       int dir, dma_addr_t addr)
{
	debug_dma_map_page(dev, virt_to_page(vaddr), 0, PAGE_ALIGN(size), dir,
			   addr);
}

static inline void debug_dma_free_noncoherent(struct device *dev,
					      const void *vaddr, size_t size,
					      int dir, dma_addr_t addr)
{
	debug_dma_unmap_page(dev, addr, PAGE_ALIGN(size), dir);
}
