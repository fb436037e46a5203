// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suites for sgiwd93, with a model of the HPC3 and the WD33C93.
 *
 * Part of sgiwd93.c; wd33c93.c is the other half of the driver.  There is no
 * target but the one that a case plays: it moves data, as far as it likes,
 * through the chain of descriptors that the HPC3 was started on, and raises
 * the interrupts of the WD33C93.  The second suite is the first on a CPU that
 * does not read ahead, as in IP22.
 */
#include <linux/dma-model.h>
#include <linux/irq.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>
#include <kunit/test.h>

/* The HPC3 writes to memory in pieces of this, or when it is flushed. */
#define WD_TEST_FIFO	64

#define WD_TEST_NR_SG	3
#define WD_TEST_TARGET	3

static const unsigned int wd_test_sizes[WD_TEST_NR_SG] = { 20000, 512, 4096 };

struct wd_test {
	struct dma_model model;
	struct hpc3_scsiregs *hregs;
	struct platform_device *pdev;
	struct Scsi_Host *host;
	struct ip22_hostdata *hdata;
	int irq, bad_irq;

	/* The WD33C93 */
	u8 ext[8], reg[32], addr, asr;
	struct tasklet_struct timeout;
	u8 *pio;
	unsigned long pio_left;

	/* The HPC3: the descriptor that it works on, and how far it is */
	bool active, to_memory;
	dma_addr_t desc;
	u32 done, nr_descs;
	u8 fifo[WD_TEST_FIFO];
	unsigned int in_fifo;
	/* For how many looks a flush does not end */
	unsigned int hangs;

	/* The target, and the command that it got */
	struct scsi_device sdev;
	struct scsi_cmnd cmd;
	struct scatterlist sgl[WD_TEST_NR_SG];
	u8 *buf[WD_TEST_NR_SG];
	u8 cdb[10];
	bool finished;
};

/* A register access says nothing of who does it. */
static struct wd_test *wd_test;

struct wd_hw_desc {
	__be32 pbuf, cntinfo, pnext;
};

/* Move on along the chain.  False if it ends before the data does. */
static bool wd_hw_move(struct wd_test *wt, u8 *data, u32 len)
{
	struct wd_hw_desc desc;
	u32 count, n;
	int err;

	for (; len; len -= n, data += n) {
		if (!wt->active || dma_model_read(&wt->model, wt->desc, &desc,
						  sizeof(desc)))
			return false;
		count = be32_to_cpu(desc.cntinfo) & HPCDMA_BCNT;
		if (be32_to_cpu(desc.cntinfo) & HPCDMA_EOX || count > 8192)
			return false;
		n = min(len, count - wt->done);
		if (wt->to_memory)
			err = dma_model_write(&wt->model, wt->done +
					      be32_to_cpu(desc.pbuf), data, n);
		else
			err = dma_model_read(&wt->model, wt->done +
					     be32_to_cpu(desc.pbuf), data, n);
		if (err)
			return false;
		wt->done += n;
		if (wt->done == count) {
			wt->done = 0;
			wt->nr_descs++;
			wt->desc = be32_to_cpu(desc.pnext);
		}
	}
	return true;
}

static u32 sgiwd93_test_read(unsigned long reg)
{
	struct wd_test *wt = wd_test;

	if (wt->hangs && !--wt->hangs)
		wt->hregs->ctrl &= ~HPC3_SCTRL_ACTIVE;
	return *(u32 *)reg;
}

static void sgiwd93_test_write(unsigned long reg, u32 val)
{
	struct wd_test *wt = wd_test;

	if (reg == (unsigned long)&wt->hregs->ctrl) {
		if (val & HPC3_SCTRL_FLUSH) {
			wd_hw_move(wt, wt->fifo, wt->in_fifo);
			wt->in_fifo = 0;
			if (!wt->hangs)
				val &= ~HPC3_SCTRL_ACTIVE;
		} else if (val & HPC3_SCTRL_ACTIVE) {
			wt->desc = wt->hregs->ndptr;
			wt->done = 0;
			/* The other way round than hpc3.h has it */
			wt->to_memory = !(val & HPC3_SCTRL_DIR);
		}
		wt->active = val & HPC3_SCTRL_ACTIVE;
		if (!wt->active)
			wt->in_fifo = 0;
	}
	*(u32 *)reg = val;
}

