// SPDX-License-Identifier: GPL-2.0
/*
 * A model of the 82596, for the KUnit suites of its driver.
 *
 * It has the port, the channel attention and the interrupt, executes lists of
 * commands and fills receive buffers, all in memory of a dma_model.  It reads
 * and writes there what the chip does, a word at a time, and keeps no copy of
 * descriptors between two frames or commands.  What the driver calls of the
 * kernel, to wait, to get interrupts and buffers, and to pass up frames, it
 * calls here.
 */

#define CHIP_NR_FRAMES		64
#define CHIP_FRAME_SIZE		1536

#define CHIP_CX			0x8000
#define CHIP_FR			0x4000
#define CHIP_CNA		0x2000
#define CHIP_RNR		0x1000
#define CHIP_EVENTS		0xf000
#define CHIP_EL			0x8000

struct chip_frame {
	u16 len;
	u8 data[CHIP_FRAME_SIZE];
};

struct chip {
	struct kunit *test;
	struct platform_device *pdev;
	struct net_device *dev;
	struct dma_model dma;

	/* How it is to behave */
	unsigned int latency;		/* delays until it looks, if not 0 */
	bool dead;			/* never looks */
	bool deaf;			/* looks for its memory, not for commands */
	bool busy;			/* does not complete commands */
	u16 tx_error;			/* the status of frames if not OK */
	bool irq_taken;			/* by someone else */
	unsigned int fail_skb;		/* which buffer there is none for */
	void (*before_look)(struct chip *chip);	/* happens then, once */

	/* Its state */
	bool has_scp, running, big;
	unsigned int waiting;		/* delays until it looks */
	u32 scp, scb;
	u16 status;
	u32 cmd, rfd, rbd;		/* cmd is 0 if the unit is idle */
	u32 cmd_start, rfd_start;	/* where each unit began */
	bool ready, in_frame;

	/* What it was told, and what it has seen */
	u8 config[14], mac[ETH_ALEN], mc[MAX_MC_CNT * ETH_ALEN];
	u16 mc_len;
	unsigned int nr_reset, nr_stray_ca, nr_cmds, nr_missed;
	unsigned int nr_unlocked, nr_atomic;
	unsigned int nr_sent, nr_got;
	struct chip_frame sent[CHIP_NR_FRAMES], got[CHIP_NR_FRAMES];

	irq_handler_t handler;
	bool irq_line, irq;		/* as it is, and as the CPU has noted */
	int irq_disabled;
};

static struct chip *the_chip;

static u16 chip_r16(struct chip *chip, u32 addr)
{
	u8 b[2] = {};

	dma_model_read(&chip->dma, addr, b, 2);
	return chip->big ? b[0] << 8 | b[1] : b[1] << 8 | b[0];
}

static void chip_w16(struct chip *chip, u32 addr, u16 val)
{
	u8 b[2] = { val, val >> 8 };

	if (chip->big)
		swap(b[0], b[1]);
	dma_model_write(&chip->dma, addr, b, 2);
}

/* The low half comes first, whatever the order within the halves is. */
static u32 chip_r32(struct chip *chip, u32 addr)
{
	return chip_r16(chip, addr) | (u32)chip_r16(chip, addr + 2) << 16;
}

static void chip_w32(struct chip *chip, u32 addr, u32 val)
{
	chip_w16(chip, addr, val);
	chip_w16(chip, addr + 2, val >> 16);
}

static void chip_post(struct chip *chip, u16 events)
{
	chip->status |= events;
	chip_w16(chip, chip->scb, chip->status | (chip->cmd ? 0x0200 : 0) |
				  (chip->ready ? 0x0040 : 0));
	/* It is the edge that counts. */
	if (chip->status & CHIP_EVENTS && !chip->irq_line) {
		chip->irq_line = true;
		chip->irq = true;
	}
}

static void chip_transmit(struct chip *chip, u32 cmd)
{
	struct chip_frame *frame = &chip->sent[chip->nr_sent++ % CHIP_NR_FRAMES];
	u32 tbd = chip_r32(chip, cmd + 8);
	u16 size = chip_r16(chip, tbd);

	KUNIT_EXPECT_EQ(chip->test, size & ~SIZE_MASK, EOF);
	frame->len = min(size & SIZE_MASK, CHIP_FRAME_SIZE);
	dma_model_read(&chip->dma, chip_r32(chip, tbd + 8), frame->data,
		       frame->len);
}

