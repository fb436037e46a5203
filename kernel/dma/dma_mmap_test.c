// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for dma_mmap_pages() and dma_mmap_noncoherent().
 *
 * The test is user space itself: it takes a new mm, maps a file whose mmap
 * method is that of a driver, and reads and writes through the mapping.  Each
 * case does so with pages, with noncoherent memory, and with scattered memory
 * where there is a device for it.
 */
#include <linux/anon_inodes.h>
#include <linux/dma-mapping.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include "dma_test_util.h"

/* Where nothing else is in an mm that has never run a program. */
#define DMA_MMAP_ADDR	0x10000000UL
#define DMA_MMAP_NR	5
#define DMA_MMAP_SIZE	((DMA_MMAP_NR - 1) * PAGE_SIZE + 1)

struct dma_mmap_mem {
	struct device *dev;
	/* NULL for noncoherent memory. */
	struct page *page;
	u8 *vaddr;
	dma_addr_t handle;
	struct mm_struct *mm;
	struct file *file;
	bool same_prot;
};

static int dma_mmap_method(struct file *file, struct vm_area_struct *vma)
{
	struct dma_mmap_mem *mem = file->private_data;
	pgprot_t prot = vma->vm_page_prot;
	int ret;

	if (mem->page)
		ret = dma_mmap_pages(mem->dev, vma, DMA_MMAP_SIZE, mem->page);
	else
		ret = dma_mmap_noncoherent(mem->dev, vma, DMA_MMAP_SIZE,
					   mem->vaddr, mem->handle);
	mem->same_prot = pgprot_val(prot) == pgprot_val(vma->vm_page_prot);
	return ret;
}

/* The new mm has no layout of its own. */
static unsigned long dma_mmap_area(struct file *file, unsigned long addr,
				   unsigned long len, unsigned long pgoff,
				   unsigned long flags)
{
	return addr;
}

static const struct file_operations dma_mmap_fops = {
	.mmap			= dma_mmap_method,
	.get_unmapped_area	= dma_mmap_area,
};

static unsigned long dma_mmap_map(struct dma_mmap_mem *mem,
				  unsigned long pgoff, unsigned long nr)
{
	return vm_mmap(mem->file, DMA_MMAP_ADDR, nr << PAGE_SHIFT,
		       PROT_READ | PROT_WRITE, MAP_SHARED,
		       pgoff << PAGE_SHIFT);
}

static void dma_mmap_unmap(struct kunit *test, unsigned long nr)
{
	KUNIT_EXPECT_EQ(test, 0, vm_munmap(DMA_MMAP_ADDR, nr << PAGE_SHIFT));
}

enum dma_mmap_kind {
	DMA_MMAP_PAGES, DMA_MMAP_NONCOHERENT, DMA_MMAP_SCATTERED,
	DMA_MMAP_NR_KINDS
};

/* False if there is no memory of this kind here. */
static bool dma_mmap_get(struct kunit *test, struct dma_mmap_mem *mem,
			 enum dma_mmap_kind kind)
{
	struct dma_test_row row;

	memset(mem, 0, sizeof(*mem));
	if (kind == DMA_MMAP_SCATTERED)
		mem->dev = dma_test_get_scattering_device(test);
	else
		mem->dev = get_device(test->priv);
	if (!mem->dev)
		return false;

	if (kind == DMA_MMAP_PAGES) {
		mem->page = dma_alloc_pages(mem->dev, DMA_MMAP_SIZE,
					    &mem->handle, DMA_BIDIRECTIONAL,
					    GFP_KERNEL);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mem->page);
		mem->vaddr = page_address(mem->page);
	} else {
		dma_test_scatter(test, &row);
		mem->vaddr = dma_alloc_noncoherent(mem->dev, DMA_MMAP_SIZE,
						   &mem->handle,
						   DMA_BIDIRECTIONAL,
						   GFP_KERNEL);
		dma_test_unscatter(&row);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mem->vaddr);
	}
	if (kind == DMA_MMAP_SCATTERED)
		KUNIT_EXPECT_GT(test, dma_test_nr_pieces(mem->vaddr,
							 DMA_MMAP_SIZE), 1u);

	mem->file = anon_inode_getfile("dma_mmap_test", &dma_mmap_fops, mem,
				       O_RDWR);
	KUNIT_ASSERT_FALSE(test, IS_ERR(mem->file));
	mem->mm = mm_alloc();
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mem->mm);
	kthread_use_mm(mem->mm);
	return true;
}

