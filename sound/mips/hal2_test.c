// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suites for hal2, with a model of the HPC3 and the HAL2.
 *
 * Part of hal2.c.  The model plays and records as much as a case tells it to,
 * through the addresses that it finds in its registers and in the descriptors.
 * The streams are driven by the driver's own operations, as ALSA calls them,
 * and the sample at a place in a stream tells the place.  The second suite is
 * the first on a CPU that does not read ahead, as in IP22.
 */
#include <linux/dma-model.h>
#include <linux/irq.h>
#include <linux/vmalloc.h>
#include <kunit/test.h>

#define HAL2_SW_BYTES	32768

struct hal2_test_channel {
	bool active, receive;
	/* The descriptor it works on, and how far it is */
	dma_addr_t desc;
	u32 done;
};

struct hal2_test {
	struct dma_model model;
	struct hpc3_regs *hpc;
	struct platform_device *pdev;
	struct snd_card card;
	struct snd_hal2 hal2;
	struct hal2_test_channel channel[2];
	/* Registers behind the indirect address register */
	u32 indirect[0x10000 / 4];

	/* A stream */
	const struct snd_pcm_ops *ops;
	struct snd_pcm_substream substream;
	struct snd_pcm_runtime runtime;
	struct snd_pcm_mmap_control control;
	struct hal2_codec *codec;
	u8 area[HAL2_SW_BYTES];
	/* In bytes since it was started: ALSA's end and the model's */
	u32 sw_pos, hw_pos;
};

/* A register access says nothing of who does it. */
static struct hal2_test *hal2_test;

#if !defined(CONFIG_SGI_IP22) && !defined(CONFIG_SGI_IP28)
struct hpc3_regs *hpc3c0;
#endif

struct hal2_hw_desc {
	__be32 pbuf, cntinfo, pnext;
};

static u32 hal2_test_read(unsigned long reg)
{
	return *(u32 *)reg;
}

static void hal2_hw_show(struct hal2_test *ht, int i)
{
	struct hal2_test_channel *ch = &ht->channel[i];
	struct hal2_hw_desc desc;

	if (dma_model_read(&ht->model, ch->desc, &desc, sizeof(desc)))
		ch->active = false;
	else
		ht->hpc->pbdma[i].pbdma_bptr = be32_to_cpu(desc.pbuf) +
					       ch->done;
}

static void hal2_hw_indirect(struct hal2_test *ht, u32 iar)
{
	struct hal2_ctl_regs *regs = ht->hal2.ctl_regs;
	u32 *val = &ht->indirect[(iar & 0xff7c) / 4];

	if (!(iar & H2_IAR_ACCESS_SELECT))
		*val = regs->idr0 | regs->idr1 << 16;
	else if (iar & H2_IAR_RB_INDEX_M)
		regs->idr0 = *val >> 16;
	else
		regs->idr0 = *val & 0xffff;
}

static void hal2_test_write(unsigned long reg, u32 val)
{
	struct hal2_test *ht = hal2_test;
	int i;

	*(u32 *)reg = val;
	if (reg == (unsigned long)&ht->hal2.ctl_regs->iar)
		hal2_hw_indirect(ht, val);
	for (i = 0; i < 2; i++) {
		if (reg != (unsigned long)&ht->hpc->pbdma[i].pbdma_ctrl ||
		    !(val & HPC3_PDMACTRL_LD))
			continue;
		ht->channel[i].active = val & HPC3_PDMACTRL_ACT;
		ht->channel[i].receive = val & HPC3_PDMACTRL_RCV;
		ht->channel[i].desc = ht->hpc->pbdma[i].pbdma_dptr;
		ht->channel[i].done = 0;
		if (ht->channel[i].active)
			hal2_hw_show(ht, i);
	}
}

/* One piece, of one descriptor: returns how much that was. */
static u32 hal2_hw_piece(struct hal2_test *ht, int i, u8 *buf, u32 bytes)
{
	struct hal2_test_channel *ch = &ht->channel[i];
	struct hal2_hw_desc desc;
	dma_addr_t addr;
	u32 count;
	int err;

	if (!ch->active ||
	    dma_model_read(&ht->model, ch->desc, &desc, sizeof(desc)))
		return 0;
	count = be32_to_cpu(desc.cntinfo) & HPCDMA_BCNT;
	bytes = min(bytes, count - ch->done);
	addr = be32_to_cpu(desc.pbuf) + ch->done;
	if (ch->receive)
		err = dma_model_write(&ht->model, addr, buf, bytes);
	else
		err = dma_model_read(&ht->model, addr, buf, bytes);
	if (err)
		return 0;

	ch->done += bytes;
	if (ch->done == count) {
		ch->done = 0;
		ch->desc = be32_to_cpu(desc.pnext);
	}
	hal2_hw_show(ht, i);
	return bytes;
}

