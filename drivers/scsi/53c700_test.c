// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the 53c700 driver, with a chip and a target that are models.
 *
 * All cases run on a host with coherent memory and on two without: one where
 * dma_sync_single_for_cpu() does nothing for what the CPU owns, and one where
 * it invalidates.
 */
#include <linux/scatterlist.h>
#include <kunit/test.h>

#include "53c700_model.c"

#define TEST_ID		3
#define TEST_OTHER_ID	4
#define TEST_SECTOR	512
#define TEST_SEGMENTS	3

struct test_cmd {
	struct scsi_cmnd	scmd;
	struct request		rq;
	u8			cdb[MAX_COMMAND_SIZE];
	struct scatterlist	sg[TEST_SEGMENTS];
	u8			*data[TEST_SEGMENTS];
	unsigned int		nr_done;
};

struct test_host {
	struct model_chip		chip;
	struct dma_model		*dma;
	struct NCR_700_Host_Parameters	hostdata;
	struct scsi_host_template	tpnt;
	struct device			*dev;
	struct Scsi_Host		*host;
	struct scsi_device		sdev, other_sdev;
	struct scsi_target		*target;
	struct test_cmd			cmds[2];
	/* What the target has received, and has for the host */
	u8				msgout[MSG_ARRAY_SIZE];
	u8				cdb[MAX_COMMAND_SIZE];
	u8				data[TEST_SEGMENTS * TEST_SECTOR];
};

static u8 test_good[] = { SAM_STAT_GOOD };
static u8 test_complete[] = { COMMAND_COMPLETE };
static u8 test_disconnect[] = { DISCONNECT };
static u8 test_identify[] = { IDENTIFY_BASE };
static u8 test_reject[] = { MESSAGE_REJECT };

#define STEP(phase, buf, len)	{ BUS_##phase, buf, len }
#define STEPS_TO_COMMAND(t, msgs, len)					\
	STEP(MSG_OUT, (t)->msgout, msgs),				\
	STEP(COMMAND, (t)->cdb, len)
#define STEPS_TO_FREE(status)						\
	STEP(STATUS, status, 1), STEP(MSG_IN, test_complete, 1),	\
	STEP(FREE, NULL, 0)

static void test_done(struct scsi_cmnd *scmd)
{
	container_of(scmd, struct test_cmd, scmd)->nr_done++;
}

/* A command that moves a sector for each segment */
static struct test_cmd *test_new_cmd(struct kunit *test, unsigned int nr,
				     u8 opcode, enum dma_data_direction dir,
				     unsigned int segments)
{
	struct test_host *t = test->priv;
	struct test_cmd *cmd = &t->cmds[nr];
	unsigned int i;

	memset(cmd, 0, sizeof(*cmd));
	cmd->cdb[0] = opcode;
	cmd->cdb[4] = segments;
	cmd->scmd.device = &t->sdev;
	cmd->scmd.request = &cmd->rq;
	cmd->scmd.cmnd = cmd->cdb;
	cmd->scmd.cmd_len = 10;
	cmd->scmd.sc_data_direction = dir;
	cmd->scmd.scsi_done = test_done;
	cmd->scmd.sense_buffer = kunit_kzalloc(test, SCSI_SENSE_BUFFERSIZE,
					       GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, cmd->scmd.sense_buffer);

	sg_init_table(cmd->sg, TEST_SEGMENTS);
	for (i = 0; i < segments; i++) {
		cmd->data[i] = kunit_kzalloc(test, TEST_SECTOR, GFP_KERNEL);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, cmd->data[i]);
		sg_set_buf(&cmd->sg[i], cmd->data[i], TEST_SECTOR);
	}
	cmd->scmd.sdb.table.sgl = cmd->sg;
	cmd->scmd.sdb.table.nents = segments;
	cmd->scmd.sdb.length = segments * TEST_SECTOR;
	return cmd;
}

static int test_queue(struct test_host *t, struct test_cmd *cmd,
		      const struct bus_step *steps)
{
	if (steps) {
		t->chip.step = steps;
		t->chip.offset = 0;
	}
	return NCR_700_queuecommand(t->host, &cmd->scmd);
}

