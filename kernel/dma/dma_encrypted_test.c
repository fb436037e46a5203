// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for memory encryption behind an IOMMU: whatever dma-direct would
 * do for the device, nothing is decrypted or encrypted again, nothing comes from
 * the pools of decrypted memory, and the memory works.
 *
 * It takes a device whose table of DMA operations allocates pages, with a
 * driver: QEMU's edu device and the driver of its suite, for example.  Without
 * one the cases pass and say that they tested nothing.
 */
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include "dma_test_util.h"
#include "test_hooks.h"

#define DMA_ENC_SIZE	(5 * PAGE_SIZE - 100)

static unsigned int dma_enc_nr;

static int dma_enc_change(unsigned long addr, int numpages)
{
	dma_enc_nr++;
	return 0;
}

/* A table without translation may allocate as dma-direct does, and free so. */
static int dma_enc_translates(struct device *dev, const void *unused)
{
	const struct dma_map_ops *ops = get_dma_ops(dev);

	return dev->driver && ops && ops->alloc_pages &&
	       ops->free_pages != dma_direct_free_pages;
}

static int dma_enc_init(struct kunit *test)
{
	struct device *dev = bus_find_device(&pci_bus_type, NULL, NULL,
					     dma_enc_translates);

	test->priv = dev;
	if (!dev) {
		kunit_info(test, "not tested: no device behind an IOMMU\n");
		return 0;
	}
	dma_enc_nr = 0;
	dma_test_hooks = (struct dma_test_hooks) {
		.dev = dev,
		.cma = dma_test_no_cma,
		.decrypt = dma_enc_change,
		.encrypt = dma_enc_change,
	};
	return 0;
}

static void dma_enc_exit(struct kunit *test)
{
	dma_test_hooks = (struct dma_test_hooks) { };
	put_device(test->priv);
}

/* What is in the atomic pools is decrypted. */
static size_t dma_enc_pools_used(void)
{
#ifdef CONFIG_DMA_COHERENT_POOL
	return dma_pools_used();
#else
	return 0;
#endif
}

static void dma_enc_pages_with(struct kunit *test, gfp_t gfp)
{
	size_t before = dma_enc_pools_used();
	struct device *dev = test->priv;
	struct page *page;
	dma_addr_t handle;

	page = dma_alloc_pages(dev, DMA_ENC_SIZE, &handle, DMA_BIDIRECTIONAL,
			       gfp);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	KUNIT_EXPECT_EQ(test, (size_t)PAGE_ALIGN(DMA_ENC_SIZE),
			dma_test_first_not(page_address(page), 0,
					   PAGE_ALIGN(DMA_ENC_SIZE)));
	KUNIT_EXPECT_EQ(test, before, dma_enc_pools_used());
	get_page(page);
	dma_free_pages(dev, DMA_ENC_SIZE, page, handle, DMA_BIDIRECTIONAL);
	dma_test_expect_freed(test, page);
	KUNIT_EXPECT_EQ(test, dma_enc_nr, 0u);
}

static void dma_enc_pages(struct kunit *test)
{
	if (!test->priv)
		return;
	dma_enc_pages_with(test, GFP_KERNEL);
	dma_enc_pages_with(test, GFP_ATOMIC);
}

static void dma_enc_noncoherent(struct kunit *test)
{
	struct device *dev = test->priv;
	dma_addr_t handle;
	void *vaddr;

	if (!dev)
		return;
	vaddr = dma_alloc_noncoherent(dev, DMA_ENC_SIZE, &handle,
				      DMA_BIDIRECTIONAL, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vaddr);
	KUNIT_EXPECT_EQ(test, (size_t)PAGE_ALIGN(DMA_ENC_SIZE),
			dma_test_first_not(vaddr, 0,
					   PAGE_ALIGN(DMA_ENC_SIZE)));
	dma_free_noncoherent(dev, DMA_ENC_SIZE, vaddr, handle,
			     DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, dma_enc_nr, 0u);
}

/* Whoever has no IOMMU, or bypasses it, needs decrypted memory. */
static void dma_enc_direct(struct kunit *test)
{
	struct device *dev = test->priv;
	const struct dma_map_ops *ops;
	struct page *page;
	dma_addr_t handle;
	u64 mask;

	if (!dev)
		return;
	mask = dev->coherent_dma_mask;
	ops = get_dma_ops(dev);
	set_dma_ops(dev, NULL);
	if (get_dma_ops(dev)) {
		set_dma_ops(dev, ops);
		kunit_info(test, "not tested: the bus has an IOMMU for all\n");
		return;
	}
	dev->coherent_dma_mask = DMA_BIT_MASK(64);
	page = dma_alloc_pages(dev, DMA_ENC_SIZE, &handle, DMA_BIDIRECTIONAL,
			       GFP_KERNEL);
	KUNIT_EXPECT_FALSE(test, IS_ERR_OR_NULL(page));
	KUNIT_EXPECT_EQ(test, dma_enc_nr, 1u);
	dma_free_pages(dev, DMA_ENC_SIZE, page, handle, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, dma_enc_nr, 2u);
	dev->coherent_dma_mask = mask;
	set_dma_ops(dev, ops);
}

static struct kunit_case dma_enc_cases[] = {
	KUNIT_CASE(dma_enc_pages),
	KUNIT_CASE(dma_enc_noncoherent),
	KUNIT_CASE(dma_enc_direct),
	{}
};

static struct kunit_suite dma_enc_suite = {
	.name = "dma_encrypted",
	.init = dma_enc_init,
	.exit = dma_enc_exit,
	.test_cases = dma_enc_cases,
};

kunit_test_suite(dma_enc_suite);