static u8 hal2_sample(u32 pos)
{
	return 1 + pos + (pos >> 8) * 3 + (pos >> 14) * 5;
}

/* Play or record: false if a sample is wrong, or the channel stands still. */
static bool hal2_hw_run(struct hal2_test *ht, int i, u32 bytes)
{
	bool same = true;
	u8 buf[64];
	u32 n, k;

	for (; bytes; bytes -= n) {
		n = min_t(u32, bytes, sizeof(buf));
		for (k = 0; k < n; k++)
			buf[k] = hal2_sample(ht->hw_pos + k);
		n = hal2_hw_piece(ht, i, buf, n);
		if (!n)
			return false;
		for (k = 0; k < n; k++)
			if (buf[k] != hal2_sample(ht->hw_pos + k))
				same = false;
		ht->hw_pos += n;
	}
	return same;
}

static int hal2_test_open(struct hal2_test *ht, int stream)
{
	memset(&ht->runtime, 0, sizeof(ht->runtime));
	memset(&ht->control, 0, sizeof(ht->control));
	ht->codec = stream ? &ht->hal2.adc : &ht->hal2.dac;
	ht->ops = stream ? &hal2_capture_ops : &hal2_playback_ops;
	ht->substream.ops = ht->ops;
	ht->substream.private_data = &ht->hal2;
	ht->substream.runtime = &ht->runtime;
	ht->runtime.control = &ht->control;
	ht->runtime.dma_area = ht->area;
	ht->runtime.channels = 2;
	ht->runtime.rate = 44100;
	ht->runtime.frame_bits = 32;
	ht->runtime.buffer_size = HAL2_SW_BYTES / 4;
	ht->runtime.boundary = HAL2_SW_BYTES / 4 * 1024;
	return ht->ops->open(&ht->substream);
}

static void hal2_test_start(struct kunit *test)
{
	struct hal2_test *ht = test->priv;

	ht->sw_pos = 0;
	ht->hw_pos = 0;
	ht->control.appl_ptr = 0;
	KUNIT_EXPECT_EQ(test, ht->ops->prepare(&ht->substream), 0);
	KUNIT_EXPECT_EQ(test, ht->ops->trigger(&ht->substream,
					       SNDRV_PCM_TRIGGER_START), 0);
}

static void hal2_test_stop(struct kunit *test)
{
	struct hal2_test *ht = test->priv;

	KUNIT_EXPECT_EQ(test, ht->ops->trigger(&ht->substream,
					       SNDRV_PCM_TRIGGER_STOP), 0);
}

static void hal2_test_close(struct kunit *test)
{
	struct hal2_test *ht = test->priv;

	ht->ops->close(&ht->substream);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&ht->model), 0u);
}

/* The program writes samples; ALSA tells the driver. */
static void hal2_test_feed(struct kunit *test, u32 bytes)
{
	struct hal2_test *ht = test->priv;

	for (; bytes; bytes -= 4, ht->control.appl_ptr++) {
		u32 end = ht->sw_pos + 4;

		for (; ht->sw_pos < end; ht->sw_pos++)
			ht->area[ht->sw_pos % HAL2_SW_BYTES] =
				hal2_sample(ht->sw_pos);
	}
	KUNIT_EXPECT_EQ(test, ht->ops->ack(&ht->substream), 0);
}

/* The device records, and the program reads it. */
static void hal2_test_record(struct kunit *test, u32 bytes)
{
	struct hal2_test *ht = test->priv;
	u32 end = ht->sw_pos + bytes;
	bool same = true;

	KUNIT_ASSERT_TRUE(test, hal2_hw_run(ht, 1, bytes));
	KUNIT_EXPECT_EQ(test, (u32)ht->ops->pointer(&ht->substream) * 4,
			end % HAL2_SW_BYTES);
	for (; ht->sw_pos < end; ht->sw_pos++)
		if (ht->area[ht->sw_pos % HAL2_SW_BYTES] !=
		    hal2_sample(ht->sw_pos))
			same = false;
	KUNIT_EXPECT_TRUE(test, same);
	ht->control.appl_ptr += bytes / 4;
}

