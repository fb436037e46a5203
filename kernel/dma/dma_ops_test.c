// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for the ->alloc_pages and ->free_pages that tables of DMA
 * operations share.
 *
 * The device has a table of its own here, which records what it is asked for
 * and translates addresses by adding an offset.
 */
#include <linux/dma-map-ops.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include "dma_test_util.h"
#include "test_hooks.h"

#define DMA_TEST_GFP	(GFP_KERNEL | __GFP_NOWARN)

/* Above what a 32 bit mask allows, and nowhere near a physical address. */
#define OPS_BASE	0x123450000000ULL

/* What the table was called with last, how often, and what it is to return. */
static struct {
	unsigned int nr_map, nr_unmap;
	struct page *page;
	unsigned long offset, attrs;
	size_t size, first_dirty;
	enum dma_data_direction dir;
	dma_addr_t addr;
	size_t unmapped_size;
	unsigned long unmap_attrs;
	enum dma_data_direction unmap_dir;
	dma_addr_t unmapped;
} seen;

static dma_addr_t ops_next;

/* Keep what is mapped from being used again when it is freed. */
static bool ops_refer;

static dma_addr_t ops_map_page(struct device *dev, struct page *page,
			       unsigned long offset, size_t size,
			       enum dma_data_direction dir,
			       unsigned long attrs)
{
	seen.nr_map++;
	seen.page = page;
	if (ops_refer)
		get_page(page);
	seen.offset = offset;
	seen.size = size;
	seen.first_dirty = dma_test_first_not(page_address(page), 0, size);
	seen.dir = dir;
	seen.attrs = attrs;
	return ops_next;
}

/* The memory must still be the device's when its window closes. */
static void ops_unmap_page(struct device *dev, dma_addr_t addr, size_t size,
			   enum dma_data_direction dir, unsigned long attrs)
{
	seen.nr_unmap++;
	seen.unmapped = addr;
	seen.unmapped_size = size;
	seen.unmap_dir = dir;
	seen.unmap_attrs = attrs;
	if (page_count(seen.page) != (ops_refer ? 2 : 1))
		seen.nr_unmap = 99;
}

static const struct dma_map_ops ops_recording = {
	.alloc_pages	= dma_common_alloc_pages,
	.free_pages	= dma_common_free_pages,
	.map_page	= ops_map_page,
	.unmap_page	= ops_unmap_page,
};

/* As the table of a backend that has nothing to undo. */
static const struct dma_map_ops ops_without_unmap = {
	.alloc_pages	= dma_common_alloc_pages,
	.free_pages	= dma_common_free_pages,
	.map_page	= ops_map_page,
};

static int dma_ops_init(struct kunit *test)
{
	int err = dma_test_init_device(test);
	struct device *dev;

	if (err)
		return err;
	dev = test->priv;
	dev->coherent_dma_mask = DMA_BIT_MASK(64);
	set_dma_ops(dev, &ops_recording);
	memset(&seen, 0, sizeof(seen));
	ops_next = (dma_addr_t)OPS_BASE;
	ops_refer = false;
	dma_test_hooks = (struct dma_test_hooks) {
		.dev = dev, .cma = dma_test_no_cma,
	};
	return 0;
}

static void dma_ops_exit(struct kunit *test)
{
	dma_test_hooks = (struct dma_test_hooks) { };
	dma_test_exit_device(test);
}

/* Mapped once, whole and cleared; unmapped once, and alike. */
static void dma_ops_map_and_unmap(struct kunit *test)
{
	struct device *dev = test->priv;
	struct page *page;
	dma_addr_t handle;

	page = dma_alloc_pages(dev, SZ_8K, &handle, DMA_FROM_DEVICE,
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	KUNIT_EXPECT_EQ(test, handle, ops_next);
	KUNIT_EXPECT_EQ(test, 1u, seen.nr_map);
	KUNIT_EXPECT_PTR_EQ(test, page, seen.page);
	KUNIT_EXPECT_EQ(test, 0ul, seen.offset);
	KUNIT_EXPECT_EQ(test, (int)DMA_FROM_DEVICE, (int)seen.dir);
	KUNIT_EXPECT_EQ(test, DMA_ATTR_SKIP_CPU_SYNC, seen.attrs);
	KUNIT_EXPECT_EQ(test, 0u, seen.nr_unmap);

	dma_free_pages(dev, SZ_8K, page, handle, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, 1u, seen.nr_unmap);
	KUNIT_EXPECT_EQ(test, handle, seen.unmapped);
	KUNIT_EXPECT_EQ(test, (size_t)PAGE_ALIGN(SZ_8K), seen.unmapped_size);
	KUNIT_EXPECT_EQ(test, (int)DMA_FROM_DEVICE, (int)seen.unmap_dir);
	KUNIT_EXPECT_EQ(test, DMA_ATTR_SKIP_CPU_SYNC, seen.unmap_attrs);
}

/* The table sees whole pages only, whatever the caller asked for. */
static void dma_ops_whole_pages(struct kunit *test)
{
	static const size_t sizes[] = {
		1, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 3 * PAGE_SIZE,
	};
	struct device *dev = test->priv;
	struct page *page;
	dma_addr_t handle;
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		page = dma_alloc_pages(dev, sizes[i], &handle, DMA_TO_DEVICE,
				       GFP_KERNEL);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
		KUNIT_EXPECT_EQ(test, PAGE_ALIGN(sizes[i]), seen.size);
		dma_free_pages(dev, sizes[i], page, handle, DMA_TO_DEVICE);
		KUNIT_EXPECT_EQ(test, PAGE_ALIGN(sizes[i]),
				seen.unmapped_size);
	}
}

