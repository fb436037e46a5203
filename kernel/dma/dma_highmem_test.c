// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for areas of CMA that are in high memory: their pages have no
 * linear address, so the memory has to come from elsewhere.
 *
 * The area is a fake one.  x86 limits its own to low memory, and no other
 * machine that QEMU has here has high memory.
 */
#include <linux/dma-map-ops.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include "dma_test_util.h"
#include "test_hooks.h"

#define DMA_HIGHMEM_SIZE	(3 * PAGE_SIZE)

/* What the area gave last, and how often it was asked */
static struct page *dma_highmem_page;
static unsigned int dma_highmem_nr;

static struct page *dma_highmem_cma(size_t size, gfp_t gfp)
{
	dma_highmem_nr++;
	dma_highmem_page = alloc_pages(GFP_HIGHUSER, get_order(size));
	/* Keeps it from being used again when it is given back. */
	if (dma_highmem_page)
		get_page(dma_highmem_page);
	return dma_highmem_page;
}

static int dma_highmem_init(struct kunit *test)
{
	int ret = dma_test_init_device(test);

	if (ret)
		return ret;
	if (!totalhigh_pages())
		kunit_info(test, "not tested: no high memory here\n");
	dma_highmem_page = NULL;
	dma_highmem_nr = 0;
	dma_test_hooks = (struct dma_test_hooks) {
		.dev = test->priv, .cma = dma_highmem_cma,
	};
	return 0;
}

static void dma_highmem_exit(struct kunit *test)
{
	dma_test_hooks = (struct dma_test_hooks) { };
	dma_test_exit_device(test);
}

/* The area was asked, and has its high memory back; @page is from elsewhere. */
static void dma_highmem_expect(struct kunit *test, struct page *page)
{
	KUNIT_EXPECT_EQ(test, dma_highmem_nr, 1u);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dma_highmem_page);
	KUNIT_EXPECT_TRUE(test, PageHighMem(dma_highmem_page));
	dma_test_expect_freed(test, dma_highmem_page);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	KUNIT_EXPECT_FALSE(test, PageHighMem(page));
	KUNIT_EXPECT_EQ(test, (size_t)DMA_HIGHMEM_SIZE,
			dma_test_first_not(page_address(page), 0,
					   DMA_HIGHMEM_SIZE));
}

static void dma_highmem_direct(struct kunit *test)
{
	struct device *dev = test->priv;
	struct page *page;
	dma_addr_t handle;

	if (!totalhigh_pages())
		return;
	/* In reach of the device: that is not what the area is refused for. */
	dev->coherent_dma_mask = DMA_BIT_MASK(64);
	page = dma_alloc_pages(dev, DMA_HIGHMEM_SIZE, &handle, DMA_TO_DEVICE,
			       GFP_KERNEL);
	dma_highmem_expect(test, page);
	dma_free_pages(dev, DMA_HIGHMEM_SIZE, page, handle, DMA_TO_DEVICE);
}

static void dma_highmem_noncoherent(struct kunit *test)
{
	struct device *dev = test->priv;
	dma_addr_t handle;
	void *vaddr;

	if (!totalhigh_pages())
		return;
	dev->coherent_dma_mask = DMA_BIT_MASK(64);
	vaddr = dma_alloc_noncoherent(dev, DMA_HIGHMEM_SIZE, &handle,
				      DMA_TO_DEVICE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vaddr);
	dma_highmem_expect(test, virt_to_page(vaddr));
	dma_free_noncoherent(dev, DMA_HIGHMEM_SIZE, vaddr, handle,
			     DMA_TO_DEVICE);
}

/* What backends that translate addresses get */
static void dma_highmem_linear(struct kunit *test)
{
#ifdef CONFIG_DMA_OPS
	struct page *page;

	if (!totalhigh_pages())
		return;
	page = dma_alloc_linear_pages(test->priv, DMA_HIGHMEM_SIZE,
				      GFP_KERNEL);
	dma_highmem_expect(test, page);
	dma_free_contiguous(test->priv, page, DMA_HIGHMEM_SIZE);
#else
	kunit_info(test, "not tested: no other backends here\n");
#endif
}

static struct kunit_case dma_highmem_cases[] = {
	KUNIT_CASE(dma_highmem_direct),
	KUNIT_CASE(dma_highmem_noncoherent),
	KUNIT_CASE(dma_highmem_linear),
	{}
};

static struct kunit_suite dma_highmem_suite = {
	.name = "dma_highmem",
	.init = dma_highmem_init,
	.exit = dma_highmem_exit,
	.test_cases = dma_highmem_cases,
};

kunit_test_suite(dma_highmem_suite);