/* What open() leaves to the device */
static void hal2_test_opened(struct kunit *test, enum dma_data_direction dir)
{
	struct hal2_test *ht = test->priv;
	struct hal2_codec *codec = ht->codec;
	struct dma_model_event want[] = {
		{ DMA_MODEL_FOR_DEVICE, codec->desc_dma, 256, DMA_TO_DEVICE },
		{ DMA_MODEL_FOR_DEVICE, codec->buffer_dma, H2_BUF_SIZE, dir },
	};
	dma_addr_t addr = codec->desc_dma;
	struct hal2_hw_desc desc;
	int i;

	dma_model_expect(test, &ht->model, want, ARRAY_SIZE(want));
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&ht->model), 2u);
	for (i = 0; i < 16; i++) {
		dma_model_read(&ht->model, addr, &desc, sizeof(desc));
		KUNIT_EXPECT_EQ(test, be32_to_cpu(desc.pbuf),
				(u32)codec->buffer_dma + 1024 * i);
		KUNIT_EXPECT_EQ(test, be32_to_cpu(desc.cntinfo),
				(u32)HPCDMA_XIE | 1024);
		addr = be32_to_cpu(desc.pnext);
	}
	KUNIT_EXPECT_EQ(test, addr, codec->desc_dma);
}

static void hal2_test_playback_start(struct kunit *test)
{
	struct hal2_test *ht = test->priv;
	u8 buf[64];
	int i;

	KUNIT_ASSERT_EQ(test, hal2_test_open(ht, 0), 0);
	hal2_test_opened(test, DMA_TO_DEVICE);
	KUNIT_EXPECT_FALSE(test, ht->channel[0].active);
	hal2_test_start(test);
	KUNIT_EXPECT_TRUE(test, ht->channel[0].active);
	KUNIT_EXPECT_TRUE(test, ht->indirect[H2I_DMA_PORT_EN / 4] &
			  H2I_DMA_PORT_EN_CODECTX);

	/* Nothing was written yet: silence. */
	for (i = 0; i < H2_BUF_SIZE / 64; i++) {
		KUNIT_ASSERT_EQ(test, hal2_hw_piece(ht, 0, buf, 64), 64u);
		KUNIT_EXPECT_FALSE(test, memchr_inv(buf, 0, 64));
	}
	dma_model_expect(test, &ht->model, NULL, 0);
	hal2_test_stop(test);
	hal2_test_close(test);
}

static void hal2_test_playback(struct kunit *test)
{
	struct hal2_test *ht = test->priv;
	dma_addr_t buf;
	int i;

	KUNIT_ASSERT_EQ(test, hal2_test_open(ht, 0), 0);
	buf = ht->codec->buffer_dma;
	hal2_test_start(test);
	dma_model_clear_events(&ht->model);
	hal2_test_feed(test, 4000);
	{
		const struct dma_model_event want[] = {
			{ DMA_MODEL_FOR_CPU, buf, 4000, DMA_TO_DEVICE },
			{ DMA_MODEL_FOR_DEVICE, buf, 4000, DMA_TO_DEVICE },
		};

		dma_model_expect(test, &ht->model, want, ARRAY_SIZE(want));
	}
	KUNIT_EXPECT_TRUE(test, hal2_hw_run(ht, 0, 2000));
	hal2_test_feed(test, 1000);
	{
		const struct dma_model_event want[] = {
			{ DMA_MODEL_FOR_CPU, buf + 4000, 1000, DMA_TO_DEVICE },
			{ DMA_MODEL_FOR_DEVICE, buf + 4000, 1000,
			  DMA_TO_DEVICE },
		};

		dma_model_expect(test, &ht->model, want, ARRAY_SIZE(want));
	}
	KUNIT_EXPECT_TRUE(test, hal2_hw_run(ht, 0, 3000));
	KUNIT_EXPECT_EQ(test, (u32)ht->ops->pointer(&ht->substream), 1250u);

	/* Some rounds, in steps that are no multiple of anything */
	for (i = 0; i < 40; i++) {
		hal2_test_feed(test, 1004 + 4 * i);
		KUNIT_EXPECT_TRUE(test, hal2_hw_run(ht, 0, 1004 + 4 * i));
		ht->ops->pointer(&ht->substream);
	}
	hal2_test_stop(test);
	hal2_test_close(test);
}