/* A device must not see what the previous owner left, not for a moment. */
static void dma_ops_cleared_before_map(struct kunit *test)
{
	struct device *dev = test->priv;
	size_t size = 2 * PAGE_SIZE;
	struct page *page;
	dma_addr_t handle;
	int i;

	for (i = 0; i < 64; i++) {
		page = dma_alloc_pages(dev, size, &handle, DMA_BIDIRECTIONAL,
				       GFP_KERNEL);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
		KUNIT_EXPECT_EQ(test, size, seen.first_dirty);
		memset(page_address(page), 0xff, size);
		dma_free_pages(dev, size, page, handle, DMA_BIDIRECTIONAL);
	}
}

static void dma_ops_refused(struct kunit *test, size_t size)
{
	dma_addr_t handle = 0;

	KUNIT_EXPECT_FALSE(test, !!dma_alloc_pages(test->priv, size, &handle,
						   DMA_TO_DEVICE,
						   DMA_TEST_GFP));
	KUNIT_EXPECT_EQ(test, (dma_addr_t)DMA_MAPPING_ERROR, handle);
}

/* No address left: the pages go back, and nothing is unmapped. */
static void dma_ops_map_fails(struct kunit *test)
{
	ops_next = DMA_MAPPING_ERROR;
	ops_refer = true;
	dma_ops_refused(test, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1u, seen.nr_map);
	KUNIT_EXPECT_EQ(test, 0u, seen.nr_unmap);
	dma_test_expect_freed(test, seen.page);
}

static void dma_ops_noncoherent_map_fails(struct kunit *test)
{
	dma_addr_t handle = 0;

	ops_next = DMA_MAPPING_ERROR;
	ops_refer = true;
	KUNIT_EXPECT_PTR_EQ(test, NULL,
			    dma_alloc_noncoherent(test->priv, PAGE_SIZE,
						  &handle, DMA_TO_DEVICE,
						  DMA_TEST_GFP));
	KUNIT_EXPECT_EQ(test, (dma_addr_t)DMA_MAPPING_ERROR, handle);
	KUNIT_EXPECT_EQ(test, 1u, seen.nr_map);
	KUNIT_EXPECT_EQ(test, 0u, seen.nr_unmap);
	dma_test_expect_freed(test, seen.page);
}

static struct page *ops_no_page(gfp_t gfp, unsigned int order)
{
	return NULL;
}

/* Without memory there is nothing to map. */
static void dma_ops_no_memory(struct kunit *test)
{
	dma_test_hooks.buddy = ops_no_page;
	dma_ops_refused(test, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 0u, seen.nr_map);
	KUNIT_EXPECT_EQ(test, 0u, seen.nr_unmap);
}

/* Map two pages at @addr; they must be given back unless @ok. */
static void dma_ops_try(struct kunit *test, dma_addr_t addr, bool ok)
{
	struct device *dev = test->priv;
	struct page *page;
	dma_addr_t handle;

	memset(&seen, 0, sizeof(seen));
	ops_next = addr;
	ops_refer = true;
	page = dma_alloc_pages(dev, 2 * PAGE_SIZE, &handle, DMA_TO_DEVICE,
			       DMA_TEST_GFP);
	KUNIT_EXPECT_TRUE_MSG(test, ok == !!page, "address %#llx", (u64)addr);
	KUNIT_EXPECT_EQ(test, ok ? addr : (dma_addr_t)DMA_MAPPING_ERROR,
			handle);
	dma_free_pages(dev, 2 * PAGE_SIZE, page, handle, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 1u, seen.nr_unmap);
	KUNIT_EXPECT_EQ(test, addr, seen.unmapped);
	KUNIT_EXPECT_EQ(test, 2 * PAGE_SIZE, seen.unmapped_size);
	dma_test_expect_freed(test, seen.page);
}

