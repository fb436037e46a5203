// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for how an atomic pool grows, and for what is left when it cannot:
 * nothing, whichever step fails, and whoever the memory is from.
 *
 * The pool is one of the test's own.
 */
#include <linux/dma-map-ops.h>
#include <linux/dma-test-hook.h>
#include <linux/genalloc.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>
#include "dma_test_util.h"
#include "test_hooks.h"

#define DMA_POOL_SIZE	SZ_128K
#define DMA_POOL_PAGES	(DMA_POOL_SIZE / PAGE_SIZE)
#define DMA_POOL_LEAK	"bytes of pool memory that cannot be encrypted again"

/* Which steps fail, for whom, and which were taken */
static unsigned long dma_pool_failing, dma_pool_taken;
static struct task_struct *dma_pool_task;

static bool dma_pool_fails(enum dma_test_step step)
{
	if (current != dma_pool_task)
		return false;
	dma_pool_taken |= BIT(step);
	return dma_pool_failing & BIT(step);
}

static int dma_pool_init(struct kunit *test)
{
	struct gen_pool *pool = gen_pool_create(PAGE_SHIFT, NUMA_NO_NODE);

	test->priv = pool;
	if (!pool)
		return -ENOMEM;
	dma_pool_failing = 0;
	dma_pool_taken = 0;
	dma_pool_task = current;
	dma_test_fail_hook = dma_pool_fails;
	return 0;
}

static void dma_pool_exit(struct kunit *test)
{
	dma_test_fail_hook = NULL;
	if (test->priv)
		gen_pool_destroy(test->priv);
}

/* Where CMA begins to have room, which tells what is left allocated there. */
static struct page *dma_pool_next_of_cma(void)
{
	struct page *page = dma_alloc_from_contiguous(NULL, DMA_POOL_PAGES,
						      get_order(DMA_POOL_SIZE),
						      true);

	if (page)
		dma_release_from_contiguous(NULL, page, DMA_POOL_PAGES);
	return page;
}

static int dma_pool_grow(struct kunit *test)
{
	return dma_pool_expand(test->priv, DMA_POOL_SIZE, GFP_KERNEL);
}

static void dma_pool_give_back(struct gen_pool *pool,
			       struct gen_pool_chunk *chunk, void *data)
{
	struct page *page = pfn_to_page(PHYS_PFN(chunk->phys_addr));
	void *addr = (void *)chunk->start_addr;

	if (IS_ENABLED(CONFIG_DMA_DIRECT_REMAP) && is_vmalloc_addr(addr))
		dma_common_free_remap(addr, DMA_POOL_SIZE);
	if (!dma_release_from_contiguous(NULL, page, DMA_POOL_PAGES))
		__free_pages(page, get_order(DMA_POOL_SIZE));
	*(unsigned int *)data += 1;
}

/* No step fails: all of the memory is in the pool, from CMA if there is one. */
static void dma_pool_grows(struct kunit *test)
{
	struct page *next = dma_pool_next_of_cma();
	struct gen_pool *pool = test->priv;
	unsigned int nr = 0;

	if (!next)
		kunit_info(test, "no CMA here\n");
	KUNIT_EXPECT_EQ(test, 0, dma_pool_grow(test));
	KUNIT_EXPECT_EQ(test, gen_pool_size(pool), (size_t)DMA_POOL_SIZE);
	KUNIT_EXPECT_EQ(test, gen_pool_avail(pool), (size_t)DMA_POOL_SIZE);
	KUNIT_EXPECT_TRUE(test, dma_pool_taken & BIT(DMA_TEST_POOL_DECRYPT));
	KUNIT_EXPECT_TRUE(test, dma_pool_taken & BIT(DMA_TEST_POOL_ADD));
	KUNIT_EXPECT_FALSE(test, dma_pool_taken & BIT(DMA_TEST_POOL_ENCRYPT));
	if (next)
		KUNIT_EXPECT_PTR_NE(test, next, dma_pool_next_of_cma());
	gen_pool_for_each_chunk(pool, dma_pool_give_back, &nr);
	KUNIT_EXPECT_EQ(test, nr, 1u);
	KUNIT_EXPECT_PTR_EQ(test, next, dma_pool_next_of_cma());
}

