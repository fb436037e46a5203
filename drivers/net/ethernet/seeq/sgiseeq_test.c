// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suites for sgiseeq, with a model of the HPC3 and the Seeq 80C03.
 *
 * Part of sgiseeq.c.  The model moves a frame when a case tells it to, and then
 * with nothing but the addresses in its registers and in the descriptors.  The
 * second suite is the first on a CPU that does not read ahead, as in IP22.
 */
#include <linux/dma-model.h>
#include <linux/irq.h>
#include <linux/rtnetlink.h>
#include <linux/vmalloc.h>
#include <kunit/test.h>

#define SEEQ_NR_WANT	128

struct seeq_test {
	struct dma_model model;
	struct hpc3_regs *hpc;
	struct platform_device *pdev;
	struct net_device *dev;
	struct sgiseeq_private *sp;
	struct packet_type pt;
	int irq;

	/* Descriptors that the model works on */
	dma_addr_t rx_cur, tx_cur;

	/* The last frame that came out at the other end */
	u8 frame[PKT_BUF_SZ], received[PKT_BUF_SZ], sent[PKT_BUF_SZ];
	unsigned int nr_received, received_len, nr_sent, sent_len;

	struct dma_model_event want[SEEQ_NR_WANT];
	unsigned int nr_want;
};

/* A register access says nothing of who does it. */
static struct seeq_test *seeq_test;

struct seeq_hw_desc {
	__be32 pbuf, cntinfo, pnext;
};

static u32 sgiseeq_test_read(unsigned long reg)
{
	return *(u32 *)reg;
}

static void sgiseeq_test_write(unsigned long reg, u32 val)
{
	struct hpc3_ethregs *hregs = &seeq_test->hpc->ethregs;

	*(u32 *)reg = val;
	if (reg == (unsigned long)&hregs->reset && (val & HPC3_ERST_CRESET)) {
		hregs->rx_ctrl = 0;
		hregs->tx_ctrl = 0;
	} else if (reg == (unsigned long)&hregs->rx_ctrl) {
		seeq_test->rx_cur = hregs->rx_ndptr;
	} else if (reg == (unsigned long)&hregs->tx_ctrl) {
		seeq_test->tx_cur = hregs->tx_ndptr;
	}
}

static void seeq_hw_put_cntinfo(struct seeq_test *st, dma_addr_t desc,
				u32 cntinfo)
{
	__be32 val = cpu_to_be32(cntinfo);

	dma_model_write(&st->model,
			desc + offsetof(struct seeq_hw_desc, cntinfo), &val,
			sizeof(val));
}

/* A frame comes in.  False if there was no room for it. */
static bool seeq_hw_rx(struct seeq_test *st, unsigned int len, u8 status)
{
	struct hpc3_ethregs *hregs = &st->hpc->ethregs;
	static const u8 pad[2];
	struct seeq_hw_desc desc;
	dma_addr_t pbuf;
	u32 cntinfo;

	if (!(hregs->rx_ctrl & HPC3_ERXCTRL_ACTIVE) ||
	    dma_model_read(&st->model, st->rx_cur, &desc, sizeof(desc)))
		return false;
	cntinfo = be32_to_cpu(desc.cntinfo);
	if (!(cntinfo & HPCDMA_OWN)) {
		hregs->rx_ctrl = 0;
		return false;
	}

	pbuf = be32_to_cpu(desc.pbuf);
	dma_model_write(&st->model, pbuf, pad, 2);
	dma_model_write(&st->model, pbuf + 2, st->frame, len);
	dma_model_write(&st->model, pbuf + 2 + len, &status, 1);
	cntinfo &= ~HPCDMA_OWN;
	seeq_hw_put_cntinfo(st, st->rx_cur, cntinfo - len - 3);

	if (cntinfo & HPCDMA_EOR)
		hregs->rx_ctrl = 0;
	else
		st->rx_cur = be32_to_cpu(desc.pnext);
	return true;
}

