/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the KUnit suites of the DMA mapping code have in common.
 */
#ifndef _KERNEL_DMA_TEST_UTIL_H
#define _KERNEL_DMA_TEST_UTIL_H

#include <kunit/test.h>

struct device;

/* For .init and .exit of a suite: test->priv is a device without a driver. */
int dma_test_init_device(struct kunit *test);
void dma_test_exit_device(struct kunit *test);

/*
 * A case that provokes a WARN says so first, by its kind ("WARNING", or
 * "DMA-API" for what dma-debug reports), and checks afterwards that just that
 * many came.  The line in the log tells whoever scans it for splats.
 */
void dma_test_expect_reports(struct kunit *test, unsigned int nr,
			     const char *kind);
unsigned int dma_test_seen_reports(void);

/* Offset of the first byte that is not @c, or @size if there is none. */
size_t dma_test_first_not(const void *addr, u8 c, size_t size);

#endif /* _KERNEL_DMA_TEST_UTIL_H */