static void hal2_test_playback_stop(struct kunit *test)
{
	struct hal2_test *ht = test->priv;
	int i;

	KUNIT_ASSERT_EQ(test, hal2_test_open(ht, 0), 0);
	for (i = 0; i < 3; i++) {
		hal2_test_start(test);
		hal2_test_feed(test, 6000);
		KUNIT_EXPECT_TRUE(test, hal2_hw_run(ht, 0, 5000));
		hal2_test_stop(test);
		KUNIT_EXPECT_FALSE(test, hal2_hw_run(ht, 0, 4));
	}
	hal2_test_close(test);
}

static void hal2_test_capture_start(struct kunit *test)
{
	struct hal2_test *ht = test->priv;

	KUNIT_ASSERT_EQ(test, hal2_test_open(ht, 1), 0);
	hal2_test_opened(test, DMA_FROM_DEVICE);
	KUNIT_EXPECT_FALSE(test, ht->channel[1].active);
	hal2_test_start(test);
	KUNIT_EXPECT_TRUE(test, ht->channel[1].active);
	KUNIT_EXPECT_TRUE(test, ht->channel[1].receive);
	KUNIT_EXPECT_TRUE(test, ht->indirect[H2I_DMA_PORT_EN / 4] &
			  H2I_DMA_PORT_EN_CODECR);
	hal2_test_stop(test);
	hal2_test_close(test);
}

static void hal2_test_capture(struct kunit *test)
{
	struct hal2_test *ht = test->priv;
	dma_addr_t buf;

	KUNIT_ASSERT_EQ(test, hal2_test_open(ht, 1), 0);
	buf = ht->codec->buffer_dma;
	hal2_test_start(test);
	dma_model_clear_events(&ht->model);
	hal2_test_record(test, 4000);
	{
		const struct dma_model_event want[] = {
			{ DMA_MODEL_FOR_CPU, buf, 4000, DMA_FROM_DEVICE },
			{ DMA_MODEL_FOR_DEVICE, buf, 4000, DMA_FROM_DEVICE },
		};

		dma_model_expect(test, &ht->model, want, ARRAY_SIZE(want));
	}
	hal2_test_record(test, 36);
	{
		const struct dma_model_event want[] = {
			{ DMA_MODEL_FOR_CPU, buf + 4000, 36, DMA_FROM_DEVICE },
			{ DMA_MODEL_FOR_DEVICE, buf + 4000, 36,
			  DMA_FROM_DEVICE },
		};

		dma_model_expect(test, &ht->model, want, ARRAY_SIZE(want));
	}
	hal2_test_stop(test);
	hal2_test_close(test);
}

/* Each pass over the buffer has its own samples. */
static void hal2_test_capture_wrap(struct kunit *test)
{
	struct hal2_test *ht = test->priv;
	int i;

	KUNIT_ASSERT_EQ(test, hal2_test_open(ht, 1), 0);
	hal2_test_start(test);
	for (i = 0; i < 60; i++)
		hal2_test_record(test, 1004 + 4 * i);
	hal2_test_stop(test);
	hal2_test_close(test);
}

static void hal2_test_capture_stop(struct kunit *test)
{
	struct hal2_test *ht = test->priv;
	int i;

	KUNIT_ASSERT_EQ(test, hal2_test_open(ht, 1), 0);
	for (i = 0; i < 3; i++) {
		hal2_test_start(test);
		hal2_test_record(test, 5000 + 4 * i);
		hal2_test_record(test, 3000);
		hal2_test_stop(test);
		KUNIT_EXPECT_FALSE(test, hal2_hw_run(ht, 1, 4));
	}
	hal2_test_close(test);
}

static void hal2_test_open_fails(struct kunit *test)
{
	struct hal2_test *ht = test->priv;
	int stream, i;

	for (stream = 0; stream < 2; stream++) {
		for (i = 1; i <= 2; i++) {
			ht->model.fail_in = i;
			KUNIT_EXPECT_EQ(test, hal2_test_open(ht, stream),
					-ENOMEM);
			KUNIT_EXPECT_EQ(test, dma_model_nr_live(&ht->model),
					0u);
		}
		KUNIT_EXPECT_EQ(test, hal2_test_open(ht, stream), 0);
		hal2_test_close(test);
	}
}