/* The chip and the handler of its interrupt take turns, until both rest. */
static void test_work(struct kunit *test)
{
	struct test_host *t = test->priv;
	int n;

	for (n = 0; n < 20; n++) {
		KUNIT_ASSERT_EQ(test, model_run(&t->chip), 0);
		if (!t->chip.istat)
			return;
		NCR_700_intr(0, t->host);
	}
	KUNIT_FAIL(test, "no rest");
}

static void test_run(struct kunit *test, struct test_cmd *cmd,
		     const struct bus_step *steps)
{
	KUNIT_ASSERT_EQ(test, test_queue(test->priv, cmd, steps), 0);
	test_work(test);
}

/* Done once, with everything unmapped that was mapped for it */
static void test_expect_done(struct kunit *test, struct test_cmd *cmd,
			     int result)
{
	struct test_host *t = test->priv;

	KUNIT_EXPECT_EQ(test, cmd->nr_done, 1U);
	KUNIT_EXPECT_EQ(test, cmd->scmd.result, result);
	KUNIT_EXPECT_EQ(test, (int)cmd->scmd.cmd_len, 10);
	KUNIT_EXPECT_EQ(test, (int)NCR_700_get_depth(&t->sdev), 0);
	KUNIT_EXPECT_EQ(test, t->hostdata.command_slot_count, 0);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(t->dma), 1U);
}

static void test_expect_data(struct kunit *test, struct test_cmd *cmd,
			     unsigned int segments)
{
	struct test_host *t = test->priv;
	unsigned int i;

	for (i = 0; i < segments; i++)
		KUNIT_EXPECT_EQ(test, memcmp(cmd->data[i],
					     t->data + i * TEST_SECTOR,
					     TEST_SECTOR), 0);
}

/* A word of the script as the chip sees it */
static u32 test_script_word(struct kunit *test, u32 index)
{
	struct test_host *t = test->priv;
	u32 word;

	KUNIT_EXPECT_EQ(test, model_read_word(&t->chip,
					      t->hostdata.pScript + index * 4,
					      &word), 0);
	return word;
}

static void detect_writes_script(struct kunit *test)
{
	struct test_host *t = test->priv;
	u32 at = t->hostdata.pScript, i;

	KUNIT_EXPECT_EQ(test, dma_model_nr_live(t->dma), 1U);
	KUNIT_EXPECT_EQ(test, (int)t->chip.scid, 1 << 7);
	KUNIT_EXPECT_EQ(test, (int)t->chip.sxfer, ASYNC_OPERATION);
	KUNIT_EXPECT_TRUE(test, t->chip.sien & SELECT_INT);

	for (i = 0; i < ARRAY_SIZE(SCRIPT); i += 2)
		KUNIT_EXPECT_EQ(test, test_script_word(test, i), SCRIPT[i]);
	for (i = 0; i < PATCHES; i++)
		KUNIT_EXPECT_EQ(test, test_script_word(test, LABELPATCHES[i]),
				at + SCRIPT[LABELPATCHES[i]]);
	KUNIT_EXPECT_EQ(test,
			test_script_word(test, A_MessageLocation_used[0]),
			at + (u32)MSGOUT_OFFSET);
	KUNIT_EXPECT_EQ(test, test_script_word(test, A_StatusAddress_used[0]),
			at + (u32)STATUS_OFFSET);
	KUNIT_EXPECT_EQ(test,
			test_script_word(test, A_ReceiveMsgAddress_used[0]),
			at + (u32)MSGIN_OFFSET);
}

struct test_syncs {
	struct dma_model_event	want[64];
	unsigned int		nr;
};

static void test_want(struct test_syncs *syncs, enum dma_model_call call,
		      dma_addr_t addr, size_t size)
{
	syncs->want[syncs->nr++] = (struct dma_model_event) {
		call, addr, size, DMA_BIDIRECTIONAL,
	};
}

static void test_want_both(struct test_syncs *syncs, dma_addr_t addr,
			   size_t size)
{
	test_want(syncs, DMA_MODEL_FOR_CPU, addr, size);
	test_want(syncs, DMA_MODEL_FOR_DEVICE, addr, size);
}

