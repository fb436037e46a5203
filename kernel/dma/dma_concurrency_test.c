// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for several CPUs that allocate, sync and free at once: each finds
 * in its memory what it wrote there, and dma-debug keeps the books right.
 */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/dma-mapping.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include "dma_test_util.h"
#include "test_hooks.h"

#define DMA_CONC_THREADS	4
#define DMA_CONC_JIFFIES	(HZ / 2)

struct dma_conc {
	struct device *dev;
	struct task_struct *task;
	gfp_t gfp;
	u8 mark;
	unsigned long until;
	struct completion begun;

	unsigned int rounds;
	unsigned int failed;
	unsigned int damaged;
};

static bool dma_conc_filled(const void *addr, u8 c, size_t size)
{
	return dma_test_first_not(addr, c, size) == size;
}

static void dma_conc_round(struct dma_conc *c)
{
	size_t size = ((c->rounds & 3) + 1) * PAGE_SIZE - c->mark;
	struct page *page;
	dma_addr_t handle;
	void *addr;

	page = dma_alloc_pages(c->dev, size, &handle, DMA_BIDIRECTIONAL,
			       c->gfp);
	if (!page) {
		c->failed++;
		return;
	}
	addr = page_address(page);
	if (!dma_conc_filled(addr, 0, PAGE_ALIGN(size)))
		c->damaged++;
	memset(addr, c->mark, size);
	dma_sync_single_for_device(c->dev, handle, size, DMA_BIDIRECTIONAL);
	cond_resched();
	dma_sync_single_for_cpu(c->dev, handle + size / 2, size - size / 2,
				DMA_BIDIRECTIONAL);
	if (!dma_conc_filled(addr, c->mark, size))
		c->damaged++;
	dma_free_pages(c->dev, size, page, handle, DMA_BIDIRECTIONAL);
	c->rounds++;
}

static int dma_conc_thread(void *data)
{
	struct dma_conc *c = data;

	/* Once however late it is; who is stopped before would not be here. */
	dma_conc_round(c);
	complete(&c->begun);
	while (!kthread_should_stop()) {
		if (time_before(jiffies, c->until)) {
			dma_conc_round(c);
			cond_resched();
		} else {
			schedule_timeout_interruptible(1);
		}
	}
	return 0;
}

/* Half a second of it, on as many CPUs as there are */
static void dma_conc_run(struct kunit *test, gfp_t gfp)
{
	struct dma_conc *threads, *c;
	unsigned int rounds = 0;
	int i;

	threads = kunit_kzalloc(test, DMA_CONC_THREADS * sizeof(*threads),
				GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, threads);
	for (i = 0; i < DMA_CONC_THREADS; i++) {
		c = &threads[i];
		c->dev = test->priv;
		c->gfp = gfp;
		c->mark = i + 1;
		c->until = jiffies + DMA_CONC_JIFFIES;
		init_completion(&c->begun);
		c->task = kthread_run(dma_conc_thread, c, "dma_conc/%d", i);
	}
	schedule_timeout_uninterruptible(DMA_CONC_JIFFIES);
	for (i = 0; i < DMA_CONC_THREADS; i++) {
		c = &threads[i];
		KUNIT_EXPECT_FALSE(test, IS_ERR(c->task));
		if (IS_ERR(c->task))
			continue;
		wait_for_completion(&c->begun);
		kthread_stop(c->task);
		KUNIT_EXPECT_GT(test, c->rounds, 0u);
		KUNIT_EXPECT_EQ(test, c->failed, 0u);
		KUNIT_EXPECT_EQ(test, c->damaged, 0u);
		rounds += c->rounds;
	}
	kunit_info(test, "%u rounds on %u CPUs\n", rounds, num_online_cpus());
}

static void dma_conc_blocking(struct kunit *test)
{
	dma_test_expect_reports(test, 0, "DMA-API");
	dma_conc_run(test, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
}

static void dma_conc_atomic(struct kunit *test)
{
	dma_test_expect_reports(test, 0, "DMA-API");
	dma_conc_run(test, GFP_ATOMIC);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
}

#ifdef CONFIG_DMA_COHERENT_POOL
static int dma_conc_set_memory(unsigned long addr, int numpages)
{
	return 0;
}

/* Four times four pages fit into the smallest pool. */
static void dma_conc_pool(struct kunit *test)
{
	size_t before = dma_pools_used();

	dma_test_hooks = (struct dma_test_hooks) {
		.dev = test->priv,
		.decrypt = dma_conc_set_memory,
		.encrypt = dma_conc_set_memory,
	};
	dma_conc_atomic(test);
	dma_test_hooks = (struct dma_test_hooks) { };
	KUNIT_EXPECT_EQ(test, dma_pools_used(), before);
}
#endif

static struct kunit_case dma_conc_cases[] = {
	KUNIT_CASE(dma_conc_blocking),
	KUNIT_CASE(dma_conc_atomic),
#ifdef CONFIG_DMA_COHERENT_POOL
	KUNIT_CASE(dma_conc_pool),
#endif
	{}
};

static struct kunit_suite dma_conc_suite = {
	.name = "dma_concurrency",
	.init = dma_test_init_device,
	.exit = dma_test_exit_device,
	.test_cases = dma_conc_cases,
};

kunit_test_suite(dma_conc_suite);