/* A frame goes out.  False if there was none to send. */
static bool seeq_hw_tx(struct seeq_test *st)
{
	struct hpc3_ethregs *hregs = &st->hpc->ethregs;
	struct seeq_hw_desc desc;
	u32 cntinfo;

	if (!(hregs->tx_ctrl & HPC3_ETXCTRL_ACTIVE) ||
	    dma_model_read(&st->model, st->tx_cur, &desc, sizeof(desc)))
		return false;

	cntinfo = be32_to_cpu(desc.cntinfo);
	st->sent_len = min_t(unsigned int, cntinfo & HPCDMA_BCNT, PKT_BUF_SZ);
	dma_model_read(&st->model, be32_to_cpu(desc.pbuf), st->sent,
		       st->sent_len);
	st->nr_sent++;
	seeq_hw_put_cntinfo(st, st->tx_cur, cntinfo | HPCDMA_ETXD);

	if (cntinfo & HPCDMA_EOX)
		hregs->tx_ctrl = SEEQ_TSTAT_PTRANS;
	else
		st->tx_cur = be32_to_cpu(desc.pnext);
	return true;
}

static void seeq_irq(struct seeq_test *st)
{
	local_bh_disable();
	local_irq_disable();
	generic_handle_irq(st->irq);
	local_irq_enable();
	/* What was received goes up here. */
	local_bh_enable();
}

/* If ksoftirqd is about to run, what was received goes up there. */
static void seeq_wait_received(struct seeq_test *st, unsigned int nr)
{
	int i;

	for (i = 0; i < HZ && st->nr_received != nr; i++)
		schedule_timeout_uninterruptible(1);
}

static int seeq_test_rcv(struct sk_buff *skb, struct net_device *dev,
			 struct packet_type *pt, struct net_device *orig_dev)
{
	struct seeq_test *st = container_of(pt, struct seeq_test, pt);

	st->nr_received++;
	st->received_len = skb->len + ETH_HLEN;
	memcpy(st->received, skb_mac_header(skb), st->received_len);
	kfree_skb(skb);
	return 0;
}

static void seeq_fill(struct seeq_test *st, unsigned int len, u8 seed)
{
	static const u8 header[] = { 8, 0, 0x69, 1, 2, 4, 0x88, 0xb5 };
	unsigned int i;

	for (i = 0; i < len; i++)
		st->frame[i] = seed + i + i / 256;
	memcpy(st->frame, st->dev->dev_addr, ETH_ALEN);
	memcpy(st->frame + ETH_ALEN, header, sizeof(header));
}

/* Receive a good frame, and find it unchanged at the other end. */
static void seeq_receive(struct kunit *test, unsigned int len, u8 seed)
{
	struct seeq_test *st = test->priv;
	unsigned int nr = st->nr_received;

	seeq_fill(st, len, seed);
	KUNIT_ASSERT_TRUE(test, seeq_hw_rx(st, len, SEEQ_RSTAT_FIG));
	seeq_irq(st);
	seeq_wait_received(st, nr + 1);
	KUNIT_ASSERT_EQ(test, st->nr_received, nr + 1);
	KUNIT_EXPECT_EQ(test, st->received_len, len);
	KUNIT_EXPECT_EQ(test, memcmp(st->received, st->frame, len), 0);
}

static void seeq_queue(struct kunit *test, unsigned int len, u8 seed)
{
	struct seeq_test *st = test->priv;
	struct sk_buff *skb = netdev_alloc_skb(st->dev, len);

	KUNIT_ASSERT_TRUE(test, skb);
	seeq_fill(st, len, seed);
	skb_put_data(skb, st->frame, len);
	KUNIT_EXPECT_EQ(test, (int)sgiseeq_start_xmit(skb, st->dev),
			(int)NETDEV_TX_OK);
}

