// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of lib82596, which is its front end like lasi_82596 and
 * sni_82596: it gives the driver a model of the chip, and memory that has to be
 * handed to and fro.  Every case runs with short and long cache lines, and
 * with both kinds of dma_sync_single_for_cpu().
 */
#include <linux/dma-mapping.h>
#include <linux/dma-model.h>
#include <linux/etherdevice.h>
#include <linux/interrupt.h>
#include <linux/netdevice.h>
#include <linux/platform_device.h>
#include <linux/skbuff.h>
#include <linux/swab.h>
#include <kunit/test.h>

static void chip_delay(void);
static int chip_request_irq(irq_handler_t handler);
static void chip_free_irq(void);
static void __maybe_unused chip_disable_irq(int nr);
static struct sk_buff *chip_alloc_skb(struct net_device *dev, unsigned int len);
static void chip_pass_up(struct sk_buff *skb);

#undef udelay
#define udelay(usecs)				chip_delay()
#define request_irq(irq, handler, flags, name, id) chip_request_irq(handler)
#define free_irq(irq, id)			chip_free_irq()
#define disable_irq(irq)			chip_disable_irq(1)
#define enable_irq(irq)				chip_disable_irq(-1)
#define netdev_alloc_skb_ip_align(dev, len)	chip_alloc_skb(dev, len)
#define netif_rx(skb)				chip_pass_up(skb)
#define register_netdev(dev)			0

/* Longer than any line, so that each kind can be tried */
#define I596_ALIGN	128
#define NONCOHERENT_DMA

/* As lasi_82596 has it, and as a CPU would that has the order of the chip */
#ifdef __BIG_ENDIAN
#define SYSBUS		0x0000006c
#define SWAP32(x)	swahw32(x)
#define SWAP16(x)	(x)
#else
#define SYSBUS		0x00440000
#define SWAP32(x)	((u32)(x))
#define SWAP16(x)	((u16)(x))
#endif

#include "lib82596.c"
#include "lib82596_model.c"

static const u8 chip_test_mac[ETH_ALEN] = { 2, 0, 0, 1, 2, 3 };

static struct i596_private *chip_lp(struct chip *chip)
{
	return netdev_priv(chip->dev);
}

static struct chip *chip_new(struct kunit *test, unsigned int line_size,
			     bool for_cpu_is_noop)
{
	struct chip *chip = kzalloc(sizeof(*chip), GFP_KERNEL);
	struct i596_private *lp;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, chip);
	chip->test = test;
	chip->pdev = platform_device_register_simple("lib82596-test",
						     PLATFORM_DEVID_AUTO, NULL, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(chip->pdev));
	dma_model_attach(&chip->dma, &chip->pdev->dev);
	chip->dma.line_size = line_size;
	chip->dma.for_cpu_is_noop = for_cpu_is_noop;
	/* However slowly a case runs, the chip is not taken for hanging. */
	ticks_limit = 60 * HZ;

	chip->dev = alloc_etherdev(sizeof(struct i596_private));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, chip->dev);
	SET_NETDEV_DEV(chip->dev, &chip->pdev->dev);
	strcpy(chip->dev->name, "test");
	chip->dev->base_addr = 1;
	chip->dev->irq = 1;
	memcpy(chip->dev->dev_addr, chip_test_mac, ETH_ALEN);
	spin_lock_init(&chip->dev->addr_list_lock);

	lp = chip_lp(chip);
	lp->dma = dma_alloc_noncoherent(&chip->pdev->dev,
					sizeof(struct i596_dma), &lp->dma_addr,
					DMA_BIDIRECTIONAL, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, lp->dma);
	the_chip = chip;
	KUNIT_EXPECT_EQ(test, i82596_probe(chip->dev), 0);
	return chip;
}

/* What may not have happened whatever a case does */
static void chip_check(struct chip *chip)
{
	KUNIT_EXPECT_EQ(chip->test, chip->dma.nr_bad, 0u);
	KUNIT_EXPECT_EQ(chip->test, chip->dma.nr_stray, 0u);
	KUNIT_EXPECT_EQ(chip->test, chip->dma.nr_lost, 0u);
	KUNIT_EXPECT_EQ(chip->test, chip->dma.nr_unowned, 0u);
	KUNIT_EXPECT_EQ(chip->test, chip->nr_stray_ca, 0u);
	KUNIT_EXPECT_EQ(chip->test, chip->nr_unlocked, 0u);
	KUNIT_EXPECT_EQ(chip->test, chip->nr_atomic, 0u);
	KUNIT_EXPECT_EQ(chip->test, chip->irq_disabled, 0);
}