#define test_want_patch(syncs, script, symbol)				\
do {									\
	int word;							\
									\
	for (word = 0; word < ARRAY_SIZE(A_##symbol##_used); word++)	\
		test_want_both(syncs,					\
			       (script) + A_##symbol##_used[word] * 4, 4); \
} while (0)

/* Nothing at all is synced in coherent memory. */
static void test_expect_syncs(struct kunit *test, struct test_syncs *syncs)
{
	struct test_host *t = test->priv;

	dma_model_expect(test, t->dma, syncs->want,
			 t->hostdata.noncoherent ? syncs->nr : 0);
	syncs->nr = 0;
}

static void memory_changes_hands(struct kunit *test)
{
	struct test_syncs *syncs = kunit_kzalloc(test, sizeof(*syncs),
						 GFP_KERNEL);
	struct test_host *t = test->priv;
	dma_addr_t script = t->hostdata.pScript;
	struct test_cmd *cmd = test_new_cmd(test, 0, READ_10, DMA_FROM_DEVICE,
					    2);
	const struct bus_step steps[] = {
		STEPS_TO_COMMAND(t, 1, 10),
		STEP(DATA_IN, t->data, 2 * TEST_SECTOR),
		STEPS_TO_FREE(test_good),
	};

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, syncs);
	test_want(syncs, DMA_MODEL_FOR_DEVICE, script, sizeof(SCRIPT));
	test_want_patch(syncs, script, MessageLocation);
	test_want_patch(syncs, script, StatusAddress);
	test_want_patch(syncs, script, ReceiveMsgAddress);
	test_expect_syncs(test, syncs);

	KUNIT_ASSERT_EQ(test, test_queue(t, cmd, steps), 0);
	test_want_both(syncs, script + SLOTS_OFFSET,
		       sizeof(t->hostdata.slots[0].SG));
	test_want_patch(syncs, script, MessageCount);
	test_want_patch(syncs, script, Device_ID);
	test_want_patch(syncs, script, CommandAddress);
	test_want_patch(syncs, script, CommandCount);
	test_want_patch(syncs, script, SGScriptStartAddress);
	test_want(syncs, DMA_MODEL_FOR_DEVICE, script + MSGOUT_OFFSET,
		  SLOTS_OFFSET - MSGOUT_OFFSET);
	test_expect_syncs(test, syncs);

	test_work(test);
	test_want(syncs, DMA_MODEL_FOR_CPU, script + MSGOUT_OFFSET,
		  SLOTS_OFFSET - MSGOUT_OFFSET);
	test_expect_syncs(test, syncs);
	test_expect_done(test, cmd, SAM_STAT_GOOD);
}

static void command_reads(struct kunit *test)
{
	struct test_host *t = test->priv;
	struct test_cmd *cmd = test_new_cmd(test, 0, READ_10, DMA_FROM_DEVICE,
					    3);
	const struct bus_step steps[] = {
		STEPS_TO_COMMAND(t, 1, 10),
		STEP(DATA_IN, t->data, 3 * TEST_SECTOR),
		STEPS_TO_FREE(test_good),
	};

	test_run(test, cmd, steps);
	test_expect_done(test, cmd, SAM_STAT_GOOD);
	test_expect_data(test, cmd, 3);
	KUNIT_EXPECT_EQ(test, (int)t->chip.selected, 1 << TEST_ID);
	KUNIT_EXPECT_EQ(test, (int)t->msgout[0], IDENTIFY_BASE | 0x40);
	KUNIT_EXPECT_EQ(test, memcmp(t->cdb, cmd->cdb, 10), 0);
}

static void command_writes(struct kunit *test)
{
	struct test_host *t = test->priv;
	struct test_cmd *cmd = test_new_cmd(test, 0, WRITE_10, DMA_TO_DEVICE,
					    3);
	const struct bus_step steps[] = {
		STEPS_TO_COMMAND(t, 1, 10),
		STEP(DATA_OUT, t->data, 3 * TEST_SECTOR),
		STEPS_TO_FREE(test_good),
	};
	unsigned int i;

	for (i = 0; i < 3; i++)
		memset(cmd->data[i], 0xb0 + i, TEST_SECTOR);
	memset(t->data, 0, sizeof(t->data));
	test_run(test, cmd, steps);
	test_expect_done(test, cmd, SAM_STAT_GOOD);
	test_expect_data(test, cmd, 3);
}

/* Each command has another status than the one before it. */
static void status_is_new(struct kunit *test)
{
	static u8 status[] = { SAM_STAT_GOOD, SAM_STAT_BUSY, SAM_STAT_GOOD,
			       SAM_STAT_RESERVATION_CONFLICT };
	struct test_host *t = test->priv;
	struct test_cmd *cmd;
	int i;

	for (i = 0; i < ARRAY_SIZE(status); i++) {
		const struct bus_step steps[] = {
			STEPS_TO_COMMAND(t, 1, 10),
			STEPS_TO_FREE(&status[i]),
		};

		cmd = test_new_cmd(test, 0, TEST_UNIT_READY, DMA_NONE, 0);
		cmd->cdb[1] = i;
		test_run(test, cmd, steps);
		test_expect_done(test, cmd, status[i]);
		KUNIT_EXPECT_EQ(test, (int)t->cdb[1], i);
	}
}

/* Builds its list while the chip runs, and is started by the interrupt. */
static void second_command_waits(struct kunit *test)
{
	struct test_host *t = test->priv;
	struct test_cmd *first = test_new_cmd(test, 0, READ_10,
					      DMA_FROM_DEVICE, 1);
	struct test_cmd *second = test_new_cmd(test, 1, READ_10,
					       DMA_FROM_DEVICE, 2);
	const struct bus_step steps[] = {
		STEPS_TO_COMMAND(t, 3, 10),
		STEP(DATA_IN, t->data, TEST_SECTOR),
		STEPS_TO_FREE(test_good),
	};
	const struct bus_step more[] = {
		STEPS_TO_COMMAND(t, 3, 10),
		STEP(DATA_IN, t->data, 2 * TEST_SECTOR),
		STEPS_TO_FREE(test_good),
	};

	t->hostdata.tag_negotiated = BIT(TEST_ID);
	t->sdev.simple_tags = 1;
	first->scmd.flags = SCMD_TAGGED;
	first->rq.tag = 5;
	second->scmd.flags = SCMD_TAGGED;
	second->rq.tag = 6;

	KUNIT_ASSERT_EQ(test, test_queue(t, first, steps), 0);
	KUNIT_ASSERT_EQ(test, test_queue(t, second, NULL), 0);
	KUNIT_ASSERT_EQ(test, model_run(&t->chip), 0);
	KUNIT_EXPECT_EQ(test, (int)t->msgout[1], SIMPLE_QUEUE_TAG);
	KUNIT_EXPECT_EQ(test, (int)t->msgout[2], 5);

	t->chip.next = more;
	test_work(test);
	KUNIT_EXPECT_EQ(test, first->nr_done, 1U);
	KUNIT_EXPECT_EQ(test, (int)t->msgout[2], 6);
	test_expect_data(test, first, 1);
	test_expect_done(test, second, SAM_STAT_GOOD);
	test_expect_data(test, second, 2);
}

static void message_is_rejected(struct kunit *test)
{
	static u8 wdtr[] = { EXTENDED_MESSAGE, 2, EXTENDED_WDTR, 1 };
	struct test_host *t = test->priv;
	struct test_cmd *cmd = test_new_cmd(test, 0, READ_10, DMA_FROM_DEVICE,
					    1);
	u8 answer = 0;
	const struct bus_step steps[] = {
		STEP(MSG_OUT, t->msgout, 1),
		STEP(MSG_IN, wdtr, sizeof(wdtr)),
		STEP(MSG_OUT, &answer, 1),
		STEP(COMMAND, t->cdb, 10),
		STEP(DATA_IN, t->data, TEST_SECTOR),
		STEPS_TO_FREE(test_good),
	};

	test_run(test, cmd, steps);
	KUNIT_EXPECT_EQ(test, (int)answer, MESSAGE_REJECT);
	test_expect_done(test, cmd, SAM_STAT_GOOD);
	test_expect_data(test, cmd, 1);
}

/* The second message of a command is not the first one over again. */
static void speed_is_negotiated(struct kunit *test)
{
	static u8 sdtr[] = { EXTENDED_MESSAGE, 3, EXTENDED_SDTR, 50, 8 };
	struct test_host *t = test->priv;
	struct test_cmd *cmd = test_new_cmd(test, 0, INQUIRY, DMA_FROM_DEVICE,
					    1);
	const struct bus_step steps[] = {
		STEPS_TO_COMMAND(t, 6, 10),
		STEP(DATA_IN, t->data, TEST_SECTOR),
		STEPS_TO_FREE(test_good),
	};
	const struct bus_step answer[] = {
		STEP(MSG_OUT, t->msgout, 6),
		STEP(MSG_IN, test_reject, 1),
		STEP(MSG_IN, sdtr, sizeof(sdtr)),
		STEP(COMMAND, t->cdb, 10),
		STEP(DATA_IN, t->data, TEST_SECTOR),
		STEPS_TO_FREE(test_good),
	};

	t->hostdata.fast = 1;
	spi_period(t->target) = 25;
	spi_offset(t->target) = 8;
	test_run(test, cmd, steps);
	test_expect_done(test, cmd, SAM_STAT_GOOD);
	KUNIT_EXPECT_EQ(test, (int)t->msgout[3], EXTENDED_SDTR);
	KUNIT_EXPECT_EQ(test, (int)t->msgout[4], 25);

	/* Rejected, which ends it, and so the target's own is out of the blue */
	cmd = test_new_cmd(test, 0, INQUIRY, DMA_FROM_DEVICE, 1);
	KUNIT_ASSERT_EQ(test, test_queue(t, cmd, answer), 0);
	KUNIT_ASSERT_EQ(test, model_run(&t->chip), 0);
	NCR_700_intr(0, t->host);
	KUNIT_EXPECT_EQ(test, spi_offset(t->target), 0);
	NCR_700_set_flag(&t->sdev, NCR_700_DEV_BEGIN_SYNC_NEGOTIATION);
	test_work(test);
	KUNIT_EXPECT_EQ(test, spi_period(t->target), 50);
	KUNIT_EXPECT_EQ(test, spi_offset(t->target), 8);
	KUNIT_EXPECT_EQ(test, (int)t->chip.sxfer & 0xf, 8);
	test_expect_done(test, cmd, SAM_STAT_GOOD);
}

static void target_reselects(struct kunit *test)
{
	struct test_host *t = test->priv;
	struct test_cmd *cmd = test_new_cmd(test, 0, READ_10, DMA_FROM_DEVICE,
					    2);
	const struct bus_step steps[] = {
		STEPS_TO_COMMAND(t, 1, 10),
		STEP(MSG_IN, test_disconnect, 1),
		STEP(FREE, NULL, 0),
	};
	const struct bus_step more[] = {
		STEP(MSG_IN, test_identify, 1),
		STEP(DATA_IN, t->data, 2 * TEST_SECTOR),
		STEPS_TO_FREE(test_good),
	};

	test_run(test, cmd, steps);
	KUNIT_EXPECT_EQ(test, cmd->nr_done, 0U);
	KUNIT_EXPECT_EQ(test, (int)t->hostdata.state, (int)NCR_700_HOST_FREE);

	model_reselect(&t->chip, TEST_ID, more);
	test_work(test);
	test_expect_done(test, cmd, SAM_STAT_GOOD);
	test_expect_data(test, cmd, 2);
}

/* In the middle of the second of three segments: the list is patched. */
static void target_disconnects_during_data(struct kunit *test)
{
	struct test_host *t = test->priv;
	struct test_cmd *cmd = test_new_cmd(test, 0, READ_10, DMA_FROM_DEVICE,
					    3);
	const unsigned int part = TEST_SECTOR + 100;
	const struct bus_step steps[] = {
		STEPS_TO_COMMAND(t, 1, 10),
		STEP(DATA_IN, t->data, part),
		STEP(MSG_IN, test_disconnect, 1),
		STEP(FREE, NULL, 0),
	};
	const struct bus_step more[] = {
		STEP(MSG_IN, test_identify, 1),
		STEP(DATA_IN, t->data + part, 3 * TEST_SECTOR - part),
		STEPS_TO_FREE(test_good),
	};

	test_run(test, cmd, steps);
	KUNIT_EXPECT_EQ(test, cmd->nr_done, 0U);
	model_reselect(&t->chip, TEST_ID, more);
	test_work(test);
	test_expect_done(test, cmd, SAM_STAT_GOOD);
	test_expect_data(test, cmd, 3);
}

/* A disk, for as much of it as the driver looks at */
static int test_add_disk(struct kunit *test, struct scsi_device *sdev,
			 unsigned int id)
{
	struct test_host *t = test->priv;
	struct scsi_target *target;

	target = kunit_kzalloc(test, sizeof(*target) +
			       sizeof(struct spi_transport_attrs), GFP_KERNEL);
	if (!target)
		return -ENOMEM;

	sdev->host = t->host;
	sdev->id = id;
	sdev->queue_depth = 2;
	sdev->sdev_target = target;
	list_add(&sdev->siblings, &t->host->__devices);
	return NCR_700_slave_alloc(sdev);
}

static void test_remove_disk(struct scsi_device *sdev)
{
	if (!sdev->host)
		return;
	list_del(&sdev->siblings);
	NCR_700_slave_destroy(sdev);
}

static int test_init(struct kunit *test, bool noncoherent,
		     bool for_cpu_is_noop)
{
	struct test_host *t;
	unsigned int i;
	int err;

	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	for (i = 0; i < sizeof(t->data); i++)
		t->data[i] = i + i / 256 + 1;
	t->dev = root_device_register("53c700_test");
	if (IS_ERR(t->dev))
		return PTR_ERR(t->dev);

	test->priv = t;
	t->dma = &t->chip.dma;
	dma_model_attach(t->dma, t->dev);
	t->dma->for_cpu_is_noop = for_cpu_is_noop;

	model_init(&t->chip);
	t->chip.slow = true;
	t->hostdata.test_chip = &t->chip.regs;
	t->hostdata.chip710 = 1;
	t->hostdata.clock = 40;
#ifdef CONFIG_53C700_LE_ON_BE
	/* Both ways of wiring have a turn. */
	t->chip.little_endian = noncoherent == for_cpu_is_noop;
	t->hostdata.force_le_on_be = t->chip.little_endian;
#endif
	t->tpnt.name = "53c700 test";
	t->tpnt.proc_name = "53c700_test";
	t->tpnt.this_id = 7;
	t->tpnt.module = THIS_MODULE;

	force_noncoherent = noncoherent;
	t->host = NCR_700_detect(&t->tpnt, &t->hostdata, t->dev);
	if (!t->host)
		return -ENODEV;
	err = test_add_disk(test, &t->sdev, TEST_ID);
	t->target = t->sdev.sdev_target;
	return err;
}

static int test_init_coherent(struct kunit *test)
{
	return test_init(test, false, false);
}

static int test_init_noncoherent(struct kunit *test)
{
	return test_init(test, true, false);
}

static int test_init_noop(struct kunit *test)
{
	return test_init(test, true, true);
}

static void test_exit(struct kunit *test)
{
	struct test_host *t = test->priv;

	force_noncoherent = false;
	if (!t)
		return;
	if (t->host) {
		if (!t->hostdata.noncoherent)
			dma_model_expect(test, t->dma, NULL, 0);
		test_remove_disk(&t->sdev);
		test_remove_disk(&t->other_sdev);
		scsi_remove_host(t->host);
		NCR_700_release(t->host);
		scsi_host_put(t->host);
	}
	KUNIT_EXPECT_EQ(test, t->dma->nr_bad, 0U);
	KUNIT_EXPECT_EQ(test, t->dma->nr_unowned, 0U);
	KUNIT_EXPECT_EQ(test, t->dma->nr_stray, 0U);
	KUNIT_EXPECT_EQ(test, t->dma->nr_lost, 0U);
	KUNIT_EXPECT_EQ(test, dma_model_detach(t->dma), 0U);
	root_device_unregister(t->dev);
}

static struct kunit_case command_cases[] = {
	KUNIT_CASE(detect_writes_script),
	KUNIT_CASE(memory_changes_hands),
	KUNIT_CASE(command_reads),
	KUNIT_CASE(command_writes),
	KUNIT_CASE(status_is_new),
	KUNIT_CASE(second_command_waits),
	KUNIT_CASE(message_is_rejected),
	KUNIT_CASE(speed_is_negotiated),
	KUNIT_CASE(target_reselects),
	KUNIT_CASE(target_disconnects_during_data),
	{}
};

#define TEST_SUITE(kind, which)						\
static struct kunit_suite kind##_##which##_suite = {			\
	.name = "53c700_" #kind "_" #which,				\
	.init = test_init_##which,					\
	.exit = test_exit,						\
	.test_cases = kind##_cases,					\
}

TEST_SUITE(command, coherent);
TEST_SUITE(command, noncoherent);
TEST_SUITE(command, noop);

kunit_test_suites(&command_coherent_suite, &command_noncoherent_suite,
		  &command_noop_suite);
