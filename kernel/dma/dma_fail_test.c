// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for memory that has to be decrypted for the device, and for what
 * becomes of it when that fails: no machine of QEMU has memory encryption, and
 * none could be told to fail.
 */
#include <linux/dma-direct.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include "dma_test_util.h"
#include "test_hooks.h"

/* Five pages: a number that rounding to a power of two would change. */
#define DMA_FAIL_PAGES	5
#define DMA_FAIL_SIZE	(DMA_FAIL_PAGES * PAGE_SIZE - 100)
#define DMA_FAIL_LEAK	"bytes of DMA memory that cannot be encrypted again"

/* One call each is remembered, and how many there were. */
struct dma_fail_call {
	unsigned int nr;
	unsigned long addr;
	int numpages;
	int ret;
};

static struct dma_fail_call dma_fail_decrypts, dma_fail_encrypts;

static int dma_fail_call(struct dma_fail_call *call, unsigned long addr,
			 int numpages)
{
	call->nr++;
	call->addr = addr;
	call->numpages = numpages;
	return call->ret;
}

/* What was in the memory is something else afterwards. */
static int dma_fail_decrypt(unsigned long addr, int numpages)
{
	memset((void *)addr, 0x5a, numpages * PAGE_SIZE);
	return dma_fail_call(&dma_fail_decrypts, addr, numpages);
}

/* Comes before the memory is freed: a reference keeps others from using it. */
static int dma_fail_encrypt(unsigned long addr, int numpages)
{
	get_page(virt_to_page(addr));
	return dma_fail_call(&dma_fail_encrypts, addr, numpages);
}

static int dma_fail_init(struct kunit *test)
{
	int ret = dma_test_init_device(test);

	if (ret)
		return ret;
	memset(&dma_fail_decrypts, 0, sizeof(dma_fail_decrypts));
	memset(&dma_fail_encrypts, 0, sizeof(dma_fail_encrypts));
	dma_test_hooks = (struct dma_test_hooks) {
		.dev = test->priv,
		.cma = dma_test_no_cma,
		.decrypt = dma_fail_decrypt,
		.encrypt = dma_fail_encrypt,
	};
	return 0;
}

static void dma_fail_exit(struct kunit *test)
{
	dma_test_hooks = (struct dma_test_hooks) { };
	dma_test_exit_device(test);
}

static struct page *dma_fail_alloc(struct kunit *test, dma_addr_t *handle)
{
	return dma_alloc_pages(test->priv, DMA_FAIL_SIZE, handle,
			       DMA_BIDIRECTIONAL, GFP_KERNEL);
}

static void dma_fail_free(struct kunit *test, struct page *page,
			  dma_addr_t handle)
{
	dma_free_pages(test->priv, DMA_FAIL_SIZE, page, handle,
		       DMA_BIDIRECTIONAL);
}

static void dma_fail_expect_call(struct kunit *test,
				 struct dma_fail_call *call, void *addr)
{
	KUNIT_EXPECT_EQ(test, call->nr, 1u);
	KUNIT_EXPECT_PTR_EQ(test, (void *)call->addr, addr);
	KUNIT_EXPECT_EQ(test, call->numpages, DMA_FAIL_PAGES);
}

/* All of it is decrypted, then cleared, and the same is encrypted again. */
static void dma_fail_not(struct kunit *test)
{
	struct page *page;
	dma_addr_t handle;
	void *addr;

	page = dma_fail_alloc(test, &handle);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	addr = page_address(page);
	dma_fail_expect_call(test, &dma_fail_decrypts, addr);
	KUNIT_EXPECT_EQ(test, dma_fail_encrypts.nr, 0u);
	KUNIT_EXPECT_EQ(test, (size_t)(DMA_FAIL_PAGES * PAGE_SIZE),
			dma_test_first_not(addr, 0,
					   DMA_FAIL_PAGES * PAGE_SIZE));

	dma_fail_free(test, page, handle);
	dma_fail_expect_call(test, &dma_fail_encrypts, addr);
	KUNIT_EXPECT_EQ(test, dma_fail_decrypts.nr, 1u);
	dma_test_expect_freed(test, page);
}

/* An allocation that fails, and what it did with the memory it had */
static struct page *dma_fail_decrypt_fails(struct kunit *test)
{
	dma_addr_t handle = 0;