static void chip_free(struct chip *chip)
{
	struct i596_private *lp = chip_lp(chip);

	chip_check(chip);
	/* The interface is down: nothing but the descriptors is left. */
	KUNIT_EXPECT_EQ(chip->test, dma_model_nr_live(&chip->dma), 1u);
	KUNIT_EXPECT_TRUE(chip->test, !chip->handler);
	KUNIT_EXPECT_FALSE(chip->test, chip->running);
	KUNIT_EXPECT_TRUE(chip->test, bitmap_empty(lp->tx_busy, TX_RING_SIZE));
	dma_free_noncoherent(&chip->pdev->dev, sizeof(struct i596_dma), lp->dma,
			     lp->dma_addr, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(chip->test, dma_model_detach(&chip->dma), 0u);
	KUNIT_EXPECT_EQ(chip->test, chip->dma.nr_bad, 0u);
	the_chip = NULL;
	dev_mc_flush(chip->dev);
	free_netdev(chip->dev);
	platform_device_unregister(chip->pdev);
	kfree(chip);
}

static void in_all_ways(struct kunit *test, void (*body)(struct chip *chip))
{
	unsigned int line_size;
	struct chip *chip;
	int noop;

	for (line_size = 32; line_size <= I596_ALIGN; line_size *= 2) {
		for (noop = 0; noop < 2; noop++) {
			chip = chip_new(test, line_size, noop);
			body(chip);
			chip_free(chip);
		}
	}
}

static int chip_open(struct chip *chip)
{
	int err;

	set_bit(__LINK_STATE_START, &chip->dev->state);
	err = i596_open(chip->dev);
	if (err)
		clear_bit(__LINK_STATE_START, &chip->dev->state);
	else
		chip_interrupts(chip);
	return err;
}

static void chip_close(struct chip *chip)
{
	clear_bit(__LINK_STATE_START, &chip->dev->state);
	KUNIT_EXPECT_EQ(chip->test, i596_close(chip->dev), 0);
}

static void chip_fill(struct chip *chip, u8 *data, unsigned int len, u8 seed)
{
	unsigned int i;

	memcpy(data, chip->dev->dev_addr, ETH_ALEN);
	for (i = ETH_ALEN; i < len; i++)
		data[i] = seed + i * 7;
}

static netdev_tx_t chip_send(struct chip *chip, unsigned int len, u8 seed)
{
	struct sk_buff *skb = alloc_skb(CHIP_FRAME_SIZE, GFP_KERNEL);
	netdev_tx_t ret;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(chip->test, skb);
	memset(skb->data, 0xaa, CHIP_FRAME_SIZE);
	chip_fill(chip, skb_put(skb, len), len, seed);
	local_bh_disable();
	ret = i596_start_xmit(skb, chip->dev);
	local_bh_enable();
	return ret;
}

/* After so long that a chip with much to do must have done something */
static void chip_send_late(struct chip *chip, unsigned int len, u8 seed)
{
	int limit = ticks_limit;

	ticks_limit = 1;
	schedule_timeout_uninterruptible(ticks_limit + 1);
	chip_send(chip, len, seed);
	ticks_limit = limit;
}

static void chip_expect_frame(struct chip *chip, struct chip_frame *frame,
			      unsigned int len, u8 seed)
{
	static u8 want[CHIP_FRAME_SIZE];

	memset(want, 0, sizeof(want));
	chip_fill(chip, want, len, seed);
	KUNIT_EXPECT_EQ(chip->test, (int)frame->len, max_t(int, len, ETH_ZLEN));
	KUNIT_EXPECT_EQ(chip->test, memcmp(frame->data, want, frame->len), 0);
}

static void chip_receive(struct chip *chip, unsigned int len, u8 seed)
{
	static u8 data[CHIP_FRAME_SIZE];

	chip_fill(chip, data, len, seed);
	chip_begin_frame(chip);
	chip_end_frame(chip, data, len, STAT_OK);
}

/* Works it in both directions? */
static void chip_expect_alive(struct chip *chip)
{
	unsigned int sent = chip->nr_sent, got = chip->nr_got;

	chip_send(chip, 200, 1);
	chip_receive(chip, 300, 2);
	chip_interrupts(chip);
	KUNIT_EXPECT_EQ(chip->test, chip->nr_sent, sent + 1);
	KUNIT_EXPECT_EQ(chip->test, chip->nr_got, got + 1);
	chip_expect_frame(chip, &chip->sent[sent % CHIP_NR_FRAMES], 200, 1);
	chip_expect_frame(chip, &chip->got[got % CHIP_NR_FRAMES], 300, 2);
}

static void open_body(struct chip *chip)
{
	int i;

	/* Twice: at once, and after the driver has looked some times. */
	for (i = 0; i < 2; i++) {
		chip->latency = i * 5;
		memset(chip->config, 0, sizeof(chip->config));
		chip->nr_cmds = 0;
		KUNIT_EXPECT_EQ(chip->test, chip_open(chip), 0);
		KUNIT_EXPECT_TRUE(chip->test, chip->ready);
		KUNIT_EXPECT_EQ(chip->test, memcmp(chip->config, init_setup,
						   sizeof(chip->config)), 0);
		KUNIT_EXPECT_EQ(chip->test, memcmp(chip->mac, chip_test_mac,
						   ETH_ALEN), 0);
		KUNIT_EXPECT_EQ(chip->test, chip->nr_cmds, 3u);
		KUNIT_EXPECT_EQ(chip->test, dma_model_nr_live(&chip->dma),
				1u + RX_RING_SIZE);
		chip_expect_alive(chip);
		/* One that came too late is not there after the next open. */
		chip_receive(chip, 300, 9);
		chip_close(chip);
		KUNIT_EXPECT_EQ(chip->test, chip->nr_got, 1u * (i + 1));
	}
}

static void open_fails_body(struct chip *chip)
{
	unsigned int i;

	for (i = 1; i <= RX_RING_SIZE; i += 5) {
		chip->dma.fail_in = i;
		KUNIT_EXPECT_NE(chip->test, chip_open(chip), 0);
		KUNIT_EXPECT_EQ(chip->test, dma_model_nr_live(&chip->dma), 1u);
		chip->fail_skb = i;
		KUNIT_EXPECT_NE(chip->test, chip_open(chip), 0);
		KUNIT_EXPECT_EQ(chip->test, dma_model_nr_live(&chip->dma), 1u);
	}
	chip->irq_taken = true;
	KUNIT_EXPECT_NE(chip->test, chip_open(chip), 0);
	KUNIT_EXPECT_EQ(chip->test, dma_model_nr_live(&chip->dma), 1u);
	chip->irq_taken = false;
	chip->dead = true;
	KUNIT_EXPECT_NE(chip->test, chip_open(chip), 0);
	KUNIT_EXPECT_EQ(chip->test, dma_model_nr_live(&chip->dma), 1u);
	chip->dead = false;
	/* Initialised it is, but then it takes no command. */
	chip->deaf = true;
	KUNIT_EXPECT_NE(chip->test, chip_open(chip), 0);
	KUNIT_EXPECT_EQ(chip->test, dma_model_nr_live(&chip->dma), 1u);
	chip->deaf = false;

	KUNIT_EXPECT_EQ(chip->test, chip_open(chip), 0);
	chip_expect_alive(chip);
	chip_close(chip);
}

static void transmit_body(struct chip *chip)
{
	static const unsigned int lens[] = { ETH_HLEN, 59, 60, 61, 1514 };
	unsigned int i;

	KUNIT_EXPECT_EQ(chip->test, chip_open(chip), 0);
	/* More than two rounds */
	for (i = 0; i < 70; i++) {
		chip_send(chip, lens[i % 5], i);
		chip_interrupts(chip);
		KUNIT_EXPECT_EQ(chip->test, chip->nr_sent, i + 1);
		chip_expect_frame(chip, &chip->sent[i % CHIP_NR_FRAMES],
				  lens[i % 5], i);
		KUNIT_EXPECT_EQ(chip->test, dma_model_nr_live(&chip->dma),
				1u + RX_RING_SIZE);
	}
	chip->tx_error = 0x0420;
	chip_send(chip, 60, 0);
	chip_interrupts(chip);
	chip->tx_error = 0;
	KUNIT_EXPECT_EQ(chip->test, chip->dev->stats.tx_errors, 1ul);
	KUNIT_EXPECT_EQ(chip->test, chip->dev->stats.tx_carrier_errors, 1ul);
	KUNIT_EXPECT_EQ(chip->test, chip->dev->stats.collisions, 1ul);

	chip->dma.fail_in = 1;
	KUNIT_EXPECT_EQ(chip->test, (int)chip_send(chip, 60, 0),
			(int)NETDEV_TX_OK);
	KUNIT_EXPECT_EQ(chip->test, chip->dev->stats.tx_dropped, 1ul);
	chip_expect_alive(chip);
	chip_close(chip);
}

/* Commands that are added while the chip works on others */
static void transmit_busy_body(struct chip *chip)
{
	unsigned int i, round;

	KUNIT_EXPECT_EQ(chip->test, chip_open(chip), 0);
	for (round = 0; round < 2; round++) {
		chip->nr_sent = 0;
		chip->busy = true;
		for (i = 0; i < TX_RING_SIZE; i++)
			chip_send(chip, 100 + i, i);
		KUNIT_EXPECT_EQ(chip->test, chip->dev->stats.tx_dropped,
				1ul * round);
		chip_send(chip, 100, 0);
		KUNIT_EXPECT_EQ(chip->test, chip->dev->stats.tx_dropped,
				1ul + round);
		/* An interrupt of the receiver does not disturb them. */
		chip_receive(chip, 100, 0);
		chip_interrupts(chip);
		KUNIT_EXPECT_EQ(chip->test, chip->nr_sent, 0u);

		chip->busy = false;
		chip_run(chip);
		KUNIT_EXPECT_EQ(chip->test, chip->nr_sent, 1u);
		chip_interrupts(chip);
		KUNIT_EXPECT_EQ(chip->test, chip->nr_sent, 1u * TX_RING_SIZE);
		for (i = 0; i < TX_RING_SIZE; i++)
			chip_expect_frame(chip, &chip->sent[i], 100 + i, i);
		KUNIT_EXPECT_EQ(chip->test, dma_model_nr_live(&chip->dma),
				1u + RX_RING_SIZE);
	}
	/* Taken down with some in the chip and some not */
	chip->busy = true;
	for (i = 0; i < 5; i++)
		chip_send(chip, 100, 0);
	i596_display_data(chip->dev);
	chip_close(chip);
	KUNIT_EXPECT_EQ(chip->test, chip->dev->stats.tx_aborted_errors, 5ul);
}

static void receive_body(struct chip *chip)
{
	static const unsigned int lens[] = { 60, 99, 100, 101, 1514 };
	unsigned int i;

	KUNIT_EXPECT_EQ(chip->test, chip_open(chip), 0);
	for (i = 0; i < 70; i++) {
		dma_model_clear_events(&chip->dma);
		chip_receive(chip, lens[i % 5], i);
		chip_interrupts(chip);
		KUNIT_EXPECT_EQ(chip->test, chip->nr_got, i + 1);
		chip_expect_frame(chip, &chip->got[i % CHIP_NR_FRAMES],
				  lens[i % 5], i);
		KUNIT_EXPECT_EQ(chip->test, dma_model_nr_live(&chip->dma),
				1u + RX_RING_SIZE);
	}
	KUNIT_EXPECT_EQ(chip->test, chip->nr_missed, 0u);
	KUNIT_EXPECT_EQ(chip->test, chip->dev->stats.rx_errors, 0ul);
	KUNIT_EXPECT_EQ(chip->test, chip->dev->stats.rx_packets, 70ul);
	chip_close(chip);
}

/* Frames that come faster than interrupts: all descriptors are used up. */
static void receive_burst_body(struct chip *chip)
{
	unsigned int i, nr, got;

	for (nr = 1; nr <= RX_RING_SIZE + 2; nr++) {
		KUNIT_EXPECT_EQ(chip->test, chip_open(chip), 0);
		got = chip->nr_got;
		for (i = 0; i < nr; i++)
			chip_receive(chip, 80 + i * 10, i);
		chip_interrupts(chip);
		KUNIT_EXPECT_EQ(chip->test, chip->nr_got - got,
				min_t(unsigned int, nr, RX_RING_SIZE));
		for (i = 0; got + i < chip->nr_got; i++)
			chip_expect_frame(chip,
					  &chip->got[(got + i) % CHIP_NR_FRAMES],
					  80 + i * 10, i);
		KUNIT_EXPECT_TRUE(chip->test, chip->ready);
		chip_close(chip);
	}
	KUNIT_EXPECT_EQ(chip->test, chip->nr_missed, 1u + 2);
}

/* The CPU empties the others while the chip writes to the last descriptor. */
static void receive_last_body(struct chip *chip)
{
	static u8 data[CHIP_FRAME_SIZE];
	unsigned int i, begun;

	for (begun = 0; begun < RX_RING_SIZE; begun++) {
		KUNIT_EXPECT_EQ(chip->test, chip_open(chip), 0);
		chip->nr_got = 0;
		for (i = 0; i < begun; i++)
			chip_receive(chip, 200, i);
		chip_begin_frame(chip);
		chip_interrupts(chip);
		KUNIT_EXPECT_EQ(chip->test, chip->nr_got, begun);
		chip_fill(chip, data, 500, 77);
		chip_end_frame(chip, data, 500, STAT_OK);
		chip_interrupts(chip);
		KUNIT_EXPECT_EQ(chip->test, chip->nr_got, begun + 1);
		chip_expect_frame(chip, &chip->got[begun], 500, 77);
		for (i = 0; i < 20; i++)
			chip_expect_alive(chip);
		chip_close(chip);
	}
	KUNIT_EXPECT_EQ(chip->test, chip->nr_missed, 0u);
}

static void one_more_frame(struct chip *chip)
{
	chip_receive(chip, 400, 4);
}

/* One that comes just before the chip is told that the one before was seen */
static void receive_late_body(struct chip *chip)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(chip->test, chip_open(chip), 0);
	for (i = 0; i < 2 * RX_RING_SIZE; i += 2) {
		chip_receive(chip, 300, 3);
		chip->before_look = one_more_frame;
		chip_interrupts(chip);
		KUNIT_EXPECT_TRUE(chip->test, !chip->before_look);
		KUNIT_EXPECT_EQ(chip->test, chip->nr_got, i + 2);
		chip_expect_frame(chip, &chip->got[i], 300, 3);
		chip_expect_frame(chip, &chip->got[i + 1], 400, 4);
	}
	KUNIT_EXPECT_EQ(chip->test, chip->nr_missed, 0u);
	chip_close(chip);
}

