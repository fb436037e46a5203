// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite for the model of a device that drivers' suites stand on: each
 * mistake that a driver can make shows in the data or in a counter.
 */
#include <linux/dma-mapping.h>
#include <linux/dma-model.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <kunit/test.h>

/* One allocation and one model, as most cases want it */
struct model_case {
	struct platform_device	*pdev;
	struct dma_model	*model;
	enum dma_data_direction	dir;
	struct page		*page;
	u8			*cpu;
	dma_addr_t		handle;
};

static int dma_model_init(struct kunit *test)
{
	struct model_case *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	/* For the exit, which a failed init does not keep away. */
	test->priv = NULL;
	if (!c)
		return -ENOMEM;
	c->model = kzalloc(sizeof(*c->model), GFP_KERNEL);
	if (!c->model)
		return -ENOMEM;
	c->pdev = platform_device_register_simple("dma_model",
						  PLATFORM_DEVID_AUTO, NULL, 0);
	if (IS_ERR(c->pdev)) {
		kfree(c->model);
		return PTR_ERR(c->pdev);
	}
	dma_model_attach(c->model, &c->pdev->dev);
	test->priv = c;
	return 0;
}

static void dma_model_exit(struct kunit *test)
{
	struct model_case *c = test->priv;

	if (!c)
		return;
	if (c->page)
		dma_free_pages(&c->pdev->dev, PAGE_SIZE, c->page, c->handle,
			       c->dir);
	KUNIT_EXPECT_EQ(test, 0u, dma_model_detach(c->model));
	platform_device_unregister(c->pdev);
	kfree(c->model);
}

static struct model_case *dma_model_page(struct kunit *test,
					 enum dma_data_direction dir)
{
	struct model_case *c = test->priv;

	c->dir = dir;
	c->page = dma_alloc_pages(&c->pdev->dev, PAGE_SIZE, &c->handle, dir,
				  GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, c->page);
	c->cpu = page_address(c->page);
	return c;
}

static void give(struct model_case *c, size_t off, size_t size)
{
	dma_sync_single_for_device(&c->pdev->dev, c->handle + off, size,
				   c->dir);
}

static void take(struct model_case *c, size_t off, size_t size)
{
	dma_sync_single_for_cpu(&c->pdev->dev, c->handle + off, size, c->dir);
}

static u8 device_reads(struct model_case *c, size_t off)
{
	u8 byte = 0xff;

	dma_model_read(c->model, c->handle + off, &byte, 1);
	return byte;
}

static void device_writes(struct model_case *c, size_t off, u8 byte)
{
	dma_model_write(c->model, c->handle + off, &byte, 1);
}

static void expect_faults(struct kunit *test, unsigned int bad,
			  unsigned int unowned, unsigned int stray,
			  unsigned int lost)
{
	struct model_case *c = test->priv;

	KUNIT_EXPECT_EQ(test, bad, c->model->nr_bad);
	KUNIT_EXPECT_EQ(test, unowned, c->model->nr_unowned);
	KUNIT_EXPECT_EQ(test, stray, c->model->nr_stray);
	KUNIT_EXPECT_EQ(test, lost, c->model->nr_lost);
}

/* There and back, with nothing to complain about. */
static void dma_model_round_trip(struct kunit *test)
{
	struct model_case *c = dma_model_page(test, DMA_BIDIRECTIONAL);

	c->cpu[5] = 0x11;
	give(c, 0, 64);
	KUNIT_EXPECT_EQ(test, 0x11, (int)device_reads(c, 5));
	device_writes(c, 40, 0x22);
	take(c, 0, 64);
	KUNIT_EXPECT_EQ(test, 0x22, (int)c->cpu[40]);
	KUNIT_EXPECT_EQ(test, 0x11, (int)c->cpu[5]);
	expect_faults(test, 0, 0, 0, 0);
}

/* What is not handed over does not arrive, in either direction. */
static void dma_model_without_syncs(struct kunit *test)
{
	struct model_case *c = dma_model_page(test, DMA_BIDIRECTIONAL);

	c->cpu[0] = 0x11;
	KUNIT_EXPECT_EQ(test, 0, (int)device_reads(c, 0));
	give(c, 0, 32);
	device_writes(c, 1, 0x22);
	KUNIT_EXPECT_EQ(test, 0, (int)c->cpu[1]);
	expect_faults(test, 0, 1, 0, 0);
}

