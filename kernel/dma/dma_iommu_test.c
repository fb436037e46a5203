// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for how dma-iommu maps the memory of dma_alloc_pages() and
 * dma_alloc_noncoherent(): when, with which rights, with which flags for the
 * page tables, and what is left when any step of it fails.
 *
 * It takes a device behind an IOMMU that dma-iommu serves, with a driver, as
 * QEMU's edu device with the driver of its suite.  The IOMMU's ->map is recorded,
 * and fails on demand.  Without such a device the cases pass and say that they
 * tested nothing.
 */
#include <linux/delay.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-test-hook.h>
#include <linux/iommu.h>
#include <linux/iova.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include "dma_test_util.h"
#include "test_hooks.h"

#define DMA_IOMMU_SIZE	(16 * PAGE_SIZE)

struct dma_iommu_call {
	unsigned long iova;
	phys_addr_t phys;
	int prot;
	gfp_t gfp;
	bool cleared;
	/* With a reference of ours, if dma_iommu_refer */
	struct page *page;
};

static struct dma_iommu_call dma_iommu_calls[32];
static unsigned int dma_iommu_nr, dma_iommu_fail;

/* Keep what is mapped from being used again when it is freed. */
static bool dma_iommu_refer;

/* Which step fails, after it has worked so often in an allocation */
static enum dma_test_step dma_iommu_step;
static unsigned int dma_iommu_works, dma_iommu_steps;

static const struct iommu_ops *dma_iommu_real;
static struct iommu_ops dma_iommu_recording;
static u64 dma_iommu_mask;

static unsigned int dma_iommu_nr_calls(void)
{
	return min_t(unsigned int, dma_iommu_nr, ARRAY_SIZE(dma_iommu_calls));
}

/* All but the first page of a block count no references. */
static struct page *dma_iommu_get_page(phys_addr_t phys)
{
	struct page *page = pfn_to_page(PHYS_PFN(phys));

	return dma_iommu_refer && get_page_unless_zero(page) ? page : NULL;
}

static int dma_iommu_map(struct iommu_domain *domain, unsigned long iova,
			 phys_addr_t phys, size_t size, int prot, gfp_t gfp)
{
	unsigned int nr = dma_iommu_nr++;
	size_t first = dma_test_first_not(phys_to_virt(phys), 0, size);

	if (nr < ARRAY_SIZE(dma_iommu_calls))
		dma_iommu_calls[nr] = (struct dma_iommu_call) {
			.iova = iova, .phys = phys, .prot = prot, .gfp = gfp,
			.cleared = first == size,
			.page = dma_iommu_get_page(phys),
		};
	if (dma_iommu_nr == dma_iommu_fail)
		return -ENOMEM;
	return dma_iommu_real->map(domain, iova, phys, size, prot, gfp);
}

static bool dma_iommu_step_fails(enum dma_test_step step)
{
	return step == dma_iommu_step && dma_iommu_steps++ >= dma_iommu_works;
}

static int dma_iommu_serves(struct device *dev, const void *unused)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);

	return dev->driver && domain && domain->type == IOMMU_DOMAIN_DMA &&
		domain->iova_cookie;
}

static int dma_iommu_init(struct kunit *test)
{
	struct device *dev = bus_find_device(&pci_bus_type, NULL, NULL,
					     dma_iommu_serves);
	struct iommu_domain *domain;

	test->priv = dev;
	if (!dev) {
		kunit_info(test, "not tested: no device behind dma-iommu\n");
		return 0;
	}
	dma_iommu_nr = 0;
	dma_iommu_fail = 0;
	dma_iommu_refer = false;
	dma_iommu_mask = dev->coherent_dma_mask;
	domain = iommu_get_domain_for_dev(dev);
	dma_iommu_real = domain->ops;
	dma_iommu_recording = *domain->ops;
	dma_iommu_recording.map = dma_iommu_map;
	domain->ops = &dma_iommu_recording;
	return 0;
}

static void dma_iommu_exit(struct kunit *test)
{
	struct device *dev = test->priv;

	dma_test_fail_hook = NULL;
	dma_test_hooks = (struct dma_test_hooks) { };
	if (!dev)
		return;
	dev->coherent_dma_mask = dma_iommu_mask;
	iommu_get_domain_for_dev(dev)->ops = dma_iommu_real;
	put_device(dev);
}

/* Either kind of memory, so that the cases need no second copy */
struct dma_iommu_mem {
	bool noncoherent;
	void *vaddr;
	dma_addr_t handle;
	size_t size;
	enum dma_data_direction dir;
};