/* Execute the list up to its end or, if busy, begin with the next command. */
static void chip_run(struct chip *chip)
{
	u16 word, status, events;
	u32 cmd;

	while (chip->cmd) {
		cmd = chip->cmd;
		word = chip_r16(chip, cmd + 2);
		status = STAT_C | STAT_OK;

		if (chip->busy) {
			chip_w16(chip, cmd, STAT_B);
			return;
		}
		switch (word & 7) {
		case CmdSASetup:
			dma_model_read(&chip->dma, cmd + 8, chip->mac, ETH_ALEN);
			break;
		case CmdConfigure:
			dma_model_read(&chip->dma, cmd + 8, chip->config,
				       sizeof(chip->config));
			break;
		case CmdMulticastList:
			chip->mc_len = chip_r16(chip, cmd + 8);
			KUNIT_EXPECT_LE(chip->test, (int)chip->mc_len,
					(int)sizeof(chip->mc));
			dma_model_read(&chip->dma, cmd + 10, chip->mc,
				       min_t(int, chip->mc_len,
					     sizeof(chip->mc)));
			break;
		case CmdTx:
			KUNIT_EXPECT_TRUE(chip->test, word & CMD_FLEX);
			chip_transmit(chip, cmd);
			if (chip->tx_error)
				status = STAT_C | chip->tx_error;
			break;
		case CmdTDR:
			chip_w16(chip, cmd + 8, 0x8000);
			break;
		default:
			KUNIT_FAIL(chip->test, "command %04x", word);
		}
		chip->nr_cmds++;
		chip->cmd = word & CMD_EOL ? 0 : chip_r32(chip, cmd + 4);
		chip_w16(chip, cmd, status);
		events = (word & CMD_INTR ? CHIP_CX : 0) |
			 (chip->cmd ? 0 : CHIP_CNA);
		if (events)
			chip_post(chip, events);
	}
}

static void chip_init(struct chip *chip)
{
	u8 sysbus[4];
	u32 iscp;

	/* It learns from here in which order the bytes are. */
	dma_model_read(&chip->dma, chip->scp, sysbus, sizeof(sysbus));
	chip->big = sysbus[3] == 0x6c;
	KUNIT_EXPECT_TRUE(chip->test, chip->big || sysbus[2] == 0x44);

	iscp = chip_r32(chip, chip->scp + 8);
	KUNIT_EXPECT_EQ(chip->test, chip_r32(chip, iscp), (u32)ISCP_BUSY);
	chip->scb = chip_r32(chip, iscp + 4);
	chip->running = true;
	chip->cmd_start = chip_r32(chip, chip->scb + 4);
	chip->rfd_start = chip_r32(chip, chip->scb + 8);
	chip_post(chip, CHIP_CX | CHIP_CNA);
	chip_w32(chip, iscp, 0);
}

/* The answer to a channel attention: the status, and then no command. */
static void chip_look(struct chip *chip)
{
	void (*before)(struct chip *chip) = chip->before_look;
	u16 word, events = 0;

	if (!chip->running) {
		chip_init(chip);
		return;
	}
	chip->before_look = NULL;
	if (before)
		before(chip);
	word = chip_r16(chip, chip->scb + 2);
	chip->status &= ~(word & CHIP_EVENTS);
	/* What is left, or comes, is an interrupt of its own. */
	if (word & CHIP_EVENTS)
		chip->irq_line = false;
	switch (word & 0x0700) {
	case CUC_START:
		/* A frame that is on the wire is not called back. */
		if (chip->cmd && (chip_r16(chip, chip->cmd + 2) & 7) == CmdTx)
			chip_transmit(chip, chip->cmd);
		chip->cmd_start = chip_r32(chip, chip->scb + 4);
		chip->cmd = chip->cmd_start;
		break;
	case CUC_ABORT:
		chip->cmd = 0;
		events |= CHIP_CNA;
		break;
	}
	switch (word & 0x0070) {
	case RX_START:
		chip->rfd_start = chip_r32(chip, chip->scb + 8);
		chip->rfd = chip->rfd_start;
		chip->rbd = chip_r32(chip, chip->rfd + 8);
		chip->ready = chip->rbd != I596_NULL;
		if (!chip->ready)
			events |= CHIP_RNR;
		break;
	case RX_ABORT:
		chip->ready = false;
		events |= CHIP_RNR;
		break;
	}
	/* There are chips that keep their place there. */
	KUNIT_EXPECT_EQ(chip->test, chip_r32(chip, chip->scb + 4),
			chip->cmd_start);
	KUNIT_EXPECT_EQ(chip->test, chip_r32(chip, chip->scb + 8),
			chip->rfd_start);
	chip_post(chip, events);
	chip_w16(chip, chip->scb + 2, 0);
	chip_run(chip);
}