/* The last byte counts, and not the streaming mask, be it absent. */
static void dma_ops_coherent_mask(struct kunit *test)
{
	struct device *dev = test->priv;
	u64 *dma_mask = dev->dma_mask, mask = DMA_BIT_MASK(64);

	dev->coherent_dma_mask = DMA_BIT_MASK(31);
	dev->dma_mask = &mask;
	dma_ops_try(test, SZ_2G - 2 * PAGE_SIZE, true);
	dma_ops_try(test, SZ_2G - PAGE_SIZE, false);
	dma_ops_try(test, SZ_2G, false);

	mask = DMA_BIT_MASK(20);
	dma_ops_try(test, SZ_16M, true);

	dev->dma_mask = NULL;
	dma_ops_try(test, SZ_16M, true);
	dma_ops_try(test, SZ_2G, false);
	dev->dma_mask = dma_mask;
}

static void dma_ops_bus_limit(struct kunit *test)
{
	struct device *dev = test->priv;

	dev->bus_dma_limit = SZ_16M - 1;
	dma_ops_try(test, 0, true);
	dma_ops_try(test, SZ_16M - 2 * PAGE_SIZE, true);
	dma_ops_try(test, SZ_16M - PAGE_SIZE, false);
	/* An end that wraps around is no end within the limit. */
	dma_ops_try(test, (dma_addr_t)0 - PAGE_SIZE, false);
	dev->bus_dma_limit = 0;
}

/* Failed and good allocations alike leave as much memory as there was. */
static void dma_ops_no_leak(struct kunit *test)
{
	struct device *dev = test->priv;
	unsigned long before = global_zone_page_state(NR_FREE_PAGES);
	long lost;
	int i;

	dev->coherent_dma_mask = DMA_BIT_MASK(31);
	for (i = 0; i < 64; i++) {
		ops_next = i & 1 ? DMA_MAPPING_ERROR : SZ_2G;
		dma_ops_refused(test, SZ_1M);
	}
	/* What else runs takes and gives pages, too, but not 64 MiB. */
	lost = before - global_zone_page_state(NR_FREE_PAGES);
	KUNIT_EXPECT_LT(test, lost, (long)(SZ_8M / PAGE_SIZE));
}

static void dma_ops_nothing_to_unmap(struct kunit *test)
{
	struct device *dev = test->priv;
	struct page *page;
	dma_addr_t handle;

	ops_refer = true;
	set_dma_ops(dev, &ops_without_unmap);
	page = dma_alloc_pages(dev, PAGE_SIZE, &handle, DMA_TO_DEVICE,
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	dma_free_pages(dev, PAGE_SIZE, page, handle, DMA_TO_DEVICE);
	dma_test_expect_freed(test, seen.page);

	dev->coherent_dma_mask = DMA_BIT_MASK(31);
	ops_next = SZ_2G;
	dma_ops_refused(test, PAGE_SIZE);
	dma_test_expect_freed(test, seen.page);
}

/* Who cannot do DMA gets no memory for it, and no WARN either. */
static void dma_ops_dummy(struct kunit *test)
{
	set_dma_ops(test->priv, &dma_dummy_ops);
	dma_ops_refused(test, PAGE_SIZE);
}

/* The device's address is the kernel's. */
static void dma_ops_virt(struct kunit *test)
{
	struct device *dev = test->priv;
	size_t size = 3 * PAGE_SIZE;
	struct page *page;
	dma_addr_t handle;

	set_dma_ops(dev, &dma_virt_ops);
	page = dma_alloc_pages(dev, size, &handle, DMA_BIDIRECTIONAL,
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	KUNIT_EXPECT_EQ(test, (u64)(uintptr_t)page_address(page), (u64)handle);
	KUNIT_EXPECT_EQ(test, size,
			dma_test_first_not(page_address(page), 0, size));
	dma_sync_single_for_device(dev, handle, size, DMA_BIDIRECTIONAL);
	dma_sync_single_for_cpu(dev, handle + 1, 7, DMA_BIDIRECTIONAL);
	dma_free_pages(dev, size, page, handle, DMA_BIDIRECTIONAL);
}

static struct kunit_case dma_ops_cases[] = {
	KUNIT_CASE(dma_ops_map_and_unmap),
	KUNIT_CASE(dma_ops_whole_pages),
	KUNIT_CASE(dma_ops_cleared_before_map),
	KUNIT_CASE(dma_ops_map_fails),
	KUNIT_CASE(dma_ops_noncoherent_map_fails),
	KUNIT_CASE(dma_ops_no_memory),
	KUNIT_CASE(dma_ops_coherent_mask),
	KUNIT_CASE(dma_ops_bus_limit),
	KUNIT_CASE(dma_ops_no_leak),
	KUNIT_CASE(dma_ops_nothing_to_unmap),
	KUNIT_CASE(dma_ops_dummy),
	KUNIT_CASE(dma_ops_virt),
	{}
};

static struct kunit_suite dma_ops_suite = {
	.name = "dma_ops",
	.init = dma_ops_init,
	.exit = dma_ops_exit,
	.test_cases = dma_ops_cases,
};

kunit_test_suite(dma_ops_suite);