static unsigned long wd_hw_count(struct wd_test *wt)
{
	u8 *reg = wt->reg + WD_TRANSFER_COUNT_MSB;

	return reg[0] << 16 | reg[1] << 8 | reg[2];
}

static void wd_hw_set_count(struct wd_test *wt, unsigned long count)
{
	u8 *reg = wt->reg + WD_TRANSFER_COUNT_MSB;

	reg[0] = count >> 16;
	reg[1] = count >> 8;
	reg[2] = count;
}

static void wd_hw_command(struct wd_test *wt, u8 command)
{
	switch (command) {
	case WD_CMD_RESET:
		wt->reg[WD_SCSI_STATUS] = CSR_RESET_AF;
		wt->asr = ASR_INT;
		break;
	case WD_CMD_ABORT:
		wt->reg[WD_SCSI_STATUS] = CSR_ABORT;
		wt->asr = ASR_INT;
		break;
	case WD_CMD_SEL_ATN:
	case WD_CMD_SEL_ATN_XFER:
		/* The scan for targets finds none. */
		if (wt->reg[WD_DESTINATION_ID] % 8 != WD_TEST_TARGET ||
		    !wt->cmd.device)
			tasklet_schedule(&wt->timeout);
		break;
	case WD_CMD_TRANS_INFO:
		if (wt->reg[WD_CONTROL] & CTRL_BURST)
			break;
		wt->pio_left = wd_hw_count(wt);
		wt->asr = ASR_DBR;
		break;
	}
}

static u8 *wd_hw_pio(struct wd_test *wt)
{
	wd_hw_set_count(wt, --wt->pio_left);
	if (!wt->pio_left)
		wt->asr = ASR_INT;
	return wt->pio++;
}

u8 wd33c93_test_read(unsigned long reg)
{
	struct wd_test *wt = wd_test;

	if (reg == (unsigned long)&wt->ext[3])
		return wt->asr;
	if (wt->addr == WD_DATA)
		return wt->pio_left ? *wd_hw_pio(wt) : 0;
	if (wt->addr == WD_SCSI_STATUS)
		wt->asr &= ~ASR_INT;
	return wt->reg[wt->addr++ % 32];
}

void wd33c93_test_write(unsigned long reg, u8 val)
{
	struct wd_test *wt = wd_test;

	if (reg == (unsigned long)&wt->ext[3]) {
		wt->addr = val;
	} else if (wt->addr == WD_COMMAND) {
		wd_hw_command(wt, val);
	} else if (wt->addr == WD_DATA) {
		if (wt->pio_left)
			*wd_hw_pio(wt) = val;
	} else {
		wt->reg[wt->addr++ % 32] = val;
	}
}

static void wd_hw_raise(struct wd_test *wt, u8 status)
{
	unsigned long flags;

	wt->reg[WD_SCSI_STATUS] = status;
	wt->asr |= ASR_INT;
	local_irq_save(flags);
	generic_handle_irq(wt->irq);
	local_irq_restore(flags);
}

static void wd_hw_timeout(struct tasklet_struct *timeout)
{
	wd_hw_raise(container_of(timeout, struct wd_test, timeout),
		    CSR_TIMEOUT);
}

/* The target moves some bytes of the buffer that DMA was set up for. */
static bool wd_target_dma(struct wd_test *wt, u8 *data, unsigned int len)
{
	unsigned int rest = wt->to_memory ? len % WD_TEST_FIFO : 0;
	unsigned long count = wd_hw_count(wt);

	if (len > count || !wd_hw_move(wt, data, len - rest))
		return false;
	memcpy(wt->fifo, data + len - rest, rest);
	wt->in_fifo = rest;
	wd_hw_set_count(wt, count - len);
	return true;
}