/* The device sends the frame that seeq_fill() makes of this. */
static void seeq_send(struct kunit *test, unsigned int len, u8 seed)
{
	struct seeq_test *st = test->priv;
	unsigned int nr = st->nr_sent;

	seeq_fill(st, len, seed);
	KUNIT_ASSERT_TRUE(test, seeq_hw_tx(st));
	KUNIT_EXPECT_EQ(test, st->nr_sent, nr + 1);
	KUNIT_EXPECT_EQ(test, st->sent_len,
			max_t(unsigned int, len, ETH_ZLEN));
	KUNIT_EXPECT_EQ(test, memcmp(st->sent, st->frame, len), 0);
}

static void seeq_want(struct seeq_test *st, enum dma_model_call call,
		      dma_addr_t addr, size_t size, enum dma_data_direction dir)
{
	if (st->nr_want < SEEQ_NR_WANT)
		st->want[st->nr_want++] = (struct dma_model_event) {
			call, addr, size, dir,
		};
}

static void seeq_want_rx(struct seeq_test *st, enum dma_model_call call,
			 unsigned int i)
{
	i %= SEEQ_RX_BUFFERS;
	seeq_want(st, call, VIRT_TO_DMA(st->sp, st->sp->rx_desc + i), 128,
		  DMA_BIDIRECTIONAL);
}

static void seeq_want_tx(struct seeq_test *st, enum dma_model_call call,
			 unsigned int i)
{
	i %= SEEQ_TX_BUFFERS;
	seeq_want(st, call, VIRT_TO_DMA(st->sp, st->sp->tx_desc + i), 128,
		  DMA_BIDIRECTIONAL);
}

/* A look at a descriptor, or a change: over to the CPU, and back. */
static void seeq_want_rx_both(struct seeq_test *st, unsigned int i)
{
	seeq_want_rx(st, DMA_MODEL_FOR_CPU, i);
	seeq_want_rx(st, DMA_MODEL_FOR_DEVICE, i);
}

static void seeq_want_tx_both(struct seeq_test *st, unsigned int i)
{
	seeq_want_tx(st, DMA_MODEL_FOR_CPU, i);
	seeq_want_tx(st, DMA_MODEL_FOR_DEVICE, i);
}

/* The interrupt finds that i is still empty, and moves the end of the ring. */
static void seeq_want_rx_end(struct seeq_test *st, unsigned int i,
			     unsigned int old_end)
{
	seeq_want_rx_both(st, i);
	seeq_want_rx_both(st, old_end);
	seeq_want_rx_both(st, i + SEEQ_RX_BUFFERS - 1);
}

static void seeq_expect(struct kunit *test)
{
	struct seeq_test *st = test->priv;

	dma_model_expect(test, &st->model, st->want, st->nr_want);
	st->nr_want = 0;
}

static int seeq_open(struct kunit *test)
{
	struct seeq_test *st = test->priv;
	int err;

	rtnl_lock();
	err = dev_open(st->dev, NULL);
	rtnl_unlock();
	return err;
}

static void seeq_close(struct kunit *test)
{
	struct seeq_test *st = test->priv;

	rtnl_lock();
	dev_close(st->dev);
	rtnl_unlock();
}

/* As every case but those of the ring's setup has it */
static void seeq_up(struct kunit *test)
{
	struct seeq_test *st = test->priv;

	KUNIT_ASSERT_EQ(test, seeq_open(test), 0);
	dma_model_clear_events(&st->model);
}