/* A buffer that cannot be replaced stays where it is, and bad frames, too. */
static void receive_fails_body(struct chip *chip)
{
	static u8 data[CHIP_FRAME_SIZE];
	unsigned int i;

	KUNIT_EXPECT_EQ(chip->test, chip_open(chip), 0);
	for (i = 0; i < 40; i++) {
		dma_model_clear_events(&chip->dma);
		if (i & 1)
			chip->dma.fail_in = 1;
		else
			chip->fail_skb = 1;
		/* The short one needs no mapping. */
		chip_receive(chip, i % 4 ? 1000 : 90, i);
		chip_interrupts(chip);
		KUNIT_EXPECT_EQ(chip->test, dma_model_nr_live(&chip->dma),
				1u + RX_RING_SIZE);
	}
	KUNIT_EXPECT_EQ(chip->test, chip->nr_got, 0u);
	KUNIT_EXPECT_EQ(chip->test, chip->dev->stats.rx_dropped, 40ul);

	chip_begin_frame(chip);
	chip_end_frame(chip, data, 64, 0x0008);
	chip_interrupts(chip);
	KUNIT_EXPECT_EQ(chip->test, chip->dev->stats.rx_crc_errors, 1ul);
	for (i = 0; i < 20; i++)
		chip_expect_alive(chip);
	chip_close(chip);
}