/* A frame is on the wire: the descriptor is the chip's until it is over. */
static void chip_begin_frame(struct chip *chip)
{
	chip->in_frame = chip->ready;
	if (chip->ready) {
		chip_w16(chip, chip->rfd, STAT_B);
	} else {
		chip->nr_missed++;
		chip_w32(chip, chip->scb + 20, chip_r32(chip, chip->scb + 20) + 1);
	}
}

static void chip_end_frame(struct chip *chip, const u8 *data, u16 len, u16 stat)
{
	u16 word;

	if (!chip->in_frame)
		return;
	chip->in_frame = false;

	KUNIT_EXPECT_LE(chip->test, (int)len,
			(int)chip_r16(chip, chip->rbd + 12));
	dma_model_write(&chip->dma, chip_r32(chip, chip->rbd + 8), data, len);
	chip_w16(chip, chip->rbd, EOF | 0x4000 | len);
	chip_w32(chip, chip->rfd + 8, chip->rbd);
	word = chip_r16(chip, chip->rfd + 2);
	chip_w16(chip, chip->rfd, STAT_C | stat);

	chip->rfd = chip_r32(chip, chip->rfd + 4);
	chip->rbd = chip_r32(chip, chip->rbd + 4);
	if (word & CHIP_EL)
		chip->ready = false;
	chip_post(chip, CHIP_FR | (word & CHIP_EL ? CHIP_RNR : 0));
}

/* Interrupts, as long as there are any */
static void chip_interrupts(struct chip *chip)
{
	int i;

	for (i = 0; i < 20 && chip->handler && chip->irq; i++) {
		chip->irq = false;
		KUNIT_EXPECT_EQ(chip->test, chip->irq_disabled, 0);
		chip->handler(chip->dev->irq, chip->dev);
	}
	KUNIT_EXPECT_LT(chip->test, i, 20);
}

/* What the driver has of the board */

static inline void ca(struct net_device *dev)
{
	struct chip *chip = the_chip;

	if (!chip->has_scp) {
		chip->nr_stray_ca++;
	} else if (!chip->dead && !(chip->deaf && chip->running)) {
		chip->waiting = chip->latency;
		if (!chip->waiting)
			chip_look(chip);
	}
}

static void mpu_port(struct net_device *dev, int c, dma_addr_t x)
{
	struct chip *chip = the_chip;

	switch (c) {
	case PORT_RESET:
		/* An interrupt would find the lists half taken down. */
		if (chip->handler && !irqs_disabled())
			chip->nr_unlocked++;
		chip->nr_reset++;
		chip->has_scp = false;
		chip->running = false;
		chip->ready = false;
		chip->in_frame = false;
		chip->waiting = 0;
		chip->cmd = 0;
		chip->status = 0;
		chip->irq_line = false;
		break;
	case PORT_ALTSCP:
		KUNIT_EXPECT_EQ(chip->test, (u32)x & 15, 0u);
		chip->scp = x;
		chip->has_scp = true;
		break;
	default:
		KUNIT_FAIL(chip->test, "port command %d", c);
	}
}

/* What the driver has of the kernel */

static void chip_delay(void)
{
	if (the_chip->waiting && !--the_chip->waiting)
		chip_look(the_chip);
}

static int chip_request_irq(irq_handler_t handler)
{
	KUNIT_EXPECT_TRUE(the_chip->test, !the_chip->handler);
	if (the_chip->irq_taken)
		return -EBUSY;
	the_chip->handler = handler;
	return 0;
}

static void chip_free_irq(void)
{
	the_chip->handler = NULL;
}

/* It may sleep, and the controller sends nothing again that came meanwhile. */
static void chip_disable_irq(int nr)
{
	if (nr > 0 && (in_interrupt() || irqs_disabled()))
		the_chip->nr_atomic++;
	the_chip->irq_disabled += nr;
	the_chip->irq = false;
}

static struct sk_buff *chip_alloc_skb(struct net_device *dev, unsigned int len)
{
	if (the_chip->fail_skb && !--the_chip->fail_skb)
		return NULL;
	return (netdev_alloc_skb_ip_align)(dev, len);
}

static void chip_pass_up(struct sk_buff *skb)
{
	struct chip *chip = the_chip;
	struct chip_frame *frame = &chip->got[chip->nr_got++ % CHIP_NR_FRAMES];

	skb_push(skb, ETH_HLEN);
	frame->len = min_t(int, skb->len, CHIP_FRAME_SIZE);
	memcpy(frame->data, skb->data, frame->len);
	kfree_skb(skb);
}
