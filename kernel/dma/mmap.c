// SPDX-License-Identifier: GPL-2.0
/*
 * Explicitly owned memory for others: user mappings and scatterlists.
 */
#include <linux/dma-map-ops.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include "direct.h"
#include "pages.h"

/* The pages of an address of vmap() that dma_alloc_noncoherent() returned. */
static struct page **dma_scattered_pages(void *vaddr)
{
	if (IS_ENABLED(CONFIG_DMA_REMAP))
		return dma_common_find_pages(vaddr);
	return NULL;
}

#ifdef CONFIG_MMU
/**
 * dma_pages_pgprot - how to map memory of dma_alloc_pages() elsewhere
 * @dev: device that the memory was allocated for
 * @prot: protection of the mapping, as it would be for other pages
 *
 * Memory encryption may have the memory shared with the device, so that the CPU
 * sees it without the encryption of other memory.  page_address() does.  A
 * mapping by vmap(), vm_insert_page() and the like has to be told.
 *
 * The mapping stays cacheable, whatever the device: dma_pgprot() is for coherent
 * memory.
 *
 * Context: any.
 * Return: @prot, without encryption where the memory has none.
 */
pgprot_t dma_pages_pgprot(struct device *dev, pgprot_t prot)
{
	/* dma-direct alone decrypts what it allocates. */
	if (force_dma_unencrypted(dev) &&
	    dma_pages_direct(dev, get_dma_ops(dev)))
		return pgprot_decrypted(prot);
	return prot;
}
EXPORT_SYMBOL_GPL(dma_pages_pgprot);

static int dma_mmap_prepare(struct device *dev, struct vm_area_struct *vma,
			    size_t size)
{
	/* Zero for a size that rounds beyond size_t: nothing fits there. */
	unsigned long count = PAGE_ALIGN(size) >> PAGE_SHIFT;

	if (vma->vm_pgoff >= count || vma_pages(vma) > count - vma->vm_pgoff)
		return -ENXIO;

	vma->vm_page_prot = dma_pages_pgprot(dev, vma->vm_page_prot);
	return 0;
}

static int dma_mmap_linear(struct vm_area_struct *vma, struct page *page)
{
	return remap_pfn_range(vma, vma->vm_start,
			       page_to_pfn(page) + vma->vm_pgoff,
			       vma->vm_end - vma->vm_start, vma->vm_page_prot);
}

static int dma_mmap_scattered(struct vm_area_struct *vma, struct page **pages,
			      size_t size)
{
	if (!pages)
		return -ENXIO;
	return vm_map_pages(vma, pages, PAGE_ALIGN(size) >> PAGE_SHIFT);
}
#else
static int dma_mmap_prepare(struct device *dev, struct vm_area_struct *vma,
			    size_t size)
{
	return -ENXIO;
}

static int dma_mmap_linear(struct vm_area_struct *vma, struct page *page)
{
	return -ENXIO;
}

static int dma_mmap_scattered(struct vm_area_struct *vma, struct page **pages,
			      size_t size)
{
	return -ENXIO;
}
#endif /* CONFIG_MMU */

/**
 * dma_mmap_pages - map memory of dma_alloc_pages() into user space
 * @dev: device that the memory was allocated for
 * @vma: area of user space; starts vm_pgoff pages into the memory
 * @size: size in bytes, as it was passed to dma_alloc_pages()
 * @page: what dma_alloc_pages() returned
 *
 * For the mmap method of a driver.  The mapping is cacheable as that of the
 * kernel is: who owns the memory is up to the driver's syncs, which user space
 * has to be able to ask for.  Where caches know a line by its virtual address,
 * as on some ARM, MIPS and SH and on parisc, the syncs reach what the kernel's
 * address brought there, and not what another address of user space did.  The
 * memory must not be freed before the mapping is gone.
 *
 * Context: process context, with the mmap_lock of @vma's mm held for writing.
 * Return: 0, %-ENXIO where @vma reaches beyond the memory or the kernel has no
 * MMU to map with, or what remap_pfn_range() returned.
 */
int dma_mmap_pages(struct device *dev, struct vm_area_struct *vma, size_t size,
		   struct page *page)
{
	int ret = dma_mmap_prepare(dev, vma, size);

	return ret ? ret : dma_mmap_linear(vma, page);
}
EXPORT_SYMBOL_GPL(dma_mmap_pages);

/**
 * dma_mmap_noncoherent - map memory of dma_alloc_noncoherent() into user space
 * @dev: device that the memory was allocated for
 * @vma: area of user space; starts vm_pgoff pages into the memory
 * @size: size in bytes, as it was passed to dma_alloc_noncoherent()
 * @vaddr: what dma_alloc_noncoherent() returned
 * @dma_handle: address of the memory for the device
 *
 * As dma_mmap_pages(), wherever the pages of the memory are.
 *
 * Context: process context, with the mmap_lock of @vma's mm held for writing.
 * Return: 0, %-ENXIO where @vma reaches beyond the memory, @vaddr is none of
 * dma_alloc_noncoherent() or the kernel has no MMU to map with, or what
 * remap_pfn_range() or vm_map_pages() returned.
 */
int dma_mmap_noncoherent(struct device *dev, struct vm_area_struct *vma,
			 size_t size, void *vaddr, dma_addr_t dma_handle)
{
	int ret = dma_mmap_prepare(dev, vma, size);

	if (ret)
		return ret;
	if (is_vmalloc_addr(vaddr))
		return dma_mmap_scattered(vma, dma_scattered_pages(vaddr),
					  size);
	return dma_mmap_linear(vma, virt_to_page(vaddr));
}
EXPORT_SYMBOL_GPL(dma_mmap_noncoherent);

/**
 * dma_get_sgtable_noncoherent - describe memory of dma_alloc_noncoherent()
 * @dev: device that the memory was allocated for
 * @sgt: table to fill in, to be freed with sg_free_table()
 * @size: size in bytes, as it was passed to dma_alloc_noncoherent()
 * @vaddr: what dma_alloc_noncoherent() returned
 * @dma_handle: address of the memory for the device
 *
 * The table has all pages of the memory in their order, as few entries as they
 * need, and no addresses for a device yet: dma_map_sgtable() maps it for
 * another one.  Where memory encryption had the memory shared with @dev, that
 * has to be a device which needs the same.
 *
 * Context: process context.
 * Return: 0, %-EINVAL where @size is none that can be allocated or that one
 * entry can have, or @vaddr is none of dma_alloc_noncoherent(), or %-ENOMEM.
 */
int dma_get_sgtable_noncoherent(struct device *dev, struct sg_table *sgt,
				size_t size, void *vaddr,
				dma_addr_t dma_handle)
{
	size_t len = PAGE_ALIGN(size);
	struct page **pages;
	int ret;

	if (!len)
		return -EINVAL;

	if (is_vmalloc_addr(vaddr)) {
		pages = dma_scattered_pages(vaddr);
		if (!pages)
			return -EINVAL;
		return sg_alloc_table_from_pages(sgt, pages, len >> PAGE_SHIFT,
						 0, len, GFP_KERNEL);
	}

	if (len > UINT_MAX)
		return -EINVAL;
	ret = sg_alloc_table(sgt, 1, GFP_KERNEL);
	if (!ret)
		sg_set_page(sgt->sgl, virt_to_page(vaddr), len, 0);
	return ret;
}
EXPORT_SYMBOL_GPL(dma_get_sgtable_noncoherent);