static bool dma_iommu_alloc(struct kunit *test, struct dma_iommu_mem *mem,
			    gfp_t gfp)
{
	struct page *page = NULL;

	dma_iommu_nr = 0;
	dma_iommu_steps = 0;
	mem->handle = 0;
	if (mem->noncoherent) {
		mem->vaddr = dma_alloc_noncoherent(test->priv, mem->size,
						   &mem->handle, mem->dir, gfp);
		return mem->vaddr;
	}
	page = dma_alloc_pages(test->priv, mem->size, &mem->handle, mem->dir,
			       gfp);
	mem->vaddr = page ? page_address(page) : NULL;
	return mem->vaddr;
}

static void dma_iommu_free(struct kunit *test, struct dma_iommu_mem *mem)
{
	if (mem->noncoherent)
		dma_free_noncoherent(test->priv, mem->size, mem->vaddr,
				     mem->handle, mem->dir);
	else
		dma_free_pages(test->priv, mem->size, virt_to_page(mem->vaddr),
			       mem->handle, mem->dir);
}

static struct dma_iommu_mem dma_iommu_kinds[] = {
	{ .size = DMA_IOMMU_SIZE, .dir = DMA_FROM_DEVICE },
	{ .size = DMA_IOMMU_SIZE, .dir = DMA_TO_DEVICE },
	{ .size = DMA_IOMMU_SIZE, .dir = DMA_BIDIRECTIONAL },
	{ .size = DMA_IOMMU_SIZE, .dir = DMA_FROM_DEVICE, .noncoherent = true },
	{ .size = DMA_IOMMU_SIZE, .dir = DMA_TO_DEVICE, .noncoherent = true },
};

#define for_each_dma_iommu_kind(test, mem)				\
	for ((mem) = dma_iommu_kinds;					\
	     (test)->priv &&						\
	     (mem) < dma_iommu_kinds + ARRAY_SIZE(dma_iommu_kinds);	\
	     (mem)++)

/* The device has a window onto zeros only, and as much right as it needs. */
static void dma_iommu_window(struct kunit *test)
{
	static const int prots[] = {
		[DMA_BIDIRECTIONAL] = IOMMU_READ | IOMMU_WRITE,
		[DMA_TO_DEVICE] = IOMMU_READ,
		[DMA_FROM_DEVICE] = IOMMU_WRITE,
	};
	struct dma_iommu_mem *mem;
	unsigned int i, round;

	for_each_dma_iommu_kind(test, mem) {
		for (round = 0; round < 8; round++) {
			KUNIT_ASSERT_TRUE(test, dma_iommu_alloc(test, mem,
								GFP_KERNEL));
			KUNIT_EXPECT_GT(test, dma_iommu_nr, 0u);
			for (i = 0; i < dma_iommu_nr_calls(); i++) {
				KUNIT_EXPECT_TRUE(test,
						  dma_iommu_calls[i].cleared);
				KUNIT_EXPECT_EQ(test, prots[mem->dir],
						dma_iommu_calls[i].prot &
						(IOMMU_READ | IOMMU_WRITE));
			}
			memset(mem->vaddr, 0xff, mem->size);
			dma_iommu_free(test, mem);
		}
	}
}

/* What the page tables were allocated with, as far as it is in @mask. */
static void dma_iommu_expect_gfp(struct kunit *test, gfp_t mask, gfp_t gfp)
{
	unsigned int i;

	KUNIT_EXPECT_GT(test, dma_iommu_nr, 0u);
	for (i = 0; i < dma_iommu_nr_calls(); i++)
		KUNIT_EXPECT_TRUE(test, gfp == (dma_iommu_calls[i].gfp & mask));
}

static void dma_iommu_may_sleep(struct kunit *test)
{
	struct dma_iommu_mem *mem;

	for_each_dma_iommu_kind(test, mem) {
		KUNIT_ASSERT_TRUE(test, dma_iommu_alloc(test, mem, GFP_KERNEL));
		dma_iommu_expect_gfp(test, GFP_KERNEL, GFP_KERNEL);
		dma_iommu_free(test, mem);
	}
}

static void dma_iommu_must_not_sleep(struct kunit *test)
{
	static DEFINE_SPINLOCK(lock);
	struct dma_iommu_mem *mem;
	bool done;

	for_each_dma_iommu_kind(test, mem) {
		spin_lock_irq(&lock);
		done = dma_iommu_alloc(test, mem, GFP_ATOMIC);
		if (done)
			dma_iommu_free(test, mem);
		spin_unlock_irq(&lock);
		KUNIT_EXPECT_TRUE(test, done);
		dma_iommu_expect_gfp(test, __GFP_DIRECT_RECLAIM, 0);
	}
}