/* The mistake of a driver that polls and finds nothing. */
static void dma_model_poll(struct kunit *test)
{
	struct model_case *c = dma_model_page(test, DMA_BIDIRECTIONAL);

	c->model->for_cpu_is_noop = true;
	give(c, 0, 32);
	take(c, 0, 32);
	KUNIT_EXPECT_EQ(test, 0, (int)c->cpu[0]);
	device_writes(c, 0, 0x33);
	take(c, 0, 32);
	KUNIT_EXPECT_EQ(test, 0, (int)c->cpu[0]);
	expect_faults(test, 0, 1, 0, 0);

	give(c, 0, 32);
	take(c, 0, 32);
	KUNIT_EXPECT_EQ(test, 0x33, (int)c->cpu[0]);

	/* Elsewhere the second look is enough. */
	c->model->for_cpu_is_noop = false;
	device_writes(c, 0, 0x44);
	take(c, 0, 32);
	KUNIT_EXPECT_EQ(test, 0x44, (int)c->cpu[0]);
}

/* Two descriptors in a line: writing one back undoes what came to the other. */
static void dma_model_shared_line(struct kunit *test)
{
	struct model_case *c = dma_model_page(test, DMA_BIDIRECTIONAL);

	give(c, 0, 32);
	take(c, 0, 16);
	c->cpu[0] = 0x55;
	device_writes(c, 16, 0x66);
	give(c, 0, 16);
	take(c, 16, 16);
	KUNIT_EXPECT_EQ(test, 0, (int)c->cpu[16]);
	KUNIT_EXPECT_EQ(test, 0x55, (int)device_reads(c, 0));
	expect_faults(test, 0, 2, 0, 1);

	/* In lines of their own they do not. */
	c->model->nr_unowned = 0;
	c->model->nr_lost = 0;
	give(c, 64, 64);
	take(c, 64, 32);
	c->cpu[64] = 0x55;
	device_writes(c, 96, 0x66);
	give(c, 64, 32);
	take(c, 96, 32);
	KUNIT_EXPECT_EQ(test, 0x66, (int)c->cpu[96]);
	expect_faults(test, 0, 0, 0, 0);
}

/* The CPU writes to what it gave away. */
static void dma_model_stray_write(struct kunit *test)
{
	struct model_case *c = dma_model_page(test, DMA_BIDIRECTIONAL);

	give(c, 0, 32);
	c->cpu[3] = 0x77;
	take(c, 0, 32);
	KUNIT_EXPECT_EQ(test, 0, (int)c->cpu[3]);
	expect_faults(test, 0, 0, 1, 0);
}

/* Handing memory to a device that writes it discards what the CPU wrote. */
static void dma_model_discard(struct kunit *test)
{
	struct model_case *c = dma_model_page(test, DMA_FROM_DEVICE);

	c->cpu[0] = 0x11;
	c->cpu[40] = 0x22;
	/* Of the second line only a part: that is written back first. */
	give(c, 0, 48);
	take(c, 0, 48);
	KUNIT_EXPECT_EQ(test, 0, (int)c->cpu[0]);
	KUNIT_EXPECT_EQ(test, 0x22, (int)c->cpu[40]);
	expect_faults(test, 0, 0, 0, 1);
}

/* Lines begin where the CPU has them, not where the memory does. */
static void dma_model_unaligned_map(struct kunit *test)
{
	struct model_case *c = test->priv;
	struct device *dev = &c->pdev->dev;
	u8 *buf = kzalloc(256, GFP_KERNEL);
	u8 data[64];

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	memset(data, 0x88, sizeof(data));
	c->model->line_size = 64;
	c->dir = DMA_FROM_DEVICE;
	c->handle = dma_map_single(dev, buf + 40, 100, c->dir);
	KUNIT_ASSERT_FALSE(test, dma_mapping_error(dev, c->handle));
	KUNIT_EXPECT_EQ(test, 0,
			dma_model_write(c->model, c->handle, data, 64));
	take(c, 0, 1);
	KUNIT_EXPECT_EQ(test, 0x88, (int)buf[40]);
	/* 64 is the first byte of the next line. */
	KUNIT_EXPECT_EQ(test, 0x88, (int)buf[63]);
	KUNIT_EXPECT_EQ(test, 0, (int)buf[64]);
	dma_unmap_single(dev, c->handle, 100, c->dir);
	KUNIT_EXPECT_EQ(test, 0x88, (int)buf[40 + 63]);
	KUNIT_EXPECT_NE(test, 0x88, (int)buf[40 + 64]);
	KUNIT_EXPECT_EQ(test, 0, (int)buf[39] | buf[140]);
	expect_faults(test, 0, 0, 0, 0);
	kfree(buf);
}

