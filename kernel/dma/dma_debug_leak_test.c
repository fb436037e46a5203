// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for what dma-debug says when a driver is unbound, and for how it
 * records coherent memory, which drivers forget as easily as any other.
 *
 * The reports have to be visible to be counted: boot with
 * dma_debug=all_errors.
 */
#include <linux/dma-mapping.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#ifdef CONFIG_PARISC
#include <asm/parisc-device.h>
#endif
#include "debug.h"
#include "dma_test_util.h"

#define DMA_LEAK_SIZE	(PAGE_SIZE + 100)

/* What the driver allocates in probe, and whether it frees it in remove. */
struct dma_leak {
	bool pages;
	bool coherent;
	bool managed;
	bool forget;

	struct page *page;
	dma_addr_t page_handle;
	void *vaddr;
	dma_addr_t handle;
};

/* What the case at hand wants of the driver */
static struct dma_leak *dma_leak_plan;

static int dma_leak_alloc(struct device *dev, struct dma_leak *leak)
{
	if (leak->pages)
		leak->page = dma_alloc_pages(dev, DMA_LEAK_SIZE,
					     &leak->page_handle,
					     DMA_FROM_DEVICE, GFP_KERNEL);
	if (leak->coherent)
		leak->vaddr = dma_alloc_coherent(dev, DMA_LEAK_SIZE,
						 &leak->handle, GFP_KERNEL);
	if (leak->managed &&
	    !dmam_alloc_coherent(dev, DMA_LEAK_SIZE, &leak->handle, GFP_KERNEL))
		return -ENOMEM;
	return (leak->pages && !leak->page) || (leak->coherent && !leak->vaddr) ?
		-ENOMEM : 0;
}

static void dma_leak_free(struct device *dev, struct dma_leak *leak)
{
	dma_free_pages(dev, DMA_LEAK_SIZE, leak->page, leak->page_handle,
		       DMA_FROM_DEVICE);
	if (leak->vaddr)
		dma_free_coherent(dev, DMA_LEAK_SIZE, leak->vaddr,
				  leak->handle);
	leak->page = NULL;
	leak->vaddr = NULL;
}

/* The device is there before the case has said what to do. */
static int dma_leak_probe(struct platform_device *pdev)
{
	return dma_leak_plan ? dma_leak_alloc(&pdev->dev, dma_leak_plan) :
		-ENODEV;
}

static int dma_leak_remove(struct platform_device *pdev)
{
	if (!dma_leak_plan->forget)
		dma_leak_free(&pdev->dev, dma_leak_plan);
	return 0;
}

static struct platform_driver dma_leak_driver = {
	.probe	= dma_leak_probe,
	.remove	= dma_leak_remove,
	.driver	= { .name = "dma_leak" },
};

static int dma_leak_init(struct kunit *test)
{
	struct platform_device *pdev;
	int ret;

	/* For the exit, which a failed init does not keep away. */
	test->priv = NULL;
	ret = platform_driver_register(&dma_leak_driver);
	if (ret)
		return ret;
	pdev = platform_device_register_simple("dma_leak", 0, NULL, 0);
	if (IS_ERR(pdev)) {
		platform_driver_unregister(&dma_leak_driver);
		return PTR_ERR(pdev);
	}
	test->priv = &pdev->dev;
	return 0;
}

static void dma_leak_exit(struct kunit *test)
{
	if (!test->priv)
		return;
	platform_device_unregister(to_platform_device(test->priv));
	platform_driver_unregister(&dma_leak_driver);
}

/* The driver comes and goes: how many leaks are reported, in its name? */
static void dma_leak_expect(struct kunit *test, struct dma_leak *leak,
			    unsigned int nr)
{
	struct device *dev = test->priv;

	dma_leak_plan = leak;
	KUNIT_ASSERT_EQ(test, device_attach(dev), 1);

	dma_test_expect_reports(test, nr, "DMA-API");
	dma_test_watch_lines("dma_leak dma_leak.0: device driver has pending");
	device_release_driver(dev);
	KUNIT_EXPECT_EQ(test, dma_test_seen_lines(), nr);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), nr);
	dma_leak_plan = NULL;

	/* Forgotten by the driver, not by us. */
	dma_leak_free(dev, leak);
}

static void dma_leak_pages_forgotten(struct kunit *test)
{
	struct dma_leak leak = { .pages = true, .forget = true };

	dma_leak_expect(test, &leak, 1);
}

static void dma_leak_pages_freed(struct kunit *test)
{
	struct dma_leak leak = { .pages = true };

	dma_leak_expect(test, &leak, 0);
}

static void dma_leak_coherent_forgotten(struct kunit *test)
{
	struct dma_leak leak = { .coherent = true, .forget = true };

	dma_leak_expect(test, &leak, 1);
}

