// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for what dma-debug says about each kind of memory in the hands of
 * a driver that misuses it.  Each report has to name the driver and the device.
 *
 * All of it happens in dma-debug's books: the memory is the test's own, and no
 * free is a real one.  The reports have to be visible to be counted: boot with
 * dma_debug=all_errors.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include <linux/vmalloc.h>
#include "debug.h"
#include "dma_test_util.h"

#define DMA_MISUSE_SIZE	(PAGE_SIZE + 100)
#define DMA_MISUSE_MEM	(2 * PAGE_SIZE)
#define DMA_MISUSE_NAME	"dma_misuse dma_misuse.0: device driver "

enum dma_misuse_kind {
	DMA_MISUSE_COHERENT,
	DMA_MISUSE_PAGES,
	DMA_MISUSE_NONCOHERENT,
	DMA_MISUSE_MAPPING,
	DMA_MISUSE_KINDS,
};

/* Only coherent memory has no direction. */
#define for_each_directed_kind(kind)					\
	for ((kind) = DMA_MISUSE_PAGES; (kind) < DMA_MISUSE_KINDS; (kind)++)
#define for_each_kind(kind)						\
	for ((kind) = DMA_MISUSE_COHERENT; (kind) < DMA_MISUSE_KINDS; (kind)++)

static struct dma_misuse {
	struct device *dev;
	struct platform_device *pdev;
	struct page *page;
	void *vaddr;
	dma_addr_t handle;
} misuse;

static int dma_misuse_probe(struct platform_device *pdev)
{
	return 0;
}

static struct platform_driver dma_misuse_driver = {
	.probe	= dma_misuse_probe,
	.driver	= { .name = "dma_misuse" },
};

static int dma_misuse_init(struct kunit *test)
{
	int ret;

	/* For the exit, which a failed init does not keep away. */
	test->priv = NULL;
	ret = platform_driver_register(&dma_misuse_driver);
	if (ret)
		return ret;
	test->priv = &misuse;
	misuse.pdev = platform_device_register_simple("dma_misuse", 0, NULL, 0);
	misuse.page = alloc_pages(GFP_KERNEL, get_order(DMA_MISUSE_MEM));
	if (IS_ERR(misuse.pdev) || !misuse.page)
		return -ENOMEM;
	misuse.dev = &misuse.pdev->dev;
	misuse.vaddr = page_address(misuse.page);
	/* An address that nobody else has on this device */
	misuse.handle = 0x10000000;
	return 0;
}

static void dma_misuse_exit(struct kunit *test)
{
	if (!test->priv)
		return;
	if (misuse.page)
		__free_pages(misuse.page, get_order(DMA_MISUSE_MEM));
	platform_device_unregister(misuse.pdev);
	platform_driver_unregister(&dma_misuse_driver);
}

static void dma_misuse_record(enum dma_misuse_kind kind, int dir)
{
	struct dma_misuse *m = &misuse;

	switch (kind) {
	case DMA_MISUSE_COHERENT:
		debug_dma_alloc_coherent(m->dev, DMA_MISUSE_SIZE, m->handle,
					 m->vaddr);
		break;
	case DMA_MISUSE_PAGES:
		debug_dma_alloc_pages(m->dev, m->page, DMA_MISUSE_SIZE, dir,
				      m->handle);
		break;
	case DMA_MISUSE_NONCOHERENT:
		debug_dma_alloc_noncoherent(m->dev, m->vaddr, DMA_MISUSE_SIZE,
					    dir, m->handle);
		break;
	default:
		debug_dma_map_page(m->dev, m->page, 0, DMA_MISUSE_SIZE, dir,
				   m->handle);
		debug_dma_mapping_error(m->dev, m->handle);
		break;
	}
}

static void dma_misuse_forget_at(struct device *dev, enum dma_misuse_kind kind,
				 void *vaddr, size_t size, int dir)
{
	dma_addr_t handle = misuse.handle;

	switch (kind) {
	case DMA_MISUSE_COHERENT:
		debug_dma_free_coherent(dev, size, vaddr, handle);
		break;
	case DMA_MISUSE_PAGES:
		debug_dma_free_pages(dev, virt_to_page(vaddr), size, dir,
				     handle);
		break;
	case DMA_MISUSE_NONCOHERENT:
		debug_dma_free_noncoherent(dev, vaddr, size, dir, handle);
		break;
	default:
		debug_dma_unmap_page(dev, handle, size, dir);
		break;
	}
}