static void seeq_test_setup(struct kunit *test)
{
	struct seeq_test *st = test->priv;
	struct seeq_hw_desc desc;
	dma_addr_t addr;
	u32 info;
	int i;

	/* The links are set by probe(). */
	for (i = 0; i < SEEQ_RX_BUFFERS; i++)
		seeq_want_rx(st, DMA_MODEL_FOR_DEVICE, i);
	for (i = 0; i < SEEQ_TX_BUFFERS; i++)
		seeq_want_tx(st, DMA_MODEL_FOR_DEVICE, i);
	seeq_expect(test);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&st->model), 1u);

	KUNIT_ASSERT_EQ(test, seeq_open(test), 0);
	for (i = 0; i < SEEQ_TX_BUFFERS; i++)
		seeq_want_tx_both(st, i);
	for (i = 0; i < SEEQ_RX_BUFFERS; i++)
		seeq_want_rx_both(st, i);
	seeq_want_rx_both(st, SEEQ_RX_BUFFERS - 1);
	seeq_expect(test);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&st->model),
			1u + SEEQ_RX_BUFFERS);

	/* What the device sees of it */
	addr = st->hpc->ethregs.rx_ndptr;
	for (i = 0; i < SEEQ_RX_BUFFERS; i++) {
		dma_model_read(&st->model, addr, &desc, sizeof(desc));
		info = RCNTINFO_INIT;
		if (i == SEEQ_RX_BUFFERS - 1)
			info |= HPCDMA_EOR;
		KUNIT_EXPECT_EQ(test, be32_to_cpu(desc.cntinfo), info);
		addr = be32_to_cpu(desc.pnext);
	}
	KUNIT_EXPECT_EQ(test, (u32)addr, st->hpc->ethregs.rx_ndptr);

	addr = st->hpc->ethregs.tx_ndptr;
	for (i = 0; i < SEEQ_TX_BUFFERS; i++) {
		dma_model_read(&st->model, addr, &desc, sizeof(desc));
		info = TCNTINFO_INIT;
		KUNIT_EXPECT_EQ(test, be32_to_cpu(desc.cntinfo), info);
		addr = be32_to_cpu(desc.pnext);
	}
	KUNIT_EXPECT_EQ(test, (u32)addr, st->hpc->ethregs.tx_ndptr);
}

static void seeq_test_receive_copied(struct kunit *test)
{
	struct seeq_test *st = test->priv;
	dma_addr_t buf;

	seeq_up(test);
	buf = st->sp->rx_buf[0].dma;
	seeq_receive(test, rx_copybreak, 1);

	seeq_want_rx(st, DMA_MODEL_FOR_CPU, 0);
	seeq_want(st, DMA_MODEL_FOR_CPU, buf, PKT_BUF_SZ, DMA_FROM_DEVICE);
	seeq_want(st, DMA_MODEL_FOR_DEVICE, buf, PKT_BUF_SZ, DMA_FROM_DEVICE);
	seeq_want_rx(st, DMA_MODEL_FOR_DEVICE, 0);
	seeq_want_rx_end(st, 1, 15);
	seeq_expect(test);
	KUNIT_EXPECT_EQ(test, st->sp->rx_buf[0].dma, buf);
}

static void seeq_test_receive_large(struct kunit *test)
{
	struct seeq_test *st = test->priv;
	dma_addr_t buf;

	seeq_up(test);
	buf = st->sp->rx_buf[0].dma;
	seeq_receive(test, ETH_FRAME_LEN, 2);

	seeq_want_rx(st, DMA_MODEL_FOR_CPU, 0);
	seeq_want(st, DMA_MODEL_FOR_CPU, buf, PKT_BUF_SZ, DMA_FROM_DEVICE);
	seeq_want_rx(st, DMA_MODEL_FOR_DEVICE, 0);
	seeq_want_rx_end(st, 1, 15);
	seeq_expect(test);
	KUNIT_EXPECT_NE(test, st->sp->rx_buf[0].dma, buf);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&st->model),
			1u + SEEQ_RX_BUFFERS);
}

/* The interrupt is for something else, and then a frame comes in. */
static void seeq_test_receive_nothing(struct kunit *test)
{
	struct seeq_test *st = test->priv;
	int i;

	seeq_up(test);
	for (i = 0; i < 3; i++) {
		seeq_irq(st);
		seeq_want_rx_end(st, i, i + 15);
		seeq_expect(test);
		seeq_receive(test, 300, i);
		dma_model_clear_events(&st->model);
	}
}