static u8 wd_test_byte(unsigned int i, unsigned int pos)
{
	return 1 + 80 * i + pos + pos / 256;
}

static void wd_test_done(struct scsi_cmnd *cmd)
{
	container_of(cmd, struct wd_test, cmd)->finished = true;
}

/* Queue a command for the target; DMA is set up for the first buffer. */
static void wd_test_queue(struct kunit *test, enum dma_data_direction dir)
{
	struct wd_test *wt = test->priv;
	struct scsi_cmnd *cmd = &wt->cmd;
	unsigned int i, pos, total = 0;

	memset(cmd, 0, sizeof(*cmd));
	sg_init_table(wt->sgl, WD_TEST_NR_SG);
	for (i = 0; i < WD_TEST_NR_SG; i++) {
		total += wd_test_sizes[i];
		for (pos = 0; pos < wd_test_sizes[i]; pos++)
			wt->buf[i][pos] = dir == DMA_TO_DEVICE ?
				wd_test_byte(i, pos) : 0;
		sg_set_buf(&wt->sgl[i], wt->buf[i], wd_test_sizes[i]);
	}
	wt->sdev.host = wt->host;
	wt->sdev.id = WD_TEST_TARGET;
	cmd->device = &wt->sdev;
	cmd->cmnd = wt->cdb;
	cmd->cmd_len = sizeof(wt->cdb);
	cmd->sc_data_direction = dir;
	cmd->sdb.table.sgl = wt->sgl;
	cmd->sdb.table.nents = WD_TEST_NR_SG;
	cmd->sdb.length = total;
	cmd->scsi_done = wd_test_done;

	/* Select and transfer is for targets that have negotiated. */
	wt->hdata->wh.sync_stat[WD_TEST_TARGET] = SS_SET;
	wt->finished = false;
	wt->nr_descs = 0;
	KUNIT_EXPECT_EQ(test, wd33c93_queuecommand(wt->host, cmd), 0);
}

/* Move bytes pos to end of buffer i, and see that they are what they must be. */
static void wd_test_move(struct kunit *test, unsigned int i, unsigned int pos,
			 unsigned int end)
{
	struct wd_test *wt = test->priv;
	u8 *data = kunit_kzalloc(test, end - pos, GFP_KERNEL);
	bool same = true;
	unsigned int k;

	KUNIT_ASSERT_TRUE(test, data);
	for (k = pos; k < end && wt->to_memory; k++)
		data[k - pos] = wd_test_byte(i, k);
	KUNIT_ASSERT_TRUE(test, wd_target_dma(wt, data, end - pos));
	for (k = pos; k < end; k++)
		if (data[k - pos] != wd_test_byte(i, k))
			same = false;
	KUNIT_EXPECT_TRUE(test, same);
	kunit_kfree(test, data);
}

static void wd_test_arrived(struct kunit *test)
{
	struct wd_test *wt = test->priv;
	bool same = true;
	unsigned int i, k;

	for (i = 0; i < WD_TEST_NR_SG; i++)
		for (k = 0; k < wd_test_sizes[i]; k++)
			if (wt->buf[i][k] != wd_test_byte(i, k))
				same = false;
	KUNIT_EXPECT_TRUE(test, same);
}

static void wd_test_finish(struct kunit *test)
{
	struct wd_test *wt = test->priv;

	wt->reg[WD_COMMAND_PHASE] = 0x60;
	wt->reg[WD_TARGET_LUN] = 0;
	wd_hw_raise(wt, CSR_SEL_XFER_DONE);
	KUNIT_EXPECT_TRUE(test, wt->finished);
	KUNIT_EXPECT_EQ(test, wt->cmd.result, 0);
	KUNIT_EXPECT_FALSE(test, wt->active);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&wt->model), 1u);
}