	dma_fail_decrypts.ret = -EIO;
	KUNIT_EXPECT_PTR_EQ(test, dma_fail_alloc(test, &handle),
			    (struct page *)NULL);
	KUNIT_EXPECT_EQ(test, (u64)handle, (u64)DMA_MAPPING_ERROR);
	KUNIT_ASSERT_EQ(test, dma_fail_decrypts.nr, 1u);
	dma_fail_expect_call(test, &dma_fail_encrypts,
			     (void *)dma_fail_decrypts.addr);
	return virt_to_page((void *)dma_fail_decrypts.addr);
}

static void dma_fail_to_decrypt(struct kunit *test)
{
	struct page *page;

	dma_test_expect_reports(test, 0, "WARNING");
	dma_test_watch_lines(DMA_FAIL_LEAK);
	page = dma_fail_decrypt_fails(test);
	KUNIT_EXPECT_EQ(test, dma_test_seen_lines(), 0u);
	dma_test_expect_freed(test, page);
}

static void dma_fail_expect_kept(struct kunit *test, struct page *page)
{
	KUNIT_ASSERT_EQ(test, page_count(page), 2);
	put_page(page);
	dma_free_contiguous(test->priv, page, DMA_FAIL_PAGES * PAGE_SIZE);
}

/* Nobody knows what state the memory is in: nobody gets it. */
static void dma_fail_to_decrypt_and_encrypt(struct kunit *test)
{
	struct page *page;

	dma_fail_encrypts.ret = -EIO;
	dma_test_expect_reports(test, 0, "WARNING");
	dma_test_watch_lines(DMA_FAIL_LEAK);
	page = dma_fail_decrypt_fails(test);
	KUNIT_EXPECT_EQ(test, dma_test_seen_lines(), 1u);
	dma_fail_expect_kept(test, page);
}

static void dma_fail_to_encrypt(struct kunit *test)
{
	struct page *page;
	dma_addr_t handle;

	page = dma_fail_alloc(test, &handle);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	dma_fail_encrypts.ret = -EIO;
	dma_test_expect_reports(test, 0, "WARNING");
	dma_test_watch_lines(DMA_FAIL_LEAK);
	dma_fail_free(test, page, handle);
	KUNIT_EXPECT_EQ(test, dma_test_seen_lines(), 1u);
	dma_fail_expect_call(test, &dma_fail_encrypts, page_address(page));
	dma_fail_expect_kept(test, page);
}

