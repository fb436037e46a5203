// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for where the memory of dma_alloc_pages() is from, and for who
 * clears it: the page allocator with init_on_alloc=1, if it is from there, and
 * dma_alloc_pages() itself if not.
 *
 * The page allocator and CMA are replaced by what the case has ready.  Memory
 * that should be cleared already, and is not, tells whether it is cleared again.
 */
#include <linux/dma-direct.h>
#include <linux/mm.h>
#include "dma_test_util.h"
#include "test_hooks.h"

#define DMA_ZERO_ORDER	1
#define DMA_ZERO_SIZE	(PAGE_SIZE << DMA_ZERO_ORDER)

/* What is handed out, in this order, and with which flags it was asked for */
static struct page *dma_zero_cma_page;
static struct page *dma_zero_pages[4];
static gfp_t dma_zero_gfps[4];
static unsigned int dma_zero_nr;

static struct page *dma_zero_cma(size_t size, gfp_t gfp)
{
	return dma_zero_cma_page;
}

static struct page *dma_zero_buddy(gfp_t gfp, unsigned int order)
{
	unsigned int nr = dma_zero_nr++;

	if (nr >= ARRAY_SIZE(dma_zero_pages))
		return NULL;
	dma_zero_gfps[nr] = gfp;
	return dma_zero_pages[nr];
}

static int dma_zero_init(struct kunit *test)
{
	int ret = dma_test_init_device(test);

	if (ret)
		return ret;
	dma_zero_cma_page = NULL;
	memset(dma_zero_pages, 0, sizeof(dma_zero_pages));
	dma_zero_nr = 0;
	dma_test_hooks = (struct dma_test_hooks) {
		.dev = test->priv, .cma = dma_zero_cma, .buddy = dma_zero_buddy,
	};
	return 0;
}

static void dma_zero_exit(struct kunit *test)
{
	dma_test_hooks = (struct dma_test_hooks) { };
	dma_test_exit_device(test);
}

static struct page *dma_zero_dirty_page(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL, DMA_ZERO_ORDER);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	memset(page_address(page), 0xa5, DMA_ZERO_SIZE);
	return page;
}

static void dma_zero_expect(struct kunit *test, struct page *expected, u8 c)
{
	struct device *dev = test->priv;
	struct page *page;
	dma_addr_t handle;

	page = dma_alloc_pages(dev, DMA_ZERO_SIZE, &handle, DMA_BIDIRECTIONAL,
			       GFP_KERNEL);
	KUNIT_ASSERT_PTR_EQ(test, page, expected);
	KUNIT_EXPECT_EQ(test, (size_t)DMA_ZERO_SIZE,
			dma_test_first_not(page_address(page), c,
					   DMA_ZERO_SIZE));
	KUNIT_EXPECT_EQ(test, (u64)dma_to_phys(dev, handle),
			(u64)page_to_phys(page));
	get_page(page);
	dma_free_pages(dev, DMA_ZERO_SIZE, page, handle, DMA_BIDIRECTIONAL);
	dma_test_expect_freed(test, page);
}

/* What is left of the dirt: all of it where the page allocator clears unasked. */
static u8 dma_zero_rest(void)
{
	return want_init_on_alloc(0) || want_init_on_free() ? 0xa5 : 0;
}

/* The page allocator is not asked to clear, and nobody does so after it did. */
static void dma_zero_from_buddy(struct kunit *test)
{
	dma_zero_pages[0] = dma_zero_dirty_page(test);
	dma_zero_expect(test, dma_zero_pages[0], dma_zero_rest());
	KUNIT_EXPECT_EQ(test, dma_zero_nr, 1u);
	KUNIT_EXPECT_FALSE(test, dma_zero_gfps[0] & __GFP_ZERO);
}

/* CMA never clears, not even when asked to. */
static void dma_zero_from_cma(struct kunit *test)
{
	dma_zero_cma_page = dma_zero_dirty_page(test);
	dma_zero_expect(test, dma_zero_cma_page, 0);
	KUNIT_EXPECT_EQ(test, dma_zero_nr, 0u);
}

/* CMA starts I/O, not asking whether it may. */
static void dma_zero_without_io(struct kunit *test)
{
	static const gfp_t gfps[] = { GFP_NOIO, GFP_NOFS, GFP_ATOMIC };
	struct device *dev = test->priv;
	unsigned int i;

	dma_zero_cma_page = dma_zero_dirty_page(test);
	for (i = 0; i < ARRAY_SIZE(gfps); i++) {
		struct page *page;
		dma_addr_t handle;

		dma_zero_nr = 0;
		dma_zero_pages[0] = dma_zero_dirty_page(test);
		page = dma_alloc_pages(dev, DMA_ZERO_SIZE, &handle,
				       DMA_BIDIRECTIONAL, gfps[i]);
		KUNIT_ASSERT_PTR_EQ(test, page, dma_zero_pages[0]);
		dma_free_pages(dev, DMA_ZERO_SIZE, page, handle,
			       DMA_BIDIRECTIONAL);
	}
	__free_pages(dma_zero_cma_page, DMA_ZERO_ORDER);
}