/* A chain of this many descriptors went to the CPU and back, and no more. */
static void wd_test_expect_chain(struct kunit *test, unsigned int nr)
{
	struct wd_test *wt = test->priv;
	const struct dma_model_event want[] = {
		{ DMA_MODEL_FOR_CPU, wt->hdata->dma, 16 * nr, DMA_TO_DEVICE },
		{ DMA_MODEL_FOR_DEVICE, wt->hdata->dma, 16 * nr,
		  DMA_TO_DEVICE },
	};

	dma_model_expect(test, &wt->model, want, ARRAY_SIZE(want));
}

/* Let the driver find the device.  False if it does not take it. */
static bool wd_test_bind(struct kunit *test, int irq)
{
	struct wd_test *wt = test->priv;
	struct sgiwd93_platform_data pd = {
		.irq	= irq,
		.hregs	= wt->hregs,
		.wdregs	= wt->ext,
	};

	KUNIT_ASSERT_EQ(test, platform_device_add_data(wt->pdev, &pd,
						       sizeof(pd)), 0);
	KUNIT_ASSERT_EQ(test, platform_device_add(wt->pdev), 0);
	if (!wt->pdev->dev.driver)
		return false;
	wt->host = platform_get_drvdata(wt->pdev);
	wt->hdata = host_to_hostdata(wt->host);
	return true;
}

static void wd_test_up(struct kunit *test)
{
	struct wd_test *wt = test->priv;

	KUNIT_ASSERT_TRUE(test, wd_test_bind(test, wt->irq));
	dma_model_clear_events(&wt->model);
}

static void wd_test_probe(struct kunit *test)
{
	struct wd_test *wt = test->priv;
	struct wd_hw_desc desc;
	dma_addr_t addr;
	unsigned int i;

	KUNIT_ASSERT_TRUE(test, wd_test_bind(test, wt->irq));
	{
		const struct dma_model_event want[] = {
			{ DMA_MODEL_FOR_DEVICE, wt->hdata->dma, PAGE_SIZE,
			  DMA_TO_DEVICE },
		};

		dma_model_expect(test, &wt->model, want, ARRAY_SIZE(want));
	}
	addr = wt->hdata->dma;
	for (i = 0; i < PAGE_SIZE / 16; i++) {
		dma_model_read(&wt->model, addr, &desc, sizeof(desc));
		KUNIT_EXPECT_EQ(test, be32_to_cpu(desc.cntinfo), HPCDMA_EOX);
		addr = be32_to_cpu(desc.pnext);
	}
	KUNIT_EXPECT_EQ(test, addr, wt->hdata->dma);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&wt->model), 1u);
}

static void wd_test_no_memory(struct kunit *test)
{
	struct wd_test *wt = test->priv;

	wt->model.fail_in = 1;
	KUNIT_EXPECT_FALSE(test, wd_test_bind(test, wt->irq));
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&wt->model), 0u);
}

static void wd_test_no_irq(struct kunit *test)
{
	struct wd_test *wt = test->priv;

	KUNIT_EXPECT_FALSE(test, wd_test_bind(test, wt->bad_irq));
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&wt->model), 0u);
}

static void wd_test_transfer(struct kunit *test, enum dma_data_direction dir)
{
	struct wd_test *wt = test->priv;
	u8 phase = dir == DMA_TO_DEVICE ? PHS_DATA_OUT : PHS_DATA_IN;
	unsigned int i, round;

	wd_test_up(test);
	/* The second command finds the chain of the first. */
	for (round = 0; round < 2; round++) {
		wd_test_queue(test, dir);
		for (i = 0; i < WD_TEST_NR_SG; i++) {
			if (i)
				wd_hw_raise(wt, CSR_SRV_REQ | phase);
			wd_test_expect_chain(test, i ? 2 : 4);
			KUNIT_EXPECT_EQ(test, dma_model_nr_live(&wt->model),
					2u);
			wd_test_move(test, i, 0, wd_test_sizes[i]);
		}
		wd_test_finish(test);
		wd_test_arrived(test);
		dma_model_expect(test, &wt->model, NULL, 0);
	}
}

static void wd_test_read(struct kunit *test)
{
	wd_test_transfer(test, DMA_FROM_DEVICE);
}

static void wd_test_write(struct kunit *test)
{
	wd_test_transfer(test, DMA_TO_DEVICE);
}