/* The chip writes its status while the CPU owns the SCB to write a command:
 * that is in its protocol, and nothing but here may lines be lost by it.
 */
static void scb_body(struct chip *chip)
{
	struct i596_private *lp;

	KUNIT_EXPECT_EQ(chip->test, chip_open(chip), 0);
	chip_check(chip);
	lp = chip_lp(chip);
	dma_sync_cpu(chip->dev, &lp->dma->scb, sizeof(struct i596_scb));
	chip_receive(chip, 300, 3);
	KUNIT_EXPECT_NE(chip->test, chip->dma.nr_unowned, 0u);
	i596_issue(chip->dev, CUC_RESUME);
	KUNIT_EXPECT_EQ(chip->test, !!chip->dma.nr_lost,
			(int)chip->dma.for_cpu_is_noop);
	chip_interrupts(chip);
	KUNIT_EXPECT_EQ(chip->test, chip->nr_got, 1u);
	chip->dma.nr_unowned = 0;
	chip->dma.nr_lost = 0;
	chip_expect_alive(chip);
	chip_close(chip);
}

static void reset_body(struct chip *chip)
{
	struct i596_private *lp = chip_lp(chip);
	unsigned int i, nr_reset;

	KUNIT_EXPECT_EQ(chip->test, chip_open(chip), 0);
	/* With nothing to do the command unit is left alone. */
	lp->last_restart = -1;
	i596_tx_timeout(chip->dev, 0);
	chip_interrupts(chip);
	chip_expect_alive(chip);

	chip->dev->flags |= IFF_PROMISC;
	set_multicast_list(chip->dev);
	chip_interrupts(chip);
	KUNIT_EXPECT_EQ(chip->test, chip->config[8] & 1, 1);

	/* It hangs: of the commands one is with the chip, and the rest not. */
	chip->busy = true;
	for (i = 0; i < TX_RING_SIZE - 1; i++)
		chip_send(chip, 100, i);
	chip_receive(chip, 400, 5);
	nr_reset = chip->nr_reset;
	chip->dead = true;
	chip->busy = false;
	chip->nr_got = 0;
	/* With the last one that is noticed, and a reset does not help. */
	chip_send_late(chip, 100, i);
	KUNIT_EXPECT_GT(chip->test, chip->nr_reset, nr_reset);
	KUNIT_EXPECT_EQ(chip->test, chip->nr_got, 1u);
	KUNIT_EXPECT_EQ(chip->test, chip->dev->stats.tx_aborted_errors,
			1ul * TX_RING_SIZE);
	KUNIT_EXPECT_EQ(chip->test, dma_model_nr_live(&chip->dma),
			1u + RX_RING_SIZE);

	/* More than fit come before it is looked at again. */
	nr_reset = chip->nr_reset;
	for (i = 0; i < TX_RING_SIZE + 2; i++)
		chip_send(chip, 100, i);
	KUNIT_EXPECT_EQ(chip->test, chip->nr_reset, nr_reset);
	KUNIT_EXPECT_EQ(chip->test, chip->dev->stats.tx_dropped, 2ul);

	chip->dead = false;
	chip_send_late(chip, 100, i);
	KUNIT_EXPECT_GT(chip->test, chip->nr_reset, nr_reset);
	KUNIT_EXPECT_EQ(chip->test, chip->dev->stats.tx_dropped, 3ul);
	KUNIT_EXPECT_EQ(chip->test, chip->dev->stats.tx_aborted_errors,
			2ul * TX_RING_SIZE);
	chip_interrupts(chip);
	chip_expect_alive(chip);

	/* What the interface is set to comes back with it. */
	flush_work(&lp->filter_work);
	chip_interrupts(chip);
	KUNIT_EXPECT_EQ(chip->test, chip->config[8] & 1, 1);
	chip_close(chip);
}