/* Often enough that CMA, or the page allocator, would show what is missing. */
static void dma_pool_fail_often(struct kunit *test, int err)
{
	unsigned long before = global_zone_page_state(NR_FREE_PAGES);
	struct page *next = dma_pool_next_of_cma();
	struct gen_pool *pool = test->priv;
	long lost;
	int i;

	for (i = 0; i < 64; i++) {
		KUNIT_EXPECT_EQ(test, err, dma_pool_grow(test));
		KUNIT_EXPECT_EQ(test, gen_pool_size(pool), (size_t)0);
		KUNIT_EXPECT_PTR_EQ(test, next, dma_pool_next_of_cma());
	}
	/* What else runs takes and gives pages, too, but not 8 MiB. */
	lost = before - global_zone_page_state(NR_FREE_PAGES);
	KUNIT_EXPECT_LT(test, lost, (long)(SZ_2M / PAGE_SIZE));
}

static void dma_pool_remap_fails(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_DMA_DIRECT_REMAP)) {
		kunit_info(test, "not tested: pools have no alias here\n");
		return;
	}
	dma_pool_failing = BIT(DMA_TEST_REMAP);
	dma_pool_fail_often(test, -ENOMEM);
	KUNIT_EXPECT_EQ(test, dma_pool_taken, BIT(DMA_TEST_REMAP));
}

/* Half of the memory may be decrypted: all of it is encrypted first. */
static void dma_pool_decrypt_fails(struct kunit *test)
{
	dma_pool_failing = BIT(DMA_TEST_POOL_DECRYPT);
	dma_pool_fail_often(test, -EIO);
	KUNIT_EXPECT_TRUE(test, dma_pool_taken & BIT(DMA_TEST_POOL_ENCRYPT));
	KUNIT_EXPECT_FALSE(test, dma_pool_taken & BIT(DMA_TEST_POOL_ADD));
}

/* What is undone works, and does not hide that the rest did not. */
static void dma_pool_add_fails(struct kunit *test)
{
	dma_pool_failing = BIT(DMA_TEST_POOL_ADD);
	dma_pool_fail_often(test, -ENOMEM);
	KUNIT_EXPECT_TRUE(test, dma_pool_taken & BIT(DMA_TEST_POOL_ENCRYPT));
}

/* The memory is lost, once for each time, and said to be. */
static void dma_pool_leaks(struct kunit *test, enum dma_test_step step, int err)
{
	struct page *next = dma_pool_next_of_cma();

	dma_pool_failing = BIT(step) | BIT(DMA_TEST_POOL_ENCRYPT);
	dma_test_expect_reports(test, 0, "WARNING");
	dma_test_watch_lines(DMA_POOL_LEAK);
	KUNIT_EXPECT_EQ(test, err, dma_pool_grow(test));
	KUNIT_EXPECT_EQ(test, dma_test_seen_lines(), 1u);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
	if (!next)
		return;
	/* Not freed: it is ours now. */
	KUNIT_ASSERT_PTR_NE(test, next, dma_pool_next_of_cma());
	dma_release_from_contiguous(NULL, next, DMA_POOL_PAGES);
}

static void dma_pool_decrypt_and_encrypt_fail(struct kunit *test)
{
	dma_pool_leaks(test, DMA_TEST_POOL_DECRYPT, -EIO);
}

static void dma_pool_add_and_encrypt_fail(struct kunit *test)
{
	dma_pool_leaks(test, DMA_TEST_POOL_ADD, -ENOMEM);
}

static struct kunit_case dma_pool_cases[] = {
	KUNIT_CASE(dma_pool_grows),
	KUNIT_CASE(dma_pool_remap_fails),
	KUNIT_CASE(dma_pool_decrypt_fails),
	KUNIT_CASE(dma_pool_add_fails),
	KUNIT_CASE(dma_pool_decrypt_and_encrypt_fail),
	KUNIT_CASE(dma_pool_add_and_encrypt_fail),
	{}
};

static struct kunit_suite dma_pool_suite = {
	.name = "dma_pool",
	.init = dma_pool_init,
	.exit = dma_pool_exit,
	.test_cases = dma_pool_cases,
};

kunit_test_suite(dma_pool_suite);