/* vmap() has no flags: such memory is linear. */
static void dma_iommu_must_not_start_io(struct kunit *test)
{
	static const struct {
		gfp_t gfp, without;
	} gfps[] = { { GFP_NOIO, __GFP_IO }, { GFP_NOFS, __GFP_FS } };
	struct dma_iommu_mem *mem;
	int i;

	for_each_dma_iommu_kind(test, mem) {
		for (i = 0; i < ARRAY_SIZE(gfps); i++) {
			KUNIT_ASSERT_TRUE(test, dma_iommu_alloc(test, mem,
								gfps[i].gfp));
			dma_iommu_expect_gfp(test, gfps[i].without, 0);
			KUNIT_EXPECT_TRUE(test, virt_addr_valid(mem->vaddr));
			dma_iommu_free(test, mem);
		}
	}
}

/* A mapping has no flags, and may be made in any context. */
static void dma_iommu_mapping(struct kunit *test)
{
	struct device *dev = test->priv;
	dma_addr_t addr;
	void *p;

	if (!dev)
		return;
	p = kzalloc(128, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
	addr = dma_map_single(dev, p, 128, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, dma_mapping_error(dev, addr));
	dma_iommu_expect_gfp(test, __GFP_DIRECT_RECLAIM, 0);
	dma_unmap_single(dev, addr, 128, DMA_TO_DEVICE);
	kfree(p);
}

static void dma_iommu_expect_failure(struct kunit *test,
				     struct dma_iommu_mem *mem)
{
	KUNIT_EXPECT_FALSE(test, dma_iommu_alloc(test, mem,
						 GFP_KERNEL | __GFP_NOWARN));
	KUNIT_EXPECT_EQ(test, (u64)DMA_MAPPING_ERROR, (u64)mem->handle);
}

/* What was mapped before is not, and the pages are free. */
static void dma_iommu_expect_undone(struct kunit *test)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(test->priv);
	struct dma_iommu_call *call = dma_iommu_calls;
	unsigned int i;

	for (i = 0; i < dma_iommu_nr_calls(); i++, call++) {
		KUNIT_EXPECT_EQ(test, 0ULL,
				(u64)iommu_iova_to_phys(domain, call->iova));
		if (call->page)
			dma_test_expect_freed(test, call->page);
	}
}

/* No page for a page table, at the first, a middle and the last piece. */
static void dma_iommu_map_fails(struct kunit *test)
{
	struct dma_iommu_mem *mem;
	unsigned int nr, i;

	dma_test_hooks = (struct dma_test_hooks) {
		.dev = test->priv, .cma = dma_test_no_cma,
	};
	for_each_dma_iommu_kind(test, mem) {
		KUNIT_ASSERT_TRUE(test, dma_iommu_alloc(test, mem, GFP_KERNEL));
		nr = dma_iommu_nr;
		dma_iommu_free(test, mem);
		for (i = 1; i <= nr; i++) {
			dma_iommu_fail = i;
			dma_iommu_refer = true;
			dma_iommu_expect_failure(test, mem);
			dma_iommu_refer = false;
			KUNIT_EXPECT_EQ(test, dma_iommu_nr, i);
			dma_iommu_expect_undone(test);
		}
		dma_iommu_fail = 0;
	}
}

/*
 * Often enough that neither addresses nor pages would last if some got lost,
 * with a device that has 1 MiB of addresses; and no address is given twice
 * afterwards.
 */
static void dma_iommu_fail_often(struct kunit *test, struct dma_iommu_mem *mem)
{
	unsigned long before = global_zone_page_state(NR_FREE_PAGES);
	struct dma_iommu_mem a = *mem, b = *mem;
	struct device *dev = test->priv;
	long lost;
	int i;

	dev->coherent_dma_mask = DMA_BIT_MASK(20);
	for (i = 1; i <= 64; i++) {
		dma_iommu_expect_failure(test, mem);
		/* Without strict flushing addresses come back from a timer. */
		if (i % 8 == 0)
			msleep(2 * IOVA_FQ_TIMEOUT);
	}
	lost = before - global_zone_page_state(NR_FREE_PAGES);
	KUNIT_EXPECT_LT(test, lost, (long)(SZ_1M / PAGE_SIZE));

	dma_iommu_fail = 0;
	dma_test_fail_hook = NULL;
	KUNIT_ASSERT_TRUE(test, dma_iommu_alloc(test, &a, GFP_KERNEL));
	KUNIT_ASSERT_TRUE(test, dma_iommu_alloc(test, &b, GFP_KERNEL));
	KUNIT_EXPECT_GE(test, abs((long)a.handle - (long)b.handle),
			(long)mem->size);
	dma_iommu_free(test, &a);
	dma_iommu_free(test, &b);
}