static void filter_body(struct chip *chip)
{
	struct i596_private *lp = chip_lp(chip);
	u8 addr[ETH_ALEN] = { 0x01, 0, 0x5e };
	unsigned int i;

	KUNIT_EXPECT_EQ(chip->test, chip_open(chip), 0);
	chip->busy = true;
	for (i = 1; i <= 3; i++) {
		addr[5] = i;
		KUNIT_EXPECT_EQ(chip->test, dev_mc_add(chip->dev, addr), 0);
		set_multicast_list(chip->dev);
	}
	chip->dev->flags |= IFF_PROMISC | IFF_ALLMULTI;
	set_multicast_list(chip->dev);
	chip->busy = false;
	chip_run(chip);
	chip_interrupts(chip);
	KUNIT_EXPECT_EQ(chip->test, (int)chip->mc_len, ETH_ALEN);
	KUNIT_EXPECT_EQ(chip->test, (int)chip->mc[5], 1);

	/* What came while it was busy follows. */
	flush_work(&lp->filter_work);
	chip_interrupts(chip);
	KUNIT_EXPECT_EQ(chip->test, (int)chip->mc_len, 3 * ETH_ALEN);
	for (i = 1; i <= 3; i++)
		KUNIT_EXPECT_EQ(chip->test, (int)chip->mc[i * ETH_ALEN - 1],
				(int)i);
	KUNIT_EXPECT_EQ(chip->test, chip->config[8] & 0x01, 0x01);
	KUNIT_EXPECT_EQ(chip->test, chip->config[11] & 0x20, 0);

	for (i = 4; i <= MAX_MC_CNT + 2; i++) {
		addr[5] = i;
		KUNIT_EXPECT_EQ(chip->test, dev_mc_add(chip->dev, addr), 0);
	}
	chip->dev->flags &= ~(IFF_PROMISC | IFF_ALLMULTI);
	set_multicast_list(chip->dev);
	chip_interrupts(chip);
	KUNIT_EXPECT_EQ(chip->test, (int)chip->mc_len, MAX_MC_CNT * ETH_ALEN);
	KUNIT_EXPECT_EQ(chip->test, chip->config[8] & 0x01, 0);
	KUNIT_EXPECT_EQ(chip->test, chip->config[11] & 0x20, 0x20);
	chip_expect_alive(chip);
	chip_close(chip);
}