static void hal2_test_create(struct kunit *test)
{
	struct hal2_test *ht = test->priv;
	struct snd_hal2 *chip;

	irq_set_chip_and_handler(SGI_HPCDMA_IRQ, &dummy_irq_chip,
				 handle_simple_irq);
	ht->hal2.ctl_regs->rev = H2_REV_AUDIO_PRESENT;
	KUNIT_EXPECT_EQ(test, hal2_create(&ht->card, &chip), -ENODEV);
	KUNIT_EXPECT_FALSE(test, irq_has_action(SGI_HPCDMA_IRQ));

	ht->hal2.ctl_regs->rev = 0x4010;
	KUNIT_EXPECT_EQ(test, hal2_create(&ht->card, &chip), 0);
	KUNIT_EXPECT_TRUE(test, irq_has_action(SGI_HPCDMA_IRQ));
	snd_device_free(&ht->card, chip);
	KUNIT_EXPECT_FALSE(test, irq_has_action(SGI_HPCDMA_IRQ));
}

static struct kunit_case hal2_test_cases[] = {
	KUNIT_CASE(hal2_test_playback_start),
	KUNIT_CASE(hal2_test_playback),
	KUNIT_CASE(hal2_test_playback_stop),
	KUNIT_CASE(hal2_test_capture_start),
	KUNIT_CASE(hal2_test_capture),
	KUNIT_CASE(hal2_test_capture_wrap),
	KUNIT_CASE(hal2_test_capture_stop),
	KUNIT_CASE(hal2_test_open_fails),
	KUNIT_CASE(hal2_test_create),
	{}
};

static int hal2_test_make(struct kunit *test, bool for_cpu_is_noop)
{
	struct hal2_test *ht = kunit_kzalloc(test, sizeof(*ht), GFP_KERNEL);

	KUNIT_ASSERT_TRUE(test, ht);
	test->priv = ht;
	hal2_test = ht;
	ht->hpc = vzalloc(sizeof(*ht->hpc));
	ht->pdev = platform_device_register_simple("hal2_test", 0, NULL, 0);
	KUNIT_ASSERT_TRUE(test, ht->hpc && !IS_ERR(ht->pdev));
	dma_model_attach(&ht->model, &ht->pdev->dev);
	ht->model.line_size = dma_get_cache_alignment();
	ht->model.for_cpu_is_noop = for_cpu_is_noop;

	hpc3c0 = ht->hpc;
	ht->card.dev = &ht->pdev->dev;
	INIT_LIST_HEAD(&ht->card.devices);
	ht->hal2.card = &ht->card;
	ht->hal2.ctl_regs = (struct hal2_ctl_regs *)ht->hpc->pbus_extregs[0];
	hal2_init_codec(&ht->hal2.dac, ht->hpc, 0);
	hal2_init_codec(&ht->hal2.adc, ht->hpc, 1);
	return 0;
}

static int hal2_test_init(struct kunit *test)
{
	return hal2_test_make(test, false);
}

static int hal2_test_init_noop(struct kunit *test)
{
	return hal2_test_make(test, true);
}

static void hal2_test_exit(struct kunit *test)
{
	struct hal2_test *ht = test->priv;

	KUNIT_EXPECT_EQ(test, ht->model.nr_bad, 0u);
	KUNIT_EXPECT_EQ(test, ht->model.nr_unowned, 0u);
	KUNIT_EXPECT_EQ(test, ht->model.nr_stray, 0u);
	KUNIT_EXPECT_EQ(test, ht->model.nr_lost, 0u);
	KUNIT_EXPECT_EQ(test, dma_model_detach(&ht->model), 0u);
	platform_device_unregister(ht->pdev);
	hpc3c0 = NULL;
	vfree(ht->hpc);
}

static struct kunit_suite hal2_test_suite = {
	.name = "hal2",
	.init = hal2_test_init,
	.exit = hal2_test_exit,
	.test_cases = hal2_test_cases,
};

static struct kunit_suite hal2_test_suite_noop = {
	.name = "hal2_noop",
	.init = hal2_test_init_noop,
	.exit = hal2_test_exit,
	.test_cases = hal2_test_cases,
};

kunit_test_suites(&hal2_test_suite, &hal2_test_suite_noop);
