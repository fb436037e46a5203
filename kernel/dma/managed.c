// SPDX-License-Identifier: GPL-2.0
/*
 * Explicitly owned memory that is freed when the driver is unbound.
 */
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/export.h>

/* One allocation; which member names it is what the release function says. */
struct dma_pages_devres {
	size_t			size;
	union {
		struct page	*page;
		void		*vaddr;
	};
	dma_addr_t		dma_handle;
	enum dma_data_direction	dir;
};

static void dmam_pages_release(struct device *dev, void *res)
{
	struct dma_pages_devres *this = res;

	dma_free_pages(dev, this->size, this->page, this->dma_handle,
		       this->dir);
}

static void dmam_noncoherent_release(struct device *dev, void *res)
{
	struct dma_pages_devres *this = res;

	dma_free_noncoherent(dev, this->size, this->vaddr, this->dma_handle,
			     this->dir);
}

static bool dmam_same_args(struct dma_pages_devres *a,
			   struct dma_pages_devres *b)
{
	return a->size == b->size && a->dma_handle == b->dma_handle &&
	       a->dir == b->dir;
}

static int dmam_pages_match(struct device *dev, void *res, void *match_data)
{
	struct dma_pages_devres *this = res, *match = match_data;

	if (this->page != match->page)
		return 0;
	WARN_ON(!dmam_same_args(this, match));
	return 1;
}

static int dmam_noncoherent_match(struct device *dev, void *res,
				  void *match_data)
{
	struct dma_pages_devres *this = res, *match = match_data;

	if (this->vaddr != match->vaddr)
		return 0;
	WARN_ON(!dmam_same_args(this, match));
	return 1;
}

/**
 * dmam_alloc_pages - managed dma_alloc_pages()
 * @dev: device that will access the memory
 * @size: how much memory, in bytes; rounded up to whole pages
 * @dma_handle: where to store the address of the memory for the device
 * @dir: direction of all transfers to and from the memory
 * @gfp: allocation flags, without zone modifiers and without %__GFP_COMP
 *
 * As dma_alloc_pages(), and the memory is freed when the driver is unbound
 * from @dev, unless dmam_free_pages() did that before.
 *
 * Context: any if @gfp does not allow to block, process context otherwise.
 * Return: the first page, or %NULL with *@dma_handle set to
 * %DMA_MAPPING_ERROR.
 */
struct page *dmam_alloc_pages(struct device *dev, size_t size,
			      dma_addr_t *dma_handle,
			      enum dma_data_direction dir, gfp_t gfp)
{
	struct dma_pages_devres *dr;
	struct page *page;

	page = dma_alloc_pages(dev, size, dma_handle, dir, gfp);
	if (!page)
		return NULL;

	dr = devres_alloc(dmam_pages_release, sizeof(*dr), gfp);
	if (!dr) {
		dma_free_pages(dev, size, page, *dma_handle, dir);
		*dma_handle = DMA_MAPPING_ERROR;
		return NULL;
	}
	dr->size = size;
	dr->page = page;
	dr->dma_handle = *dma_handle;
	dr->dir = dir;
	devres_add(dev, dr);
	return page;
}
EXPORT_SYMBOL_GPL(dmam_alloc_pages);

/**
 * dmam_free_pages - free pages that dmam_alloc_pages() returned
 * @dev: device that the memory was allocated for
 * @size: size in bytes, as it was passed to dmam_alloc_pages()
 * @page: what dmam_alloc_pages() returned; nothing happens for %NULL
 * @dma_handle: address of the memory for the device
 * @dir: direction that the memory was allocated with
 *
 * Only for memory that has to go before the driver is unbound.  What was
 * allocated is what is freed: arguments that differ from it are reported, and
 * so is a @page that is not known, which is left alone.
 *
 * Context: as dma_free_pages().
 */
void dmam_free_pages(struct device *dev, size_t size, struct page *page,
		     dma_addr_t dma_handle, enum dma_data_direction dir)
{
	struct dma_pages_devres match = {
		.size		= size,
		.page		= page,
		.dma_handle	= dma_handle,
		.dir		= dir,
	};

	if (!page)
		return;
	WARN_ON(devres_release(dev, dmam_pages_release, dmam_pages_match,
			       &match));
}
EXPORT_SYMBOL_GPL(dmam_free_pages);

/**
 * dmam_alloc_noncoherent - managed dma_alloc_noncoherent()
 * @dev: device that will access the memory
 * @size: how much memory, in bytes; rounded up to whole pages
 * @dma_handle: where to store the address of the memory for the device
 * @dir: direction of all transfers to and from the memory
 * @gfp: allocation flags, without zone modifiers and without %__GFP_COMP
 *
 * As dma_alloc_noncoherent(), and the memory is freed when the driver is
 * unbound from @dev, unless dmam_free_noncoherent() did that before.
 *
 * Context: any if @gfp does not allow to block, process context otherwise.
 * Return: address of the memory for the CPU, or %NULL with *@dma_handle set to
 * %DMA_MAPPING_ERROR.
 */
void *dmam_alloc_noncoherent(struct device *dev, size_t size,
			     dma_addr_t *dma_handle,
			     enum dma_data_direction dir, gfp_t gfp)
{
	struct dma_pages_devres *dr;
	void *vaddr;

	vaddr = dma_alloc_noncoherent(dev, size, dma_handle, dir, gfp);
	if (!vaddr)
		return NULL;

	dr = devres_alloc(dmam_noncoherent_release, sizeof(*dr), gfp);
	if (!dr) {
		dma_free_noncoherent(dev, size, vaddr, *dma_handle, dir);
		*dma_handle = DMA_MAPPING_ERROR;
		return NULL;
	}
	dr->size = size;
	dr->vaddr = vaddr;
	dr->dma_handle = *dma_handle;
	dr->dir = dir;
	devres_add(dev, dr);
	return vaddr;
}
EXPORT_SYMBOL_GPL(dmam_alloc_noncoherent);

/**
 * dmam_free_noncoherent - free memory that dmam_alloc_noncoherent() returned
 * @dev: device that the memory was allocated for
 * @size: size in bytes, as it was passed to dmam_alloc_noncoherent()
 * @vaddr: what dmam_alloc_noncoherent() returned; nothing happens for %NULL
 * @dma_handle: address of the memory for the device
 * @dir: direction that the memory was allocated with
 *
 * Only for memory that has to go before the driver is unbound.  What was
 * allocated is what is freed: arguments that differ from it are reported, and
 * so is a @vaddr that is not known, which is left alone.
 *
 * Context: as dma_free_noncoherent().
 */
void dmam_free_noncoherent(struct device *dev, size_t size, void *vaddr,
			   dma_addr_t dma_handle, enum dma_data_direction dir)
{
	struct dma_pages_devres match = {
		.size		= size,
		.vaddr		= vaddr,
		.dma_handle	= dma_handle,
		.dir		= dir,
	};

	if (!vaddr)
		return;
	WARN_ON(devres_release(dev, dmam_noncoherent_release,
			       dmam_noncoherent_match, &match));
}
EXPORT_SYMBOL_GPL(dmam_free_noncoherent);