/* The target stops twice in the middle of a buffer, and goes on later. */
static void wd_test_stop(struct kunit *test)
{
	struct wd_test *wt = test->priv;
	unsigned int i;

	wd_test_up(test);
	wd_test_queue(test, DMA_FROM_DEVICE);
	wd_test_move(test, 0, 0, 5001);
	wd_hw_raise(wt, CSR_SRV_REQ | PHS_DATA_IN);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&wt->model), 2u);
	wd_test_move(test, 0, 5001, 19990);
	wd_hw_raise(wt, CSR_SRV_REQ | PHS_DATA_IN);
	wd_test_move(test, 0, 19990, 20000);
	for (i = 1; i < WD_TEST_NR_SG; i++) {
		wd_hw_raise(wt, CSR_SRV_REQ | PHS_DATA_IN);
		wd_test_move(test, i, 0, wd_test_sizes[i]);
	}
	wd_test_finish(test);
	wd_test_arrived(test);
}

/* Without a mapping the CPU moves the data; the other buffers have one. */
static void wd_test_unmapped(struct kunit *test)
{
	struct wd_test *wt = test->priv;
	unsigned int i, k;
	u8 *data = kunit_kzalloc(test, wd_test_sizes[0], GFP_KERNEL);

	KUNIT_ASSERT_TRUE(test, data);
	for (k = 0; k < wd_test_sizes[0]; k++)
		data[k] = wd_test_byte(0, k);
	wd_test_up(test);
	wt->model.fail_in = 1;
	wd_test_queue(test, DMA_FROM_DEVICE);
	KUNIT_EXPECT_FALSE(test, wt->active);
	wt->pio = data;
	wt->model.fail_in = 1;
	wd_hw_raise(wt, CSR_SRV_REQ | PHS_DATA_IN);
	KUNIT_EXPECT_FALSE(test, wt->active);
	KUNIT_EXPECT_EQ(test, wt->pio_left, 0ul);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&wt->model), 1u);
	dma_model_expect(test, &wt->model, NULL, 0);
	for (i = 1; i < WD_TEST_NR_SG; i++) {
		wd_hw_raise(wt, CSR_SRV_REQ | PHS_DATA_IN);
		KUNIT_EXPECT_TRUE(test, wt->active);
		wd_test_move(test, i, 0, wd_test_sizes[i]);
	}
	wd_test_finish(test);
	wd_test_arrived(test);
}

static void wd_test_abort(struct kunit *test)
{
	struct wd_test *wt = test->priv;

	wd_test_up(test);
	wd_test_queue(test, DMA_FROM_DEVICE);
	wd_test_move(test, 0, 0, 1000);
	KUNIT_EXPECT_EQ(test, wd33c93_abort(&wt->cmd), SUCCESS);
	KUNIT_EXPECT_TRUE(test, wt->finished);
	KUNIT_EXPECT_FALSE(test, wt->active);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&wt->model), 1u);
}

/* A reset has no command for dma_stop(). */
static void wd_test_reset(struct kunit *test)
{
	struct wd_test *wt = test->priv;

	wd_test_up(test);
	wd_test_queue(test, DMA_TO_DEVICE);
	wd_test_move(test, 0, 0, 1000);
	KUNIT_EXPECT_EQ(test, wd33c93_host_reset(&wt->cmd), SUCCESS);
	KUNIT_EXPECT_FALSE(test, wt->active);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&wt->model), 1u);

	/* Nothing runs now, and nothing is stopped. */
	dma_model_clear_events(&wt->model);
	KUNIT_EXPECT_EQ(test, wd33c93_host_reset(&wt->cmd), SUCCESS);
	KUNIT_EXPECT_EQ(test, wt->model.nr_events, 0u);
	wd_test_queue(test, DMA_FROM_DEVICE);
	wd_test_move(test, 0, 0, 1000);
	KUNIT_EXPECT_EQ(test, wd33c93_abort(&wt->cmd), SUCCESS);
}