static void dma_iommu_map_fails_often(struct kunit *test)
{
	struct dma_iommu_mem *mem;

	for_each_dma_iommu_kind(test, mem) {
		dma_iommu_fail = 1;
		dma_iommu_fail_often(test, mem);
	}
}

/* 15 pages are four blocks, at least. */
static void dma_iommu_step_fails_often(struct kunit *test,
				       enum dma_test_step step,
				       unsigned int works)
{
	struct device *dev = test->priv;
	const struct dma_map_ops *ops = dev ? get_dma_ops(dev) : NULL;
	struct dma_iommu_mem mem = {
		.size = 15 * PAGE_SIZE, .dir = DMA_FROM_DEVICE,
		.noncoherent = true,
	};

	if (!ops || !ops->alloc_noncoherent) {
		kunit_info(test, "not tested: no scattered memory\n");
		return;
	}
	dma_iommu_step = step;
	dma_iommu_works = works;
	dma_test_fail_hook = dma_iommu_step_fails;
	dma_iommu_fail_often(test, &mem);
}

static void dma_iommu_array_fails(struct kunit *test)
{
	dma_iommu_step_fails_often(test, DMA_TEST_PAGE_ARRAY, 0);
}

static void dma_iommu_sg_table_fails(struct kunit *test)
{
	dma_iommu_step_fails_often(test, DMA_TEST_SG_TABLE, 0);
}

static void dma_iommu_remap_fails(struct kunit *test)
{
	dma_iommu_step_fails_often(test, DMA_TEST_REMAP, 0);
}

static void dma_iommu_pages_fail(struct kunit *test)
{
	dma_iommu_step_fails_often(test, DMA_TEST_PAGES, 0);
}

/* Some of the pages are there when there is no more. */
static void dma_iommu_later_pages_fail(struct kunit *test)
{
	dma_iommu_step_fails_often(test, DMA_TEST_PAGES, 3);
}

/*
 * No address below the mask, and those that a CPU has cached are no way round
 * it.  What failed is no reason for a larger mask to fail.
 */
static void dma_iommu_no_address(struct kunit *test)
{
	struct dma_iommu_mem large = { .size = SZ_1M, .dir = DMA_TO_DEVICE };
	unsigned long before;
	struct device *dev = test->priv;
	struct dma_iommu_mem *mem;
	int i;

	if (!dev)
		return;
	before = global_zone_page_state(NR_FREE_PAGES);
	for_each_dma_iommu_kind(test, mem) {
		KUNIT_ASSERT_TRUE(test, dma_iommu_alloc(test, mem, GFP_KERNEL));
		dma_iommu_free(test, mem);
	}
	/* Without strict flushing addresses come back from a timer. */
	msleep(2 * IOVA_FQ_TIMEOUT);
	dev->coherent_dma_mask = PAGE_SIZE - 1;
	for_each_dma_iommu_kind(test, mem) {
		for (i = 0; i < 32; i++) {
			dma_iommu_expect_failure(test, mem);
			KUNIT_EXPECT_EQ(test, dma_iommu_nr, 0u);
		}
	}
	KUNIT_EXPECT_LT(test,
			(long)(before - global_zone_page_state(NR_FREE_PAGES)),
			(long)(SZ_1M / PAGE_SIZE));
	dev->coherent_dma_mask = dma_iommu_mask;
	KUNIT_ASSERT_TRUE(test, dma_iommu_alloc(test, &large, GFP_KERNEL));
	dma_iommu_free(test, &large);
}

static struct kunit_case dma_iommu_cases[] = {
	KUNIT_CASE(dma_iommu_window),
	KUNIT_CASE(dma_iommu_may_sleep),
	KUNIT_CASE(dma_iommu_must_not_sleep),
	KUNIT_CASE(dma_iommu_must_not_start_io),
	KUNIT_CASE(dma_iommu_mapping),
	KUNIT_CASE(dma_iommu_map_fails),
	KUNIT_CASE(dma_iommu_map_fails_often),
	KUNIT_CASE(dma_iommu_array_fails),
	KUNIT_CASE(dma_iommu_pages_fail),
	KUNIT_CASE(dma_iommu_later_pages_fail),
	KUNIT_CASE(dma_iommu_sg_table_fails),
	KUNIT_CASE(dma_iommu_remap_fails),
	KUNIT_CASE(dma_iommu_no_address),
	{}
};

static struct kunit_suite dma_iommu_suite = {
	.name = "dma_iommu",
	.init = dma_iommu_init,
	.exit = dma_iommu_exit,
	.test_cases = dma_iommu_cases,
};

kunit_test_suite(dma_iommu_suite);