struct chip_sync {
	char how;			/* d for the device, c for the CPU, or both */
	void *part;
	size_t size;
};

static void chip_expect_syncs(struct chip *chip, const struct chip_sync *syncs,
			      unsigned int nr)
{
	struct dma_model_event want[32];
	unsigned int i, n = 0;

	for (i = 0; i < nr; i++) {
		dma_addr_t addr = virt_to_dma(chip_lp(chip), syncs[i].part);

		if (syncs[i].how != 'd')
			want[n++] = (struct dma_model_event) {
				DMA_MODEL_FOR_CPU, addr, syncs[i].size,
				DMA_BIDIRECTIONAL,
			};
		if (syncs[i].how != 'c')
			want[n++] = (struct dma_model_event) {
				DMA_MODEL_FOR_DEVICE, addr, syncs[i].size,
				DMA_BIDIRECTIONAL,
			};
	}
	dma_model_expect(chip->test, &chip->dma, want, n);
}

/* One frame in each direction, call by call */
static void syncs_body(struct chip *chip)
{
	struct i596_dma *dma = chip_lp(chip)->dma;
	const struct chip_sync scb = { 'b', (void *)&dma->scb, sizeof(dma->scb) };
	const struct chip_sync send[] = {
		{ 'd', &dma->tbds[0], sizeof(dma->tbds[0]) },
		{ 'd', &dma->tx_cmds[0], sizeof(dma->tx_cmds[0]) },
		scb,			/* has it taken the last command? */
		scb,			/* this one */
	};
	const struct chip_sync sent[] = {
		scb,
		scb,			/* the status */
		scb,			/* acknowledged */
		scb,
		{ 'c', &dma->tx_cmds[0], sizeof(dma->tx_cmds[0]) },
		{ 'c', &dma->tbds[0], sizeof(dma->tbds[0]) },
	};
	const struct chip_sync received[] = {
		scb,
		scb,
		scb,
		scb,
		{ 'c', &dma->rfds[0], sizeof(dma->rfds[0]) },
		{ 'b', &dma->rbds[0], sizeof(dma->rbds[0]) },
		{ 'd', &dma->rfds[0], sizeof(dma->rfds[0]) },
		{ 'b', &dma->rfds[1], sizeof(dma->rfds[0]) },
		/* The new end, and the old one */
		{ 'b', &dma->rfds[0], sizeof(dma->rfds[0]) },
		{ 'b', &dma->rfds[RX_RING_SIZE - 1], sizeof(dma->rfds[0]) },
	};

	KUNIT_EXPECT_EQ(chip->test, chip_open(chip), 0);
	dma_model_clear_events(&chip->dma);
	chip_send(chip, 100, 0);
	chip_expect_syncs(chip, send, ARRAY_SIZE(send));
	chip_interrupts(chip);
	chip_expect_syncs(chip, sent, ARRAY_SIZE(sent));
	chip_receive(chip, 1000, 0);
	chip_interrupts(chip);
	chip_expect_syncs(chip, received, ARRAY_SIZE(received));
	chip_close(chip);
}

