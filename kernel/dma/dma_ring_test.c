// SPDX-License-Identifier: GPL-2.0
/*
 * A receive ring with explicitly owned memory, as a driver would have it, and a
 * KUnit suite that runs it against the model of a device.
 *
 * The first part is the example of Documentation/core-api/dma-alloc-pages.rst.
 */
#include <linux/dma-mapping.h>
#include <linux/dma-model.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <kunit/test.h>

/* The example begins. */
#define RING_ENTRIES	8
#define RING_BUF_SIZE	1024
#define RING_OWN	BIT(31)		/* the device fills the buffer */

struct ring_desc {
	__le32	addr;
	__le32	status;			/* RING_OWN, or what was received */
};

struct ring {
	struct device	*dev;
	size_t		stride;		/* from one descriptor to the next */
	void		*descs;		/* both sides write them */
	dma_addr_t	descs_dma;
	struct page	*bufs;		/* the device writes, the CPU reads */
	dma_addr_t	bufs_dma;
	unsigned int	next;
};

static struct ring_desc *ring_desc(struct ring *ring, unsigned int i)
{
	return ring->descs + i * ring->stride;
}

static void ring_give_desc(struct ring *ring, unsigned int i)
{
	dma_sync_single_for_device(ring->dev,
				   ring->descs_dma + i * ring->stride,
				   sizeof(struct ring_desc), DMA_BIDIRECTIONAL);
}

static void ring_take_desc(struct ring *ring, unsigned int i)
{
	dma_sync_single_for_cpu(ring->dev, ring->descs_dma + i * ring->stride,
				sizeof(struct ring_desc), DMA_BIDIRECTIONAL);
}

/* The buffer first: the device may fill it once it sees the flag. */
static void ring_give(struct ring *ring, unsigned int i)
{
	dma_addr_t buf = ring->bufs_dma + i * RING_BUF_SIZE;
	struct ring_desc *desc = ring_desc(ring, i);

	dma_sync_single_for_device(ring->dev, buf, RING_BUF_SIZE,
				   DMA_FROM_DEVICE);
	desc->addr = cpu_to_le32(buf);
	dma_wmb();
	desc->status = cpu_to_le32(RING_OWN);
	ring_give_desc(ring, i);
}

static void ring_exit(struct ring *ring)
{
	dma_free_pages(ring->dev, RING_ENTRIES * RING_BUF_SIZE, ring->bufs,
		       ring->bufs_dma, DMA_FROM_DEVICE);
	dma_free_noncoherent(ring->dev, RING_ENTRIES * ring->stride,
			     ring->descs, ring->descs_dma, DMA_BIDIRECTIONAL);
}

static int ring_init(struct ring *ring, struct device *dev)
{
	unsigned int i;

	ring->dev = dev;
	ring->next = 0;

	/* No two descriptors in a cache line: they change hands one by one. */
	ring->stride = ALIGN(sizeof(struct ring_desc),
			     dma_get_cache_alignment());
	ring->descs = dma_alloc_noncoherent(dev, RING_ENTRIES * ring->stride,
					    &ring->descs_dma,
					    DMA_BIDIRECTIONAL, GFP_KERNEL);
	ring->bufs = dma_alloc_pages(dev, RING_ENTRIES * RING_BUF_SIZE,
				     &ring->bufs_dma, DMA_FROM_DEVICE,
				     GFP_KERNEL);
	if (!ring->descs || !ring->bufs) {
		/* Freeing what is NULL does nothing. */
		ring_exit(ring);
		return -ENOMEM;
	}

	for (i = 0; i < RING_ENTRIES; i++)
		ring_give(ring, i);
	return 0;
}