static int dma_zero_decrypt(unsigned long addr, int numpages)
{
	memset((void *)addr, 0x5a, numpages * PAGE_SIZE);
	return 0;
}

static int dma_zero_encrypt(unsigned long addr, int numpages)
{
	return 0;
}

/* Clearing before the memory is decrypted is a waste. */
static void dma_zero_decrypted(struct kunit *test)
{
	dma_test_hooks.decrypt = dma_zero_decrypt;
	dma_test_hooks.encrypt = dma_zero_encrypt;
	dma_zero_pages[0] = dma_zero_dirty_page(test);
	dma_zero_expect(test, dma_zero_pages[0], 0);
	KUNIT_EXPECT_FALSE(test, dma_zero_gfps[0] & __GFP_ZERO);
}

/*
 * Two pages, and a device that reaches the lower one only.  A reference to the
 * other keeps it from being used again when it is freed.
 */
static void dma_zero_two_pages(struct kunit *test, struct page **low,
			       struct page **high)
{
	struct device *dev = test->priv;

	*low = dma_zero_dirty_page(test);
	*high = dma_zero_dirty_page(test);
	if (page_to_phys(*low) > page_to_phys(*high))
		swap(*low, *high);
	dev->coherent_dma_mask = phys_to_dma(dev, page_to_phys(*low)) +
		DMA_ZERO_SIZE - 1;
}

/* A CMA area out of reach is no reason to fail. */
static void dma_zero_cma_out_of_reach(struct kunit *test)
{
	struct page *high;

	dma_zero_two_pages(test, &dma_zero_pages[0], &high);
	dma_zero_cma_page = high;
	get_page(high);
	dma_zero_expect(test, dma_zero_pages[0], dma_zero_rest());
	KUNIT_EXPECT_EQ(test, page_count(high), 1);
	__free_page(high);
}