/* Noncoherent memory is no other without an IOMMU. */
static void dma_fail_noncoherent(struct kunit *test)
{
	struct device *dev = test->priv;
	dma_addr_t handle = 0;
	void *vaddr;

	vaddr = dma_alloc_noncoherent(dev, DMA_FAIL_SIZE, &handle,
				      DMA_FROM_DEVICE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vaddr);
	dma_fail_expect_call(test, &dma_fail_decrypts, vaddr);
	dma_free_noncoherent(dev, DMA_FAIL_SIZE, vaddr, handle,
			     DMA_FROM_DEVICE);
	dma_fail_expect_call(test, &dma_fail_encrypts, vaddr);
	dma_test_expect_freed(test, virt_to_page(vaddr));

	dma_fail_decrypts.ret = -EIO;
	KUNIT_EXPECT_PTR_EQ(test, NULL,
			    dma_alloc_noncoherent(dev, DMA_FAIL_SIZE, &handle,
						  DMA_FROM_DEVICE, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, (u64)handle, (u64)DMA_MAPPING_ERROR);
	KUNIT_ASSERT_EQ(test, dma_fail_encrypts.nr, 2u);
	dma_test_expect_freed(test, virt_to_page(dma_fail_decrypts.addr));
}

/* The hooks are for one device, and do not change what others get. */
static void dma_fail_other_device(struct kunit *test)
{
	struct page *page;
	dma_addr_t handle;

	dma_test_hooks.dev = NULL;
	page = dma_fail_alloc(test, &handle);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	dma_fail_free(test, page, handle);
	KUNIT_EXPECT_EQ(test, dma_fail_decrypts.nr, 0u);
	KUNIT_EXPECT_EQ(test, dma_fail_encrypts.nr, 0u);
}

#ifdef CONFIG_DMA_COHERENT_POOL
static size_t dma_fail_dirty_free(struct kunit *test, struct page *page,
				  dma_addr_t handle)
{
	size_t len = DMA_FAIL_PAGES * PAGE_SIZE;
	size_t left = dma_test_first_not(page_address(page), 0, len);

	memset(page_address(page), 0xff, len);
	dma_fail_free(test, page, handle);
	return left;
}

/* What may not sleep has its memory from a pool, and gives it back there. */
static void dma_fail_atomic(struct kunit *test)
{
	size_t before = dma_pools_used(), between, left = 0;
	struct page *page;
	dma_addr_t handle;
	static DEFINE_SPINLOCK(lock);
	int i;

	for (i = 0; i < 16; i++) {
		spin_lock_irq(&lock);
		page = dma_alloc_pages(test->priv, DMA_FAIL_SIZE, &handle,
				       DMA_BIDIRECTIONAL, GFP_ATOMIC);
		between = dma_pools_used();
		if (page)
			left = dma_fail_dirty_free(test, page, handle);
		spin_unlock_irq(&lock);

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
		KUNIT_EXPECT_EQ(test, (u64)dma_to_phys(test->priv, handle),
				(u64)page_to_phys(page));
		KUNIT_EXPECT_EQ(test, between,
				before + DMA_FAIL_PAGES * PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, left,
				(size_t)(DMA_FAIL_PAGES * PAGE_SIZE));
		KUNIT_EXPECT_EQ(test, dma_pools_used(), before);
	}
	KUNIT_EXPECT_EQ(test, dma_fail_decrypts.nr, 0u);
	KUNIT_EXPECT_EQ(test, dma_fail_encrypts.nr, 0u);
}

/* The handle alone tells which page it is, and which pool that is from. */
static void dma_fail_atomic_by_handle(struct kunit *test)
{
	struct device *dev = test->priv;
	size_t before = dma_pools_used();
	static DEFINE_SPINLOCK(lock);
	struct page *page;
	dma_addr_t handle;

	spin_lock_irq(&lock);
	page = dma_alloc_pages(dev, DMA_FAIL_SIZE, &handle, DMA_BIDIRECTIONAL,
			       GFP_ATOMIC);
	if (page) {
		page = pfn_to_page(PHYS_PFN(dma_to_phys(dev, handle)));
		dma_fail_free(test, page, handle);
	}
	spin_unlock_irq(&lock);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	KUNIT_EXPECT_EQ(test, dma_pools_used(), before);
	KUNIT_EXPECT_EQ(test, dma_fail_encrypts.nr, 0u);
}

static void dma_fail_atomic_exhausted(struct kunit *test)
{
	struct device *dev = test->priv;
	size_t before = dma_pools_used();
	struct page *page;
	dma_addr_t handle = 0;

	dma_test_expect_reports(test, 0, "WARNING");
	page = dma_alloc_pages(dev, SZ_32M, &handle, DMA_BIDIRECTIONAL,
			       GFP_ATOMIC | __GFP_NOWARN);
	KUNIT_EXPECT_PTR_EQ(test, page, (struct page *)NULL);
	KUNIT_EXPECT_EQ(test, (u64)handle, (u64)DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(test, dma_pools_used(), before);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
}

/* A pool that is in reach of the CPU is not in reach of every device. */
static void dma_fail_atomic_mask(struct kunit *test)
{
	struct device *dev = test->priv;
	size_t before = dma_pools_used();
	struct page *page;
	dma_addr_t handle = 0;

	dev->coherent_dma_mask = DMA_BIT_MASK(12);
	dma_test_expect_reports(test, 0, "WARNING");
	page = dma_alloc_pages(dev, PAGE_SIZE, &handle, DMA_BIDIRECTIONAL,
			       GFP_ATOMIC | __GFP_NOWARN);
	KUNIT_EXPECT_PTR_EQ(test, page, (struct page *)NULL);
	KUNIT_EXPECT_EQ(test, (u64)handle, (u64)DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(test, dma_pools_used(), before);
	KUNIT_EXPECT_EQ(test, dma_test_seen_reports(), 0u);
}
#endif

static struct kunit_case dma_fail_cases[] = {
	KUNIT_CASE(dma_fail_not),
	KUNIT_CASE(dma_fail_to_decrypt),
	KUNIT_CASE(dma_fail_to_decrypt_and_encrypt),
	KUNIT_CASE(dma_fail_to_encrypt),
	KUNIT_CASE(dma_fail_noncoherent),
	KUNIT_CASE(dma_fail_other_device),
#ifdef CONFIG_DMA_COHERENT_POOL
	KUNIT_CASE(dma_fail_atomic),
	KUNIT_CASE(dma_fail_atomic_by_handle),
	KUNIT_CASE(dma_fail_atomic_exhausted),
	KUNIT_CASE(dma_fail_atomic_mask),
#endif
	{}
};

static struct kunit_suite dma_fail_suite = {
	.name = "dma_fail",
	.init = dma_fail_init,
	.exit = dma_fail_exit,
	.test_cases = dma_fail_cases,
};

kunit_test_suite(dma_fail_suite);