static void seeq_test_receive_wrap(struct kunit *test)
{
	struct seeq_test *st = test->priv;
	int i;

	seeq_up(test);
	for (i = 0; i < 3 * SEEQ_RX_BUFFERS + 1; i++)
		seeq_receive(test, i % 2 ? 1000 + i : 60 + i % 40, i);
	KUNIT_EXPECT_EQ(test, st->dev->stats.rx_packets,
			3ul * SEEQ_RX_BUFFERS + 1);
}

/* The device stops at the end of the ring, and starts again from there. */
static void seeq_test_receive_full(struct kunit *test)
{
	struct seeq_test *st = test->priv;
	int i;

	seeq_up(test);
	seeq_receive(test, 200, 0);
	for (i = 0; i < SEEQ_RX_BUFFERS; i++) {
		seeq_fill(st, 64 + 20 * i, i);
		KUNIT_EXPECT_TRUE(test,
				  seeq_hw_rx(st, 64 + 20 * i, SEEQ_RSTAT_FIG));
	}
	KUNIT_EXPECT_FALSE(test, seeq_hw_rx(st, 64, SEEQ_RSTAT_FIG));
	seeq_irq(st);
	seeq_wait_received(st, 1 + SEEQ_RX_BUFFERS);
	KUNIT_EXPECT_EQ(test, st->nr_received, 1u + SEEQ_RX_BUFFERS);
	KUNIT_EXPECT_EQ(test, memcmp(st->received, st->frame, 64 + 20 * 15), 0);
	seeq_receive(test, 200, 7);
}

/* Neither a bad frame nor one of our own goes up, and both buffers stay. */
static void seeq_test_receive_bad(struct kunit *test)
{
	struct seeq_test *st = test->priv;
	dma_addr_t buf[2];
	int i;

	seeq_up(test);
	for (i = 0; i < 2; i++) {
		buf[i] = st->sp->rx_buf[i].dma;
		seeq_fill(st, 400, i);
		if (i)
			memcpy(st->frame + ETH_ALEN, st->dev->dev_addr,
			       ETH_ALEN);
		seeq_hw_rx(st, 400, i ? SEEQ_RSTAT_FIG : SEEQ_RSTAT_CERROR);
	}
	seeq_irq(st);
	for (i = 0; i < 2; i++) {
		seeq_want_rx(st, DMA_MODEL_FOR_CPU, i);
		seeq_want(st, DMA_MODEL_FOR_CPU, buf[i], PKT_BUF_SZ,
			  DMA_FROM_DEVICE);
		seeq_want(st, DMA_MODEL_FOR_DEVICE, buf[i], PKT_BUF_SZ,
			  DMA_FROM_DEVICE);
		seeq_want_rx(st, DMA_MODEL_FOR_DEVICE, i);
	}
	seeq_want_rx_end(st, 2, 15);
	seeq_expect(test);
	KUNIT_EXPECT_EQ(test, st->nr_received, 0u);
	KUNIT_EXPECT_EQ(test, st->dev->stats.rx_crc_errors, 1ul);
	for (i = 0; i < SEEQ_RX_BUFFERS + 2; i++)
		seeq_receive(test, 90, i);
}

/* Without a mapping for another buffer the frame is dropped, and no more. */
static void seeq_test_receive_unmapped(struct kunit *test)
{
	struct seeq_test *st = test->priv;
	dma_addr_t buf;
	int i;

	seeq_up(test);
	buf = st->sp->rx_buf[0].dma;
	seeq_fill(st, 1000, 3);
	seeq_hw_rx(st, 1000, SEEQ_RSTAT_FIG);
	st->model.fail_in = 1;
	seeq_irq(st);
	KUNIT_EXPECT_EQ(test, st->model.fail_in, 0u);
	KUNIT_EXPECT_EQ(test, st->nr_received, 0u);
	KUNIT_EXPECT_EQ(test, st->dev->stats.rx_dropped, 1ul);
	KUNIT_EXPECT_EQ(test, st->sp->rx_buf[0].dma, buf);
	KUNIT_EXPECT_TRUE(test, dma_model_saw(&st->model, DMA_MODEL_FOR_DEVICE,
					      buf, PKT_BUF_SZ,
					      DMA_FROM_DEVICE));
	for (i = 0; i < SEEQ_RX_BUFFERS + 1; i++)
		seeq_receive(test, 1000, i);
}

