/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the KUnit suites have in common whose device reads memory and writes
 * other memory.
 */
#ifndef _KERNEL_DMA_TEST_COPY_H
#define _KERNEL_DMA_TEST_COPY_H

#include <kunit/test.h>
#include <linux/dma-direction.h>
#include <linux/types.h>

struct device;
struct dma_test_mem;
struct page;

struct dma_test_copier {
	struct device *dev;
	/* What is asked of the caches can be recorded. */
	bool recorded;
	/*
	 * Let the device, which owns both, copy @len bytes.  Returns how many
	 * it wrote: a checksum may be behind them.
	 */
	int (*copy)(struct kunit *test, struct dma_test_mem *src, size_t from,
		    struct dma_test_mem *dst, size_t to, size_t len);
};

/* One allocation; noncoherent memory has no page. */
struct dma_test_mem {
	const struct dma_test_copier *copier;
	struct page *page;
	u8 *vaddr;
	dma_addr_t handle;
	size_t size;
	/* How much of it the device owns */
	size_t given;
	enum dma_data_direction dir;
};

struct dma_test_part {
	size_t from, to, len;
};

void dma_test_alloc(struct kunit *test, const struct dma_test_copier *copier,
		    struct dma_test_mem *mem, size_t size,
		    enum dma_data_direction dir, bool pages);
/* Does nothing if there is nothing. */
void dma_test_free(struct dma_test_mem *mem);

/* A part changes hands, if it is in the other's: just that is synced. */
void dma_test_give(struct kunit *test, struct dma_test_mem *mem, size_t off,
		   size_t len);
void dma_test_take(struct kunit *test, struct dma_test_mem *mem, size_t off,
		   size_t len);

/* Byte @i of the memory that the copy under way has for its source */
u8 dma_test_pattern(size_t i);

/*
 * What the device read at @from of @src arrives at @to of @dst, and nothing
 * beside it.
 */
void dma_test_copy(struct kunit *test, struct dma_test_mem *src, size_t from,
		   struct dma_test_mem *dst, size_t to, size_t len);

/* From one allocation to another of the same size */
void dma_test_copy_parts(struct kunit *test,
			 const struct dma_test_copier *copier, size_t size,
			 bool pages, const struct dma_test_part *parts,
			 unsigned int nr);

/* From each of many to each other */
void dma_test_copy_many(struct kunit *test,
			const struct dma_test_copier *copier,
			const struct dma_test_part *part);

/* Allocate and free @total bytes each way, never many at a time. */
void dma_test_use_again(struct kunit *test,
			const struct dma_test_copier *copier, size_t total);

#endif /* _KERNEL_DMA_TEST_COPY_H */