/* What the lower zone has is out of reach, too, by one byte: all goes back. */
static void dma_zero_no_zone(struct kunit *test)
{
	struct page *low, *high, *page;
	struct device *dev = test->priv;
	dma_addr_t handle;

	dma_zero_two_pages(test, &low, &high);
	dev->coherent_dma_mask--;
	dma_zero_pages[0] = high;
	dma_zero_pages[1] = low;
	dma_zero_nr = 0;
	get_page(low);
	get_page(high);
	page = dma_alloc_pages(dev, DMA_ZERO_SIZE, &handle, DMA_TO_DEVICE,
			       GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, page, (struct page *)NULL);
	KUNIT_EXPECT_TRUE(test, handle == DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(test, dma_zero_nr, 2u);
	KUNIT_EXPECT_EQ(test, page_count(low), 1);
	KUNIT_EXPECT_EQ(test, page_count(high), 1);
	__free_page(low);
	__free_page(high);
}

/*
 * What the first zone has is out of reach: it goes back, and the next lower
 * zone is tried, if there is one.
 */
static void dma_zero_next_zone(struct kunit *test)
{
	struct page *low, *high, *page;
	struct device *dev = test->priv;
	dma_addr_t handle;

	dma_zero_two_pages(test, &low, &high);
	dma_zero_pages[0] = high;
	dma_zero_pages[1] = low;
	get_page(high);
	page = dma_alloc_pages(dev, DMA_ZERO_SIZE, &handle, DMA_TO_DEVICE,
			       GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, page_count(high), 1);
	__free_page(high);
	if (!IS_ENABLED(CONFIG_ZONE_DMA) || (dma_zero_gfps[0] & GFP_DMA)) {
		kunit_info(test, "no lower zone here\n");
		KUNIT_EXPECT_PTR_EQ(test, page, (struct page *)NULL);
		KUNIT_EXPECT_EQ(test, dma_zero_nr, 1u);
		__free_pages(low, DMA_ZERO_ORDER);
		return;
	}
	KUNIT_EXPECT_PTR_EQ(test, page, low);
	KUNIT_EXPECT_EQ(test, dma_zero_nr, 2u);
	KUNIT_EXPECT_TRUE(test, (dma_zero_gfps[1] & (GFP_DMA | __GFP_ZERO)) ==
				GFP_DMA);
	dma_free_pages(dev, DMA_ZERO_SIZE, page, handle, DMA_TO_DEVICE);
	dma_zero_no_zone(test);
}

/* From a mask above 4 GiB down, what each zone has is out of reach but the last. */
static void dma_zero_each_zone(struct kunit *test)
{
	static const gfp_t zones[] = { 0, GFP_DMA32, GFP_DMA };
	const unsigned int nr = IS_ENABLED(CONFIG_ZONE_DMA) ? 3 : 2;
	struct bus_dma_region map[3] = { };
	struct device *dev = test->priv;
	struct page *page;
	dma_addr_t handle;
	unsigned int i;

	if (!IS_ENABLED(CONFIG_ZONE_DMA32) ||
	    IS_ENABLED(CONFIG_ARCH_HAS_PHYS_TO_DMA)) {
		kunit_info(test, "no such zones or addresses here\n");
		return;
	}
	for (i = 0; i < nr; i++) {
		dma_zero_pages[i] = dma_zero_dirty_page(test);
		if (i < nr - 1)
			get_page(dma_zero_pages[i]);
	}
	/* The bus has the last of the pages, and what no machine has. */
	map[0].cpu_start = page_to_phys(dma_zero_pages[nr - 1]);
	map[0].dma_start = map[0].cpu_start;
	map[0].size = DMA_ZERO_SIZE;
	map[1].cpu_start = (phys_addr_t)BIT_ULL(45);
	map[1].dma_start = map[1].cpu_start;
	map[1].size = map[1].cpu_start;
	dev->dma_range_map = map;
	dev->coherent_dma_mask = DMA_BIT_MASK(46);

	page = dma_alloc_pages(dev, DMA_ZERO_SIZE, &handle, DMA_TO_DEVICE,
			       GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, page, dma_zero_pages[nr - 1]);
	dma_free_pages(dev, DMA_ZERO_SIZE, page, handle, DMA_TO_DEVICE);
	dev->dma_range_map = NULL;

	KUNIT_EXPECT_EQ(test, dma_zero_nr, nr);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_TRUE(test, (dma_zero_gfps[i] & GFP_ZONEMASK) ==
					zones[i]);
	for (i = 0; i < nr - 1; i++) {
		KUNIT_EXPECT_EQ(test, page_count(dma_zero_pages[i]), 1);
		__free_page(dma_zero_pages[i]);
	}
}

/* A method asks for a zone: the mask does not add another, and CMA is no zone. */
static void dma_zero_one_zone(struct kunit *test)
{
	struct device *dev = test->priv;
	struct page *page;
	dma_addr_t handle;

	dma_zero_cma_page = dma_zero_dirty_page(test);
	dma_zero_pages[0] = dma_zero_dirty_page(test);
	dev->coherent_dma_mask = DMA_BIT_MASK(32) |
		(phys_to_dma(dev, page_to_phys(dma_zero_pages[0])) +
		 DMA_ZERO_SIZE - 1);

	page = dma_direct_alloc_pages(dev, DMA_ZERO_SIZE, &handle,
				      DMA_TO_DEVICE, GFP_KERNEL | GFP_DMA);
	KUNIT_ASSERT_PTR_EQ(test, page, dma_zero_pages[0]);
	KUNIT_EXPECT_TRUE(test, (dma_zero_gfps[0] & GFP_ZONEMASK) == GFP_DMA);
	dma_direct_free_pages(dev, DMA_ZERO_SIZE, page, handle, DMA_TO_DEVICE);
	__free_pages(dma_zero_cma_page, DMA_ZERO_ORDER);
}

/* Nobody has memory. */
static void dma_zero_no_memory(struct kunit *test)
{
	dma_addr_t handle = 0;

	KUNIT_EXPECT_PTR_EQ(test, (struct page *)NULL,
			    dma_alloc_pages(test->priv, DMA_ZERO_SIZE, &handle,
					    DMA_TO_DEVICE, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, (u64)handle, (u64)DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(test, dma_zero_nr, 1u);
}

static void dma_zero_no_noncoherent_memory(struct kunit *test)
{
	dma_addr_t handle = 0;

	KUNIT_EXPECT_PTR_EQ(test, NULL,
			    dma_alloc_noncoherent(test->priv, DMA_ZERO_SIZE,
						  &handle, DMA_TO_DEVICE,
						  GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, (u64)handle, (u64)DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(test, dma_zero_nr, 1u);
}

static struct kunit_case dma_zero_cases[] = {
	KUNIT_CASE(dma_zero_from_buddy),
	KUNIT_CASE(dma_zero_from_cma),
	KUNIT_CASE(dma_zero_without_io),
	KUNIT_CASE(dma_zero_decrypted),
	KUNIT_CASE(dma_zero_cma_out_of_reach),
	KUNIT_CASE(dma_zero_next_zone),
	KUNIT_CASE(dma_zero_each_zone),
	KUNIT_CASE(dma_zero_one_zone),
	KUNIT_CASE(dma_zero_no_memory),
	KUNIT_CASE(dma_zero_no_noncoherent_memory),
	{}
};

static struct kunit_suite dma_zero_suite = {
	.name = "dma_zero",
	.init = dma_zero_init,
	.exit = dma_zero_exit,
	.test_cases = dma_zero_cases,
};

kunit_test_suite(dma_zero_suite);