/* However much is leaked, a driver that goes is reported once. */
static void dma_leak_both_forgotten(struct kunit *test)
{
	struct dma_leak leak = {
		.pages = true, .coherent = true, .forget = true,
	};

	dma_leak_expect(test, &leak, 1);
}

/* Managed memory is freed after the driver's remove, and before the check. */
static void dma_leak_managed(struct kunit *test)
{
	struct dma_leak leak = { .pages = true, .managed = true };

	dma_leak_expect(test, &leak, 0);
}

#ifdef CONFIG_PARISC
static struct dma_leak dma_leak_parisc = { .pages = true, .forget = true };

static int dma_leak_parisc_probe(struct parisc_device *pdev)
{
	return dma_leak_alloc(&pdev->dev, &dma_leak_parisc);
}

static const struct parisc_device_id dma_leak_parisc_ids[] = {
	{ HPHW_FAULTY, HVERSION_REV_ANY_ID, HVERSION_ANY_ID, 0xfffff },
	{}
};

static struct parisc_driver dma_leak_parisc_driver = {
	.name		= "dma_leak_parisc",
	.id_table	= dma_leak_parisc_ids,
	.probe		= dma_leak_parisc_probe,
};

static void dma_leak_parisc_release(struct device *dev)
{
}

/* A device that no machine has, on the bus that this one does have. */
static void dma_leak_on_parisc_bus(struct kunit *test)
{
	static struct parisc_device pdev;
	struct device *dev = &pdev.dev;

	memset(&pdev, 0, sizeof(pdev));
	pdev.id.hw_type = HPHW_FAULTY;
	pdev.id.sversion = 0xfffff;
	pdev.dma_mask = DMA_BIT_MASK(32);
	dev->bus = &parisc_bus_type;
	dev->dma_mask = &pdev.dma_mask;
	dev->coherent_dma_mask = DMA_BIT_MASK(32);
	dev->release = dma_leak_parisc_release;
	dev_set_name(dev, "dma_leak");
	KUNIT_ASSERT_EQ(test, register_parisc_driver(&dma_leak_parisc_driver),
			0);
	KUNIT_EXPECT_EQ(test, device_register(dev), 0);
	KUNIT_EXPECT_FALSE(test, IS_ERR_OR_NULL(dma_leak_parisc.page));

	dma_test_expect_reports(test, 1, "DMA-API");
	dma_test_watch_lines("dma_leak_parisc dma_leak: device driver has pending");
	device_release_driver(dev);
	KUNIT_EXPECT_EQ(test, dma_test_seen_lines(), 1u);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);

	dma_leak_free(dev, &dma_leak_parisc);
	device_unregister(dev);
	unregister_parisc_driver(&dma_leak_parisc_driver);
}
#endif

/* Any part of coherent memory is known, wherever it is mapped. */
static void dma_leak_coherent_sync(struct kunit *test)
{
	struct device *dev = test->priv;
	dma_addr_t handle;
	void *vaddr;

	vaddr = dma_alloc_coherent(dev, SZ_16K, &handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vaddr);
	dma_test_expect_reports(test, 0, "DMA-API");
	debug_dma_sync_single_for_cpu(dev, handle, SZ_16K, DMA_FROM_DEVICE);
	debug_dma_sync_single_for_device(dev, handle + SZ_8K, 8,
					 DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
	dma_free_coherent(dev, SZ_16K, vaddr, handle);

	dma_test_expect_reports(test, 1, "DMA-API");
	debug_dma_sync_single_for_cpu(dev, handle, SZ_16K, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);
}

static void dma_leak_coherent_size(struct kunit *test)
{
	struct device *dev = test->priv;
	dma_addr_t handle;
	void *vaddr;

	vaddr = dma_alloc_coherent(dev, SZ_16K, &handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vaddr);
	dma_test_expect_reports(test, 1, "DMA-API");
	debug_dma_free_coherent(dev, SZ_8K, vaddr, handle);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 1u);

	debug_dma_alloc_coherent(dev, SZ_16K, handle, vaddr);
	dma_free_coherent(dev, SZ_16K, vaddr, handle);
}

static struct kunit_case dma_leak_cases[] = {
	KUNIT_CASE(dma_leak_pages_forgotten),
	KUNIT_CASE(dma_leak_pages_freed),
	KUNIT_CASE(dma_leak_coherent_forgotten),
	KUNIT_CASE(dma_leak_both_forgotten),
	KUNIT_CASE(dma_leak_managed),
#ifdef CONFIG_PARISC
	KUNIT_CASE(dma_leak_on_parisc_bus),
#endif
	KUNIT_CASE(dma_leak_coherent_sync),
	KUNIT_CASE(dma_leak_coherent_size),
	{}
};

static struct kunit_suite dma_leak_suite = {
	.name = "dma_debug_leak",
	.init = dma_leak_init,
	.exit = dma_leak_exit,
	.test_cases = dma_leak_cases,
};

kunit_test_suite(dma_leak_suite);