/* An interrupt that comes while the chip still works on the command, like the
 * second one of the list before if "done" and "no more" were told one by one
 */
static void transmit_early_body(struct chip *chip)
{
	KUNIT_EXPECT_EQ(chip->test, chip_open(chip), 0);
	chip->busy = true;
	chip_send(chip, 100, 0);
	chip_post(chip, CHIP_CX);
	chip_interrupts(chip);
	chip_post(chip, CHIP_CNA);
	chip_interrupts(chip);
	KUNIT_EXPECT_EQ(chip->test, chip->nr_sent, 0u);
	KUNIT_EXPECT_EQ(chip->test, dma_model_nr_live(&chip->dma),
			2u + RX_RING_SIZE);
	chip->busy = false;
	chip_run(chip);
	chip_interrupts(chip);
	KUNIT_EXPECT_EQ(chip->test, chip->nr_sent, 1u);
	KUNIT_EXPECT_EQ(chip->test, dma_model_nr_live(&chip->dma),
			1u + RX_RING_SIZE);

	/* One that stopped on its own is started again. */
	chip->busy = true;
	chip_send(chip, 200, 1);
	chip->busy = false;
	chip->cmd = 0;
	chip_post(chip, CHIP_CNA);
	chip_interrupts(chip);
	KUNIT_EXPECT_EQ(chip->test, chip->nr_sent, 2u);
	chip_expect_frame(chip, &chip->sent[1], 200, 1);

	/* The list before is done, but its end comes when the next began. */
	chip->busy = true;
	chip_send(chip, 100, 2);
	chip_send(chip, 100, 3);
	chip->busy = false;
	chip_run(chip);
	chip->busy = true;
	chip->status = CHIP_CX;
	chip_w16(chip, chip->scb, CHIP_CX | CUS_ACTIVE);
	chip_interrupts(chip);
	KUNIT_EXPECT_NE(chip->test, chip->cmd, 0u);
	chip_post(chip, CHIP_CNA);
	chip_interrupts(chip);
	chip->busy = false;
	chip_run(chip);
	chip_interrupts(chip);
	KUNIT_EXPECT_EQ(chip->test, chip->nr_sent, 4u);
	chip_expect_frame(chip, &chip->sent[3], 100, 3);
	chip_close(chip);
}