/* The HPC3 that does not end a flush is stopped without. */
static void wd_test_reset_hanging(struct kunit *test)
{
	struct wd_test *wt = test->priv;

	wd_test_up(test);
	wd_test_queue(test, DMA_FROM_DEVICE);
	wd_test_move(test, 0, 0, 1000);
	wt->hangs = 1000000;
	KUNIT_EXPECT_EQ(test, wd33c93_host_reset(&wt->cmd), SUCCESS);
	KUNIT_EXPECT_TRUE(test, wt->hangs);
	KUNIT_EXPECT_FALSE(test, wt->active);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&wt->model), 1u);
}

static struct kunit_case wd_test_cases[] = {
	KUNIT_CASE(wd_test_probe),
	KUNIT_CASE(wd_test_no_memory),
	KUNIT_CASE(wd_test_no_irq),
	KUNIT_CASE(wd_test_read),
	KUNIT_CASE(wd_test_write),
	KUNIT_CASE(wd_test_stop),
	KUNIT_CASE(wd_test_unmapped),
	KUNIT_CASE(wd_test_abort),
	KUNIT_CASE(wd_test_reset),
	KUNIT_CASE(wd_test_reset_hanging),
	{}
};

static int wd_test_make(struct kunit *test, bool for_cpu_is_noop)
{
	struct wd_test *wt = kunit_kzalloc(test, sizeof(*wt), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_TRUE(test, wt);
	test->priv = wt;
	wd_test = wt;
	wt->hregs = kunit_kzalloc(test, sizeof(*wt->hregs), GFP_KERNEL);
	for (i = 0; i < WD_TEST_NR_SG; i++) {
		wt->buf[i] = kunit_kzalloc(test, wd_test_sizes[i], GFP_KERNEL);
		KUNIT_ASSERT_TRUE(test, wt->buf[i]);
	}
	wt->pdev = platform_device_alloc("sgiwd93", 0);
	wt->irq = irq_alloc_desc(0);
	wt->bad_irq = irq_alloc_desc(0);
	KUNIT_ASSERT_TRUE(test, wt->hregs && wt->pdev && wt->irq > 0 &&
			  wt->bad_irq > 0);
	irq_set_chip_and_handler(wt->irq, &dummy_irq_chip, handle_simple_irq);
	irq_set_chip(wt->bad_irq, NULL);
	tasklet_setup(&wt->timeout, wd_hw_timeout);

	dma_model_attach(&wt->model, &wt->pdev->dev);
	wt->model.line_size = dma_get_cache_alignment();
	wt->model.for_cpu_is_noop = for_cpu_is_noop;
	return 0;
}

static int wd_test_init(struct kunit *test)
{
	return wd_test_make(test, false);
}

static int wd_test_init_noop(struct kunit *test)
{
	return wd_test_make(test, true);
}

static void wd_test_exit(struct kunit *test)
{
	struct wd_test *wt = test->priv;

	platform_device_del(wt->pdev);
	tasklet_kill(&wt->timeout);
	KUNIT_EXPECT_EQ(test, wt->model.nr_bad, 0u);
	KUNIT_EXPECT_EQ(test, wt->model.nr_unowned, 0u);
	KUNIT_EXPECT_EQ(test, wt->model.nr_stray, 0u);
	KUNIT_EXPECT_EQ(test, wt->model.nr_lost, 0u);
	KUNIT_EXPECT_EQ(test, dma_model_detach(&wt->model), 0u);
	platform_device_put(wt->pdev);
	irq_free_desc(wt->bad_irq);
	irq_free_desc(wt->irq);
}

static struct kunit_suite wd_test_suite = {
	.name = "sgiwd93",
	.init = wd_test_init,
	.exit = wd_test_exit,
	.test_cases = wd_test_cases,
};

static struct kunit_suite wd_test_suite_noop = {
	.name = "sgiwd93_noop",
	.init = wd_test_init_noop,
	.exit = wd_test_exit,
	.test_cases = wd_test_cases,
};

kunit_test_suites(&wd_test_suite, &wd_test_suite_noop);