static void dma_misuse_forget(enum dma_misuse_kind kind, int dir)
{
	dma_misuse_forget_at(misuse.dev, kind, misuse.vaddr, DMA_MISUSE_SIZE,
			     dir);
}

/* So many reports are to come, each with this line. */
static void dma_misuse_expect(struct kunit *test, unsigned int nr,
			      const char *line)
{
	dma_test_expect_reports(test, nr, "DMA-API");
	dma_test_watch_lines(line);
}

static void dma_misuse_check(struct kunit *test, unsigned int nr,
			     enum dma_misuse_kind kind)
{
	KUNIT_EXPECT_EQ_MSG(test, dma_test_seen_lines(), nr, "kind %d", kind);
	KUNIT_EXPECT_EQ_MSG(test, dma_test_seen_reports(), nr, "kind %d", kind);
}

/* Each kind is freed as each. */
static void dma_misuse_wrong_function(struct kunit *test)
{
	enum dma_misuse_kind kind, as;

	for_each_kind(kind) {
		for_each_kind(as) {
			unsigned int nr = kind != as;

			dma_misuse_record(kind, DMA_BIDIRECTIONAL);
			dma_misuse_expect(test, nr, DMA_MISUSE_NAME
					  "frees DMA memory with wrong function");
			dma_misuse_forget(as, DMA_BIDIRECTIONAL);
			dma_misuse_check(test, nr, kind);
		}
	}
}

static void dma_misuse_double_free(struct kunit *test)
{
	enum dma_misuse_kind kind;

	for_each_kind(kind) {
		dma_misuse_record(kind, DMA_BIDIRECTIONAL);
		dma_misuse_forget(kind, DMA_BIDIRECTIONAL);
		dma_misuse_expect(test, 1, DMA_MISUSE_NAME
				  "tries to free DMA memory it has not allocated");
		dma_misuse_forget(kind, DMA_BIDIRECTIONAL);
		dma_misuse_check(test, 1, kind);
	}
}

/* Sizes that are the same number of pages */
static void dma_misuse_wrong_size(struct kunit *test)
{
	enum dma_misuse_kind kind;

	for_each_kind(kind) {
		dma_misuse_record(kind, DMA_BIDIRECTIONAL);
		dma_misuse_expect(test, 1, DMA_MISUSE_NAME
				  "frees DMA memory with different size");
		dma_misuse_forget_at(misuse.dev, kind, misuse.vaddr,
				     DMA_MISUSE_SIZE - 1, DMA_BIDIRECTIONAL);
		dma_misuse_check(test, 1, kind);
	}
}

static void dma_misuse_wrong_direction(struct kunit *test)
{
	static const int dirs[][2] = {
		{ DMA_TO_DEVICE, DMA_FROM_DEVICE },
		{ DMA_FROM_DEVICE, DMA_TO_DEVICE },
		{ DMA_BIDIRECTIONAL, DMA_TO_DEVICE },
		{ DMA_FROM_DEVICE, DMA_BIDIRECTIONAL },
	};
	enum dma_misuse_kind kind;
	int i;

	for_each_directed_kind(kind) {
		for (i = 0; i < ARRAY_SIZE(dirs); i++) {
			dma_misuse_record(kind, dirs[i][0]);
			dma_misuse_expect(test, 1, DMA_MISUSE_NAME
					  "frees DMA memory with different direction");
			dma_misuse_forget(kind, dirs[i][1]);
			dma_misuse_check(test, 1, kind);
		}
	}
}

static void dma_misuse_wrong_address(struct kunit *test)
{
	enum dma_misuse_kind kind;

	for (kind = DMA_MISUSE_COHERENT; kind < DMA_MISUSE_MAPPING; kind++) {
		dma_misuse_record(kind, DMA_BIDIRECTIONAL);
		dma_misuse_expect(test, 1, DMA_MISUSE_NAME
				  "frees DMA memory with different CPU address");
		dma_misuse_forget_at(misuse.dev, kind,
				     misuse.vaddr + PAGE_SIZE, DMA_MISUSE_SIZE,
				     DMA_BIDIRECTIONAL);
		dma_misuse_check(test, 1, kind);
	}
}