static void seeq_test_transmit(struct kunit *test)
{
	struct seeq_test *st = test->priv;
	int i;

	seeq_up(test);
	/* Short ones are padded, with zeros. */
	seeq_queue(test, 40, 1);
	seeq_want_tx_both(st, 0);
	seeq_want_tx_both(st, 0);
	seeq_expect(test);
	seeq_send(test, 40, 1);
	for (i = 40; i < ETH_ZLEN; i++)
		KUNIT_EXPECT_EQ(test, st->sent[i], (u8)0);

	seeq_irq(st);
	seeq_want_rx_end(st, 0, 15);
	seeq_want_tx_both(st, 0);
	seeq_expect(test);
	KUNIT_EXPECT_EQ(test, st->dev->stats.tx_packets, 1ul);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&st->model),
			1u + SEEQ_RX_BUFFERS);
}

/* Frames that are queued while the device sends others, or has just stopped */
static void seeq_test_transmit_append(struct kunit *test)
{
	struct seeq_test *st = test->priv;

	seeq_up(test);
	seeq_queue(test, 500, 1);
	dma_model_clear_events(&st->model);
	seeq_queue(test, 600, 2);
	seeq_want_tx_both(st, 1);
	seeq_want_tx_both(st, 0);
	seeq_expect(test);
	seeq_send(test, 500, 1);
	seeq_send(test, 600, 2);
	KUNIT_EXPECT_FALSE(test, seeq_hw_tx(st));

	/* No interrupt yet: both are passed, the third one starts it. */
	seeq_queue(test, 700, 3);
	seeq_want_tx_both(st, 2);
	seeq_want_tx_both(st, 1);
	seeq_want_tx_both(st, 0);
	seeq_want_tx_both(st, 1);
	seeq_want_tx_both(st, 2);
	seeq_expect(test);
	seeq_send(test, 700, 3);
	seeq_irq(st);
	KUNIT_EXPECT_EQ(test, st->dev->stats.tx_packets, 3ul);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&st->model),
			1u + SEEQ_RX_BUFFERS);
}

/* The interrupt comes before the device is done. */
static void seeq_test_transmit_nothing(struct kunit *test)
{
	struct seeq_test *st = test->priv;

	seeq_up(test);
	seeq_queue(test, 500, 1);
	dma_model_clear_events(&st->model);
	seeq_irq(st);
	seeq_want_rx_end(st, 0, 15);
	seeq_want_tx_both(st, 0);
	seeq_expect(test);
	KUNIT_EXPECT_EQ(test, st->dev->stats.tx_packets, 0ul);

	/* It may have stopped, too. */
	st->hpc->ethregs.tx_ctrl = 0;
	seeq_irq(st);
	seeq_send(test, 500, 1);
	seeq_irq(st);
	KUNIT_EXPECT_EQ(test, st->dev->stats.tx_packets, 1ul);
}

static void seeq_test_transmit_wrap(struct kunit *test)
{
	struct seeq_test *st = test->priv;
	int i;

	seeq_up(test);
	for (i = 0; i < 3 * SEEQ_TX_BUFFERS + 1; i++) {
		seeq_queue(test, 100 + i, i);
		seeq_send(test, 100 + i, i);
		if (i % 3 == 2)
			seeq_irq(st);
	}
	seeq_irq(st);
	KUNIT_EXPECT_EQ(test, st->dev->stats.tx_packets,
			3ul * SEEQ_TX_BUFFERS + 1);
}