/* What is dumped while a frame waits to be sent stays the device's. */
static void dump_body(struct chip *chip)
{
	struct i596_dma *dma = chip_lp(chip)->dma;
	const struct chip_sync dumped[] = {
		{ 'c', &dma->scp, sizeof(dma->scp) },
		{ 'c', (void *)&dma->iscp, sizeof(dma->iscp) },
		{ 'c', (void *)&dma->scb, sizeof(dma->scb) },
		{ 'd', &dma->scp, sizeof(dma->scp) },
		{ 'd', (void *)&dma->iscp, sizeof(dma->iscp) },
		{ 'd', (void *)&dma->scb, sizeof(dma->scb) },
		{ 'b', &dma->tx_cmds[0], sizeof(dma->tx_cmds[0]) },
		{ 'b', dma->rfds, sizeof(dma->rfds) },
		{ 'b', dma->rbds, sizeof(dma->rbds) },
	};

	KUNIT_EXPECT_EQ(chip->test, chip_open(chip), 0);
	chip->busy = true;
	chip_send(chip, 100, 0);
	dma_model_clear_events(&chip->dma);
	i596_display_data(chip->dev);
	chip_expect_syncs(chip, dumped, ARRAY_SIZE(dumped));
	chip->busy = false;
	chip_run(chip);
	chip_interrupts(chip);
	chip_expect_alive(chip);
	chip_close(chip);
}

#define CASE(name)						\
static void lib82596_##name(struct kunit *test)			\
{								\
	in_all_ways(test, name##_body);				\
}								\
static_assert(true)

CASE(open);
CASE(open_fails);
CASE(transmit);
CASE(transmit_busy);
CASE(transmit_early);
CASE(receive);
CASE(receive_burst);
CASE(receive_last);
CASE(receive_late);
CASE(receive_fails);
CASE(scb);
CASE(reset);
CASE(filter);
CASE(syncs);
CASE(dump);

static struct kunit_case lib82596_cases[] = {
	KUNIT_CASE(lib82596_open),
	KUNIT_CASE(lib82596_open_fails),
	KUNIT_CASE(lib82596_transmit),
	KUNIT_CASE(lib82596_transmit_busy),
	KUNIT_CASE(lib82596_transmit_early),
	KUNIT_CASE(lib82596_receive),
	KUNIT_CASE(lib82596_receive_burst),
	KUNIT_CASE(lib82596_receive_last),
	KUNIT_CASE(lib82596_receive_late),
	KUNIT_CASE(lib82596_receive_fails),
	KUNIT_CASE(lib82596_scb),
	KUNIT_CASE(lib82596_reset),
	KUNIT_CASE(lib82596_filter),
	KUNIT_CASE(lib82596_syncs),
	KUNIT_CASE(lib82596_dump),
	{}
};

static struct kunit_suite lib82596_suite = {
	.name = "lib82596",
	.test_cases = lib82596_cases,
};

kunit_test_suite(lib82596_suite);