static void dma_mmap_put(struct dma_mmap_mem *mem)
{
	kthread_unuse_mm(mem->mm);
	mmput(mem->mm);
	fput(mem->file);
	if (mem->page)
		dma_free_pages(mem->dev, DMA_MMAP_SIZE, mem->page, mem->handle,
			       DMA_BIDIRECTIONAL);
	else
		dma_free_noncoherent(mem->dev, DMA_MMAP_SIZE, mem->vaddr,
				     mem->handle, DMA_BIDIRECTIONAL);
	put_device(mem->dev);
}

/* User space at page @i has page @at of the memory, in both directions. */
static void dma_mmap_check_page(struct kunit *test, struct dma_mmap_mem *mem,
				unsigned long i, unsigned long at)
{
	u8 __user *user = (u8 __user *)(DMA_MMAP_ADDR + (i << PAGE_SHIFT));
	u8 *kernel = mem->vaddr + (at << PAGE_SHIFT), c = 0;
	int err;

	kernel[0] = at + 1;
	kernel[PAGE_SIZE - 1] = at + 101;
	err = get_user(c, user);
	KUNIT_EXPECT_EQ(test, 0, err);
	KUNIT_EXPECT_EQ_MSG(test, c, (u8)(at + 1), "page %lu", i);
	err = get_user(c, user + PAGE_SIZE - 1);
	KUNIT_EXPECT_EQ(test, 0, err);
	KUNIT_EXPECT_EQ_MSG(test, c, (u8)(at + 101), "page %lu", i);

	err = put_user((u8)(at + 201), user + 99);
	KUNIT_EXPECT_EQ(test, 0, err);
	KUNIT_EXPECT_EQ_MSG(test, kernel[99], (u8)(at + 201), "page %lu", i);
}

/* Any part of it, from any page on, is what is seen. */
static void dma_mmap_contents(struct kunit *test)
{
	static const unsigned long parts[][2] = {
		{ 0, DMA_MMAP_NR }, { 0, 1 }, { 1, 3 }, { DMA_MMAP_NR - 1, 1 },
	};
	struct dma_mmap_mem mem;
	unsigned long i;
	int kind, p;

	for (kind = 0; kind < DMA_MMAP_NR_KINDS; kind++) {
		if (!dma_mmap_get(test, &mem, kind))
			continue;
		for (p = 0; p < ARRAY_SIZE(parts); p++) {
			KUNIT_EXPECT_EQ(test, DMA_MMAP_ADDR,
					dma_mmap_map(&mem, parts[p][0],
						     parts[p][1]));
			for (i = 0; i < parts[p][1]; i++)
				dma_mmap_check_page(test, &mem, i,
						    parts[p][0] + i);
			dma_mmap_unmap(test, parts[p][1]);
		}
		dma_mmap_put(&mem);
	}
}

/* Not a page beyond the allocation, however one tries. */
static void dma_mmap_bounds(struct kunit *test)
{
	static const unsigned long parts[][2] = {
		{ 0, DMA_MMAP_NR + 1 }, { 1, DMA_MMAP_NR }, { 4, 2 },
		{ DMA_MMAP_NR, 1 }, { DMA_MMAP_NR + 1, 1 },
		{ (ULONG_MAX >> PAGE_SHIFT) - 1, 1 },
	};
	struct dma_mmap_mem mem;
	int kind, p;

	for (kind = 0; kind < DMA_MMAP_NR_KINDS; kind++) {
		if (!dma_mmap_get(test, &mem, kind))
			continue;
		for (p = 0; p < ARRAY_SIZE(parts); p++)
			KUNIT_EXPECT_EQ_MSG(test, (unsigned long)-ENXIO,
					    dma_mmap_map(&mem, parts[p][0],
							 parts[p][1]),
					    "kind %d part %d", kind, p);
		dma_mmap_put(&mem);
	}
}