static void seeq_test_transmit_full(struct kunit *test)
{
	struct seeq_test *st = test->priv;
	int i;

	seeq_up(test);
	for (i = 0; i < SEEQ_TX_BUFFERS - 1; i++) {
		KUNIT_EXPECT_FALSE(test, netif_queue_stopped(st->dev));
		seeq_queue(test, 100 + i, i);
	}
	KUNIT_EXPECT_TRUE(test, netif_queue_stopped(st->dev));
	for (i = 0; i < SEEQ_TX_BUFFERS - 1; i++)
		seeq_send(test, 100 + i, i);
	seeq_irq(st);
	KUNIT_EXPECT_FALSE(test, netif_queue_stopped(st->dev));
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&st->model),
			1u + SEEQ_RX_BUFFERS);
}

static void seeq_test_transmit_unmapped(struct kunit *test)
{
	struct seeq_test *st = test->priv;

	seeq_up(test);
	st->model.fail_in = 1;
	seeq_queue(test, 500, 1);
	seeq_expect(test);
	KUNIT_EXPECT_FALSE(test, seeq_hw_tx(st));
	KUNIT_EXPECT_EQ(test, st->dev->stats.tx_dropped, 1ul);
	seeq_queue(test, 500, 2);
	seeq_send(test, 500, 2);
}

static void seeq_test_reset(struct kunit *test)
{
	struct seeq_test *st = test->priv;
	int i;

	seeq_up(test);
	for (i = 0; i < 5; i++)
		seeq_queue(test, 100, i);
	seeq_send(test, 100, 0);
	seeq_receive(test, 300, 1);
	/* This one is lost. */
	seeq_fill(st, 100, 1);
	seeq_hw_rx(st, 100, SEEQ_RSTAT_FIG);

	/* As the watchdog's timer */
	local_bh_disable();
	st->dev->netdev_ops->ndo_tx_timeout(st->dev, 0);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&st->model),
			1u + SEEQ_RX_BUFFERS);
	KUNIT_EXPECT_FALSE(test, seeq_hw_tx(st));
	for (i = 0; i < SEEQ_TX_BUFFERS + 1; i++) {
		seeq_queue(test, 200, i);
		seeq_send(test, 200, i);
		seeq_receive(test, 300, i);
	}
}

static void seeq_test_stop(struct kunit *test)
{
	struct seeq_test *st = test->priv;
	int i;

	for (i = 0; i < 3; i++) {
		seeq_up(test);
		seeq_queue(test, 100, i);
		seeq_queue(test, 200, i);
		seeq_queue(test, 300, i);
		seeq_send(test, 100, i);
		seeq_receive(test, 400, i);
		KUNIT_EXPECT_EQ(test, dma_model_nr_live(&st->model),
				1u + SEEQ_RX_BUFFERS + 2);
		seeq_close(test);
		KUNIT_EXPECT_EQ(test, dma_model_nr_live(&st->model), 1u);
		KUNIT_EXPECT_FALSE(test, seeq_hw_tx(st));
		KUNIT_EXPECT_FALSE(test, seeq_hw_rx(st, 100, SEEQ_RSTAT_FIG));
	}
}

static void seeq_test_open_fails(struct kunit *test)
{
	struct seeq_test *st = test->priv;

	st->model.fail_in = 7;
	KUNIT_EXPECT_EQ(test, seeq_open(test), -ENOMEM);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&st->model), 1u);
	seeq_up(test);
	seeq_receive(test, 400, 1);
}