/* Returns how many buffers were received. */
static unsigned int ring_poll(struct ring *ring,
			      void (*receive)(const void *buf, size_t len))
{
	const void *bufs = page_address(ring->bufs);
	unsigned int received = 0, i = ring->next;
	u32 status;
	size_t len;

	for (;;) {
		ring_take_desc(ring, i);
		status = le32_to_cpu(READ_ONCE(ring_desc(ring, i)->status));
		if (status & RING_OWN)
			break;
		dma_rmb();

		/* The device is not trusted with the length. */
		len = min_t(size_t, status, RING_BUF_SIZE);
		dma_sync_single_for_cpu(ring->dev,
					ring->bufs_dma + i * RING_BUF_SIZE,
					len, DMA_FROM_DEVICE);
		receive(bufs + i * RING_BUF_SIZE, len);
		ring_give(ring, i);
		i = (i + 1) % RING_ENTRIES;
		received++;
	}

	/* Nothing there yet: who looked gives it back before looking again. */
	ring_give_desc(ring, i);
	ring->next = i;
	return received;
}
/* The example ends. */

struct ring_case {
	struct platform_device	*pdev;
	struct dma_model	*model;
	struct ring		ring;
	/* The device's side */
	unsigned int		device_next;
	u8			device_byte;
	u8			data[RING_BUF_SIZE];
};

/* What came, and how much of it was not what the device sent */
static u8 ring_expected_byte;
static unsigned int ring_nr_wrong;

static void ring_receive(const void *buf, size_t len)
{
	if (!len || memchr_inv(buf, ring_expected_byte, len))
		ring_nr_wrong++;
	ring_expected_byte++;
}

/* Fill the next buffer, if the driver has given one. */
static bool ring_device_sends(struct ring_case *c, size_t len)
{
	dma_addr_t addr = c->ring.descs_dma + c->device_next * c->ring.stride;
	struct ring_desc desc;

	if (dma_model_read(c->model, addr, &desc, sizeof(desc)) ||
	    !(le32_to_cpu(desc.status) & RING_OWN))
		return false;
	memset(c->data, c->device_byte++, len);
	if (dma_model_write(c->model, le32_to_cpu(desc.addr), c->data, len))
		return false;
	desc.status = cpu_to_le32(len);
	dma_model_write(c->model, addr, &desc, sizeof(desc));
	c->device_next = (c->device_next + 1) % RING_ENTRIES;
	return true;
}

static int dma_ring_init(struct kunit *test)
{
	struct ring_case *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	/* For the exit, which a failed init does not keep away. */
	test->priv = NULL;
	if (!c)
		return -ENOMEM;
	c->model = kunit_kzalloc(test, sizeof(*c->model), GFP_KERNEL);
	if (!c->model)
		return -ENOMEM;
	c->pdev = platform_device_register_simple("dma_ring",
						  PLATFORM_DEVID_AUTO, NULL, 0);
	if (IS_ERR(c->pdev))
		return PTR_ERR(c->pdev);
	dma_model_attach(c->model, &c->pdev->dev);
	/* What the driver goes by: 1 where all devices are coherent. */
	c->model->line_size = dma_get_cache_alignment();
	ring_expected_byte = 0;
	ring_nr_wrong = 0;
	test->priv = c;
	return 0;
}

static void dma_ring_exit(struct kunit *test)
{
	struct ring_case *c = test->priv;

	if (!c)
		return;
	KUNIT_EXPECT_EQ(test, 0u, c->model->nr_bad);
	KUNIT_EXPECT_EQ(test, 0u, c->model->nr_unowned);
	KUNIT_EXPECT_EQ(test, 0u, c->model->nr_stray);
	KUNIT_EXPECT_EQ(test, 0u, c->model->nr_lost);
	KUNIT_EXPECT_EQ(test, 0u, dma_model_detach(c->model));
	platform_device_unregister(c->pdev);
}

/* Three times around, one or many at a time. */
static void dma_ring_around(struct kunit *test, bool for_cpu_is_noop)
{
	struct ring_case *c = test->priv;
	unsigned int batch, sent;

	c->model->for_cpu_is_noop = for_cpu_is_noop;
	KUNIT_ASSERT_EQ(test, 0, ring_init(&c->ring, &c->pdev->dev));
	for (batch = 1; batch <= RING_ENTRIES; batch++) {
		/* A look at a ring that is empty must do no harm. */
		KUNIT_EXPECT_EQ(test, 0u, ring_poll(&c->ring, ring_receive));
		for (sent = 0; sent < batch; sent++)
			KUNIT_EXPECT_TRUE(test,
					  ring_device_sends(c, 100 * batch));
		KUNIT_EXPECT_EQ(test, batch,
				ring_poll(&c->ring, ring_receive));
	}
	KUNIT_EXPECT_EQ(test, 0u, ring_nr_wrong);
	ring_exit(&c->ring);
}