/* Who frees what is another's is the one who is named. */
static void dma_misuse_wrong_device(struct kunit *test)
{
	struct platform_device *other;
	enum dma_misuse_kind kind;

	other = platform_device_register_simple("dma_misuse", 1, NULL, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(other));
	for_each_kind(kind) {
		dma_misuse_record(kind, DMA_BIDIRECTIONAL);
		dma_misuse_expect(test, 1,
				  "dma_misuse dma_misuse.1: device driver tries to free DMA memory it has not allocated");
		dma_misuse_forget_at(&other->dev, kind, misuse.vaddr,
				     DMA_MISUSE_SIZE, DMA_BIDIRECTIONAL);
		dma_misuse_check(test, 1, kind);

		dma_misuse_expect(test, 1,
				  "dma_misuse dma_misuse.1: device driver tries to sync DMA memory it has not allocated");
		debug_dma_sync_single_for_cpu(&other->dev, misuse.handle, 1,
					      DMA_BIDIRECTIONAL);
		dma_misuse_check(test, 1, kind);
		dma_misuse_forget(kind, DMA_BIDIRECTIONAL);
	}
	platform_device_unregister(other);
}

static void dma_misuse_sync(size_t off, size_t size, int dir)
{
	debug_dma_sync_single_for_device(misuse.dev, misuse.handle + off, size,
					 dir);
	debug_dma_sync_single_for_cpu(misuse.dev, misuse.handle + off, size,
				      dir);
}

/* The first and the last byte, the middle, and all of it are part of it. */
static void dma_misuse_none(struct kunit *test)
{
	enum dma_misuse_kind kind;

	for_each_kind(kind) {
		dma_misuse_expect(test, 0, "device driver");
		dma_misuse_record(kind, DMA_BIDIRECTIONAL);
		dma_misuse_sync(0, 1, DMA_BIDIRECTIONAL);
		dma_misuse_sync(PAGE_SIZE - 3, 7, DMA_BIDIRECTIONAL);
		dma_misuse_sync(DMA_MISUSE_SIZE - 1, 1, DMA_BIDIRECTIONAL);
		dma_misuse_sync(0, DMA_MISUSE_SIZE, DMA_BIDIRECTIONAL);
		dma_misuse_forget(kind, DMA_BIDIRECTIONAL);
		dma_misuse_check(test, 0, kind);
	}
}

static void dma_misuse_sync_after_free(struct kunit *test)
{
	enum dma_misuse_kind kind;

	for_each_kind(kind) {
		dma_misuse_record(kind, DMA_BIDIRECTIONAL);
		dma_misuse_forget(kind, DMA_BIDIRECTIONAL);
		dma_misuse_expect(test, 2, DMA_MISUSE_NAME
				  "tries to sync DMA memory it has not allocated");
		dma_misuse_sync(0, DMA_MISUSE_SIZE, DMA_BIDIRECTIONAL);
		dma_misuse_check(test, 2, kind);
	}
}

/* What is allocated goes to the end of its page, what is mapped does not. */
static void dma_misuse_sync_past_end(struct kunit *test)
{
	enum dma_misuse_kind kind;
	size_t end;

	for_each_kind(kind) {
		end = kind == DMA_MISUSE_PAGES ||
			kind == DMA_MISUSE_NONCOHERENT ?
			DMA_MISUSE_MEM : DMA_MISUSE_SIZE;
		dma_misuse_record(kind, DMA_BIDIRECTIONAL);
		dma_misuse_expect(test, 2, DMA_MISUSE_NAME
				  "syncs DMA memory outside allocated range");
		dma_misuse_sync(end - 1, 1, DMA_BIDIRECTIONAL);
		dma_misuse_sync(end - 1, 2, DMA_BIDIRECTIONAL);
		dma_misuse_check(test, 2, kind);
		dma_misuse_forget(kind, DMA_BIDIRECTIONAL);
	}
}