/* Where sums and sizes overflow nothing fits; no vma like these gets mapped. */
static void dma_mmap_overflow(struct kunit *test)
{
	struct vm_area_struct vma = {
		.vm_start = DMA_MMAP_ADDR,
		.vm_end = DMA_MMAP_ADDR + 2 * PAGE_SIZE,
		.vm_pgoff = ULONG_MAX,
	};
	struct dma_mmap_mem mem;
	int kind;

	for (kind = 0; kind < DMA_MMAP_NR_KINDS; kind++) {
		if (!dma_mmap_get(test, &mem, kind))
			continue;
		vma.vm_pgoff = ULONG_MAX;
		KUNIT_EXPECT_EQ(test, -ENXIO,
				dma_mmap_noncoherent(mem.dev, &vma,
						     DMA_MMAP_SIZE, mem.vaddr,
						     mem.handle));
		vma.vm_pgoff = 0;
		KUNIT_EXPECT_EQ(test, -ENXIO,
				dma_mmap_noncoherent(mem.dev, &vma, SIZE_MAX,
						     mem.vaddr, mem.handle));
		KUNIT_EXPECT_EQ(test, -ENXIO,
				dma_mmap_noncoherent(mem.dev, &vma, 0,
						     mem.vaddr, mem.handle));
		dma_mmap_put(&mem);
	}
}

/* The mapping has the attributes of any other memory, coherent or not. */
static void dma_mmap_cacheable(struct kunit *test)
{
	struct dma_mmap_mem mem;
	int kind;

	for (kind = 0; kind < DMA_MMAP_NR_KINDS; kind++) {
		if (!dma_mmap_get(test, &mem, kind))
			continue;
		KUNIT_EXPECT_EQ(test, DMA_MMAP_ADDR,
				dma_mmap_map(&mem, 0, DMA_MMAP_NR));
		KUNIT_EXPECT_TRUE_MSG(test, mem.same_prot, "kind %d", kind);
		dma_mmap_unmap(test, DMA_MMAP_NR);
		dma_mmap_put(&mem);
	}
}

/* An address of vmalloc() is none that dma_alloc_noncoherent() returned. */
static void dma_mmap_not_ours(struct kunit *test)
{
	void *vaddr = vmalloc(2 * PAGE_SIZE);
	struct vm_area_struct vma = {
		.vm_start = DMA_MMAP_ADDR,
		.vm_end = DMA_MMAP_ADDR + PAGE_SIZE,
	};
	struct sg_table sgt;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vaddr);
	KUNIT_EXPECT_EQ(test, -ENXIO,
			dma_mmap_noncoherent(test->priv, &vma, 2 * PAGE_SIZE,
					     vaddr, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			dma_get_sgtable_noncoherent(test->priv, &sgt,
						    2 * PAGE_SIZE, vaddr, 0));
	vfree(vaddr);
}

static struct kunit_case dma_mmap_cases[] = {
	KUNIT_CASE(dma_mmap_contents),
	KUNIT_CASE(dma_mmap_bounds),
	KUNIT_CASE(dma_mmap_overflow),
	KUNIT_CASE(dma_mmap_cacheable),
	KUNIT_CASE(dma_mmap_not_ours),
	{}
};

static struct kunit_suite dma_mmap_suite = {
	.name = "dma_mmap",
	.init = dma_test_init_device,
	.exit = dma_test_exit_device,
	.test_cases = dma_mmap_cases,
};

kunit_test_suite(dma_mmap_suite);