static void dma_ring_speculating(struct kunit *test)
{
	dma_ring_around(test, false);
}

static void dma_ring_for_cpu_is_noop(struct kunit *test)
{
	dma_ring_around(test, true);
}

/* A ring that is full gives the device nothing more. */
static void dma_ring_full(struct kunit *test)
{
	struct ring_case *c = test->priv;
	unsigned int sent = 0;

	KUNIT_ASSERT_EQ(test, 0, ring_init(&c->ring, &c->pdev->dev));
	while (ring_device_sends(c, 64))
		sent++;
	KUNIT_EXPECT_EQ(test, (unsigned int)RING_ENTRIES, sent);
	/* It looked at the first one again, which nobody has taken yet. */
	KUNIT_EXPECT_EQ(test, sent, ring_poll(&c->ring, ring_receive));
	KUNIT_EXPECT_EQ(test, 0u, ring_nr_wrong);
	ring_exit(&c->ring);
}

/* Each handover has its sync, in this order. */
static void dma_ring_syncs(struct kunit *test)
{
	struct ring_case *c = test->priv;
	struct ring *ring = &c->ring;
	size_t size = sizeof(struct ring_desc);

	KUNIT_ASSERT_EQ(test, 0, ring_init(ring, &c->pdev->dev));
	dma_model_clear_events(c->model);
	KUNIT_EXPECT_TRUE(test, ring_device_sends(c, 60));
	KUNIT_EXPECT_EQ(test, 1u, ring_poll(ring, ring_receive));
	{
		dma_addr_t one = ring->descs_dma, two = one + ring->stride;
		const struct dma_model_event want[] = {
			{ DMA_MODEL_FOR_CPU, one, size, DMA_BIDIRECTIONAL },
			{ DMA_MODEL_FOR_CPU, ring->bufs_dma, 60,
			  DMA_FROM_DEVICE },
			{ DMA_MODEL_FOR_DEVICE, ring->bufs_dma, RING_BUF_SIZE,
			  DMA_FROM_DEVICE },
			{ DMA_MODEL_FOR_DEVICE, one, size, DMA_BIDIRECTIONAL },
			{ DMA_MODEL_FOR_CPU, two, size, DMA_BIDIRECTIONAL },
			{ DMA_MODEL_FOR_DEVICE, two, size, DMA_BIDIRECTIONAL },
		};

		dma_model_expect(test, c->model, want, ARRAY_SIZE(want));
	}
	ring_exit(ring);
}

/* Whichever allocation fails, the other is given back. */
static void dma_ring_no_memory(struct kunit *test)
{
	struct ring_case *c = test->priv;
	unsigned int nth;

	for (nth = 1; nth <= 2; nth++) {
		c->model->fail_in = nth;
		KUNIT_EXPECT_EQ(test, -ENOMEM,
				ring_init(&c->ring, &c->pdev->dev));
		c->model->fail_in = 0;
		KUNIT_EXPECT_EQ(test, 0u, dma_model_nr_live(c->model));
	}
}

static struct kunit_case dma_ring_cases[] = {
	KUNIT_CASE(dma_ring_speculating),
	KUNIT_CASE(dma_ring_for_cpu_is_noop),
	KUNIT_CASE(dma_ring_full),
	KUNIT_CASE(dma_ring_syncs),
	KUNIT_CASE(dma_ring_no_memory),
	{}
};

static struct kunit_suite dma_ring_suite = {
	.name		= "dma_ring",
	.init		= dma_ring_init,
	.exit		= dma_ring_exit,
	.test_cases	= dma_ring_cases,
};

kunit_test_suite(dma_ring_suite);
