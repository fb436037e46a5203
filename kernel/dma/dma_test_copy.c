// SPDX-License-Identifier: GPL-2.0
/*
 * What the KUnit suites have in common whose device reads memory and writes
 * other memory.
 */
#include <linux/dma-mapping.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include "dma_test_copy.h"
#include "dma_test_util.h"

/* A number for each copy */
static u8 dma_test_seed;

/*
 * Where no device but those of a bus can have memory, these suites run without
 * the others and without their record.
 */
static bool dma_test_recorded(struct dma_test_mem *mem)
{
	return IS_ENABLED(CONFIG_DMA_KUNIT_TEST) && mem->copier->recorded;
}

static void dma_test_start_record(struct dma_test_mem *mem)
{
	if (dma_test_recorded(mem))
		dma_test_record_syncs(mem->copier->dev);
}

static void dma_test_end_record(struct kunit *test, struct dma_test_mem *mem,
				size_t off, size_t len,
				enum dma_data_direction dir, bool for_device)
{
	if (dma_test_recorded(mem))
		dma_test_expect_syncs(test, mem->vaddr + off, len, dir,
				      for_device);
}

static void dma_test_get(struct kunit *test,
			 const struct dma_test_copier *copier,
			 struct dma_test_mem *mem, size_t size,
			 enum dma_data_direction dir, bool pages)
{
	struct device *dev = copier->dev;

	*mem = (struct dma_test_mem){
		.copier = copier, .size = size, .dir = dir,
	};
	if (pages) {
		mem->page = dma_alloc_pages(dev, size, &mem->handle, dir,
					    GFP_KERNEL);
		if (mem->page)
			mem->vaddr = page_address(mem->page);
	} else {
		mem->vaddr = dma_alloc_noncoherent(dev, size, &mem->handle, dir,
						   GFP_KERNEL);
	}
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mem->vaddr);
}

void dma_test_alloc(struct kunit *test, const struct dma_test_copier *copier,
		    struct dma_test_mem *mem, size_t size,
		    enum dma_data_direction dir, bool pages)
{
	dma_test_get(test, copier, mem, size, dir, pages);
	KUNIT_EXPECT_LE(test, (u64)mem->handle + size - 1,
			copier->dev->coherent_dma_mask);
	KUNIT_EXPECT_TRUE(test, !memchr_inv(mem->vaddr, 0, size));
}

void dma_test_free(struct dma_test_mem *mem)
{
	if (mem->page)
		dma_free_pages(mem->copier->dev, mem->size, mem->page,
			       mem->handle, mem->dir);
	else if (mem->vaddr)
		dma_free_noncoherent(mem->copier->dev, mem->size, mem->vaddr,
				     mem->handle, mem->dir);
	mem->page = NULL;
	mem->vaddr = NULL;
}

void dma_test_give(struct kunit *test, struct dma_test_mem *mem, size_t off,
		   size_t len)
{
	mem->given += len;
	KUNIT_EXPECT_LE_MSG(test, mem->given, mem->size, "not taken before");
	dma_test_start_record(mem);
	dma_sync_single_for_device(mem->copier->dev, mem->handle + off, len,
				   mem->dir);
	dma_test_end_record(test, mem, off, len, mem->dir, true);
}

void dma_test_take(struct kunit *test, struct dma_test_mem *mem, size_t off,
		   size_t len)
{
	KUNIT_EXPECT_GE_MSG(test, mem->given, len, "not given before");
	mem->given -= len;
	dma_test_start_record(mem);
	dma_sync_single_for_cpu(mem->copier->dev, mem->handle + off, len,
				mem->dir);
	dma_test_end_record(test, mem, off, len, mem->dir, false);
}

/* No two bytes nearby are alike, no two pages, and no two copies. */
u8 dma_test_pattern(size_t i)
{
	return i * 7 + (i >> 8) * 13 + dma_test_seed * 31 + 1;
}

void dma_test_copy(struct kunit *test, struct dma_test_mem *src, size_t from,
		   struct dma_test_mem *dst, size_t to, size_t len)
{
	u8 rest = ~++dma_test_seed;
	int wrote;
	size_t i;

	if (dst != src) {
		memset(dst->vaddr, rest, dst->size);
		dma_test_give(test, dst, 0, dst->size);
	}
	for (i = 0; i < src->size; i++)
		src->vaddr[i] = dma_test_pattern(i);
	dma_test_give(test, src, 0, src->size);

	wrote = src->copier->copy(test, src, from, dst, to, len);
	KUNIT_ASSERT_GE(test, wrote, (int)len);
	kunit_info(test, "device read %zu bytes at %#llx, wrote them at %#llx\n",
		   len, (u64)src->handle + from, (u64)dst->handle + to);

	if (dst != src)
		dma_test_take(test, src, 0, src->size);
	dma_test_take(test, dst, 0, dst->size);
	for (i = 0; i < dst->size; i++) {
		u8 want = dst == src ? dma_test_pattern(i) : rest;

		if (i >= to && i < to + len)
			want = dma_test_pattern(from + i - to);
		else if (i >= to + len && i < to + wrote)
			continue;
		if (dst->vaddr[i] == want)
			continue;
		KUNIT_FAIL(test, "byte %zu of %zu is %#x, not %#x",
			   i, dst->size, dst->vaddr[i], want);
		return;
	}
}

void dma_test_copy_parts(struct kunit *test,
			 const struct dma_test_copier *copier, size_t size,
			 bool pages, const struct dma_test_part *parts,
			 unsigned int nr)
{
	struct dma_test_mem src, dst;
	unsigned int i;

	dma_test_alloc(test, copier, &src, size, DMA_TO_DEVICE, pages);
	dma_test_alloc(test, copier, &dst, size, DMA_FROM_DEVICE, pages);
	for (i = 0; i < nr; i++)
		dma_test_copy(test, &src, parts[i].from, &dst, parts[i].to,
			      parts[i].len);
	dma_test_free(&dst);
	dma_test_free(&src);
}

void dma_test_copy_many(struct kunit *test,
			const struct dma_test_copier *copier,
			const struct dma_test_part *part)
{
	struct dma_test_mem mem[16];
	int i, j;

	for (i = 0; i < ARRAY_SIZE(mem); i++)
		dma_test_alloc(test, copier, &mem[i], (1 + i % 3) * PAGE_SIZE,
			       DMA_BIDIRECTIONAL, i & 1);
	for (i = 0; i < ARRAY_SIZE(mem); i++)
		for (j = 0; j < ARRAY_SIZE(mem); j++)
			if (i != j)
				dma_test_copy(test, &mem[i], part->from,
					      &mem[j], part->to, part->len);
	for (i = 0; i < ARRAY_SIZE(mem); i++)
		dma_test_free(&mem[i]);
}

/* A piece is as large as all tables of operations have it. */
void dma_test_use_again(struct kunit *test,
			const struct dma_test_copier *copier, size_t total)
{
	struct dma_test_mem mem;
	size_t done;

	for (done = 0; done < total; done += SZ_128K) {
		dma_test_get(test, copier, &mem, SZ_128K, DMA_TO_DEVICE, true);
		dma_test_free(&mem);
		dma_test_get(test, copier, &mem, SZ_128K, DMA_FROM_DEVICE,
			     false);
		dma_test_free(&mem);
	}
}