static struct kunit_case seeq_test_cases[] = {
	KUNIT_CASE(seeq_test_setup),
	KUNIT_CASE(seeq_test_receive_copied),
	KUNIT_CASE(seeq_test_receive_large),
	KUNIT_CASE(seeq_test_receive_nothing),
	KUNIT_CASE(seeq_test_receive_wrap),
	KUNIT_CASE(seeq_test_receive_full),
	KUNIT_CASE(seeq_test_receive_bad),
	KUNIT_CASE(seeq_test_receive_unmapped),
	KUNIT_CASE(seeq_test_transmit),
	KUNIT_CASE(seeq_test_transmit_append),
	KUNIT_CASE(seeq_test_transmit_nothing),
	KUNIT_CASE(seeq_test_transmit_wrap),
	KUNIT_CASE(seeq_test_transmit_full),
	KUNIT_CASE(seeq_test_transmit_unmapped),
	KUNIT_CASE(seeq_test_reset),
	KUNIT_CASE(seeq_test_stop),
	KUNIT_CASE(seeq_test_open_fails),
	{}
};

/* The device, with the driver bound to it */
static int seeq_test_make(struct kunit *test, bool for_cpu_is_noop)
{
	struct sgiseeq_platform_data pd = { .mac = { 8, 0, 0x69, 1, 2, 3 } };
	struct seeq_test *st = kunit_kzalloc(test, sizeof(*st), GFP_KERNEL);

	KUNIT_ASSERT_TRUE(test, st);
	test->priv = st;
	seeq_test = st;
	st->hpc = vzalloc(sizeof(*st->hpc));
	st->pdev = platform_device_alloc("sgiseeq", 0);
	st->irq = irq_alloc_desc(0);
	KUNIT_ASSERT_TRUE(test, st->hpc && st->pdev && st->irq > 0);
	irq_set_chip_and_handler(st->irq, &dummy_irq_chip, handle_simple_irq);

	pd.hpc = st->hpc;
	pd.irq = st->irq;
	KUNIT_ASSERT_EQ(test, platform_device_add_data(st->pdev, &pd,
						       sizeof(pd)), 0);
	dma_model_attach(&st->model, &st->pdev->dev);
	st->model.line_size = dma_get_cache_alignment();
	st->model.for_cpu_is_noop = for_cpu_is_noop;
	KUNIT_ASSERT_EQ(test, platform_device_add(st->pdev), 0);
	st->dev = platform_get_drvdata(st->pdev);
	KUNIT_ASSERT_TRUE(test, st->pdev->dev.driver && st->dev);
	st->sp = netdev_priv(st->dev);

	st->pt.type = htons(ETH_P_ALL);
	st->pt.dev = st->dev;
	st->pt.func = seeq_test_rcv;
	dev_add_pack(&st->pt);
	return 0;
}

static int seeq_test_init(struct kunit *test)
{
	return seeq_test_make(test, false);
}

static int seeq_test_init_noop(struct kunit *test)
{
	return seeq_test_make(test, true);
}

static void seeq_test_exit(struct kunit *test)
{
	struct seeq_test *st = test->priv;

	dev_remove_pack(&st->pt);
	platform_device_del(st->pdev);
	KUNIT_EXPECT_EQ(test, st->model.nr_bad, 0u);
	KUNIT_EXPECT_EQ(test, st->model.nr_unowned, 0u);
	KUNIT_EXPECT_EQ(test, st->model.nr_stray, 0u);
	KUNIT_EXPECT_EQ(test, st->model.nr_lost, 0u);
	KUNIT_EXPECT_EQ(test, dma_model_detach(&st->model), 0u);
	platform_device_put(st->pdev);
	irq_free_desc(st->irq);
	vfree(st->hpc);
}

static struct kunit_suite seeq_test_suite = {
	.name = "sgiseeq",
	.init = seeq_test_init,
	.exit = seeq_test_exit,
	.test_cases = seeq_test_cases,
};

static struct kunit_suite seeq_test_suite_noop = {
	.name = "sgiseeq_noop",
	.init = seeq_test_init_noop,
	.exit = seeq_test_exit,
	.test_cases = seeq_test_cases,
};

kunit_test_suites(&seeq_test_suite, &seeq_test_suite_noop);