/* What the device must not do is not done, and counted. */
static void dma_model_out_of_bounds(struct kunit *test)
{
	struct model_case *c = dma_model_page(test, DMA_TO_DEVICE);
	u8 buf[2] = {};

	give(c, 0, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, -EFAULT, dma_model_read(c->model, c->handle - 1,
						      buf, 2));
	KUNIT_EXPECT_EQ(test, -EFAULT,
			dma_model_read(c->model, c->handle + PAGE_SIZE - 1,
				       buf, 2));
	KUNIT_EXPECT_EQ(test, -EFAULT,
			dma_model_read(c->model, page_to_phys(c->page), buf, 1));
	KUNIT_EXPECT_EQ(test, -EFAULT,
			dma_model_write(c->model, c->handle, buf, 1));
	expect_faults(test, 4, 0, 0, 0);
}

/* Coherent memory wants no sync, and is told from what does. */
static void dma_model_coherent(struct kunit *test)
{
	struct model_case *c = test->priv;
	struct device *dev = &c->pdev->dev;
	u8 *cpu = dma_alloc_coherent(dev, 100, &c->handle, GFP_KERNEL);
	dma_addr_t handle;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, cpu);
	cpu[1] = 0x12;
	KUNIT_EXPECT_EQ(test, 0x12, (int)device_reads(c, 1));
	device_writes(c, 2, 0x34);
	KUNIT_EXPECT_EQ(test, 0x34, (int)cpu[2]);
	expect_faults(test, 0, 0, 0, 0);
	dma_free_coherent(dev, 100, cpu, c->handle);

	c->model->no_coherent = true;
	KUNIT_EXPECT_PTR_EQ(test, (void *)NULL,
			    dma_alloc_coherent(dev, 100, &handle, GFP_KERNEL));
}

/* The first, the second, none. */
static void dma_model_failures(struct kunit *test)
{
	struct model_case *c = test->priv;
	struct device *dev = &c->pdev->dev;
	u8 *buf = kzalloc(64, GFP_KERNEL);
	dma_addr_t one, two;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	c->model->fail_in = 2;
	one = dma_map_single(dev, buf, 32, DMA_TO_DEVICE);
	two = dma_map_single(dev, buf + 32, 32, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, dma_mapping_error(dev, one));
	KUNIT_EXPECT_NE(test, 0, dma_mapping_error(dev, two));
	dma_unmap_single(dev, one, 32, DMA_TO_DEVICE);

	c->model->fail_in = 1;
	KUNIT_EXPECT_PTR_EQ(test, (struct page *)NULL,
			    dma_alloc_pages(dev, PAGE_SIZE, &one,
					    DMA_TO_DEVICE, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0u, dma_model_nr_live(c->model));
	dma_model_page(test, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 1u, dma_model_nr_live(c->model));
	expect_faults(test, 0, 0, 0, 0);
	kfree(buf);
}

/* The record has calls in their order, with what they were called with. */
static void dma_model_events(struct kunit *test)
{
	struct model_case *c = dma_model_page(test, DMA_BIDIRECTIONAL);
	const struct dma_model_event want[] = {
		{ DMA_MODEL_FOR_DEVICE, c->handle + 4, 8, c->dir },
		{ DMA_MODEL_FOR_CPU, c->handle, 64, c->dir },
	};

	KUNIT_EXPECT_TRUE(test, dma_model_saw(c->model, DMA_MODEL_ALLOC,
					      c->handle, PAGE_SIZE, c->dir));
	give(c, 4, 8);
	take(c, 0, 64);
	KUNIT_EXPECT_TRUE(test, dma_model_saw(c->model, DMA_MODEL_FOR_CPU,
					      c->handle + 10, 10, c->dir));
	KUNIT_EXPECT_FALSE(test, dma_model_saw(c->model, DMA_MODEL_FOR_CPU,
					       c->handle + 60, 10, c->dir));
	KUNIT_EXPECT_FALSE(test, dma_model_saw(c->model, DMA_MODEL_FOR_DEVICE,
					       c->handle + 10, 10, c->dir));
	dma_model_expect(test, c->model, want, ARRAY_SIZE(want));
	dma_model_expect(test, c->model, NULL, 0);
}

static struct kunit_case dma_model_cases[] = {
	KUNIT_CASE(dma_model_round_trip),
	KUNIT_CASE(dma_model_without_syncs),
	KUNIT_CASE(dma_model_poll),
	KUNIT_CASE(dma_model_shared_line),
	KUNIT_CASE(dma_model_stray_write),
	KUNIT_CASE(dma_model_discard),
	KUNIT_CASE(dma_model_unaligned_map),
	KUNIT_CASE(dma_model_out_of_bounds),
	KUNIT_CASE(dma_model_coherent),
	KUNIT_CASE(dma_model_failures),
	KUNIT_CASE(dma_model_events),
	{}
};

static struct kunit_suite dma_model_suite = {
	.name		= "dma_model",
	.init		= dma_model_init,
	.exit		= dma_model_exit,
	.test_cases	= dma_model_cases,
};

kunit_test_suite(dma_model_suite);