/* A mapping may be synced in a part of its directions, allocated memory not. */
static void dma_misuse_sync_direction(struct kunit *test)
{
	enum dma_misuse_kind kind;
	int dir, sync;

	for (kind = DMA_MISUSE_PAGES; kind <= DMA_MISUSE_NONCOHERENT; kind++) {
		for (dir = DMA_BIDIRECTIONAL; dir <= DMA_FROM_DEVICE; dir++) {
			dma_misuse_record(kind, dir);
			for (sync = DMA_BIDIRECTIONAL; sync <= DMA_FROM_DEVICE;
			     sync++) {
				unsigned int nr = sync == dir ? 0 : 2;

				dma_misuse_expect(test, nr, DMA_MISUSE_NAME
						  "syncs DMA memory with different direction");
				dma_misuse_sync(1, 16, sync);
				dma_misuse_check(test, nr, kind);
			}
			dma_misuse_forget(kind, dir);
		}
	}
}

/* An address of vmalloc() stands for its page, in every call. */
static void dma_misuse_vmalloc(struct kunit *test)
{
	void *vaddr = vmalloc(DMA_MISUSE_MEM), *linear = misuse.vaddr;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vaddr);
	misuse.vaddr = vaddr;
	dma_misuse_expect(test, 0, "device driver");
	dma_misuse_record(DMA_MISUSE_NONCOHERENT, DMA_TO_DEVICE);
	dma_misuse_sync(PAGE_SIZE, 16, DMA_TO_DEVICE);
	dma_misuse_forget(DMA_MISUSE_NONCOHERENT, DMA_TO_DEVICE);
	dma_misuse_record(DMA_MISUSE_COHERENT, DMA_BIDIRECTIONAL);
	dma_misuse_forget(DMA_MISUSE_COHERENT, DMA_BIDIRECTIONAL);
	dma_misuse_check(test, 0, DMA_MISUSE_NONCOHERENT);

	dma_misuse_record(DMA_MISUSE_NONCOHERENT, DMA_TO_DEVICE);
	dma_misuse_expect(test, 1, DMA_MISUSE_NAME
			  "frees DMA memory with different CPU address");
	dma_misuse_forget_at(misuse.dev, DMA_MISUSE_NONCOHERENT, linear,
			     DMA_MISUSE_SIZE, DMA_TO_DEVICE);
	dma_misuse_check(test, 1, DMA_MISUSE_NONCOHERENT);
	misuse.vaddr = linear;
	vfree(vaddr);
}

/* Whatever it is that the driver leaves behind */
static void dma_misuse_leak(struct kunit *test)
{
	enum dma_misuse_kind kind;

	for_each_kind(kind) {
		KUNIT_ASSERT_TRUE(test, !!misuse.dev->driver);
		dma_misuse_record(kind, DMA_BIDIRECTIONAL);
		dma_misuse_expect(test, 1, DMA_MISUSE_NAME
				  "has pending DMA allocations");
		device_release_driver(misuse.dev);
		dma_misuse_check(test, 1, kind);
		dma_misuse_forget(kind, DMA_BIDIRECTIONAL);
		KUNIT_ASSERT_EQ(test, device_attach(misuse.dev), 1);
	}
}

static struct kunit_case dma_misuse_cases[] = {
	KUNIT_CASE(dma_misuse_none),
	KUNIT_CASE(dma_misuse_wrong_function),
	KUNIT_CASE(dma_misuse_double_free),
	KUNIT_CASE(dma_misuse_wrong_size),
	KUNIT_CASE(dma_misuse_wrong_direction),
	KUNIT_CASE(dma_misuse_wrong_address),
	KUNIT_CASE(dma_misuse_wrong_device),
	KUNIT_CASE(dma_misuse_sync_after_free),
	KUNIT_CASE(dma_misuse_sync_past_end),
	KUNIT_CASE(dma_misuse_sync_direction),
	KUNIT_CASE(dma_misuse_vmalloc),
	KUNIT_CASE(dma_misuse_leak),
	{}
};

static struct kunit_suite dma_misuse_suite = {
	.name = "dma_debug_misuse",
	.init = dma_misuse_init,
	.exit = dma_misuse_exit,
	.test_cases = dma_misuse_cases,
};

kunit_test_suite(dma_misuse_suite);
