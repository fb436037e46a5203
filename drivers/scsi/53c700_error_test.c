// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the 53c700 driver where something is not as it should be.
 *
 * On the hosts of 53c700_test.c.
 */

static u8 test_check[] = { SAM_STAT_CHECK_CONDITION };

/* A machine that has coherent memory is not one without when it is short. */
static void detect_without_memory(struct kunit *test)
{
	struct NCR_700_Host_Parameters *hostdata;
	struct test_host *t = test->priv;
	unsigned int i;

	hostdata = kunit_kzalloc(test, sizeof(*hostdata), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, hostdata);
	hostdata->test_chip = &t->chip.regs;
	dma_model_clear_events(t->dma);
	if (t->hostdata.noncoherent)
		t->dma->fail_in = 1;
	else
		t->dma->no_coherent = true;

	KUNIT_EXPECT_PTR_EQ(test, NCR_700_detect(&t->tpnt, hostdata, t->dev),
			    (struct Scsi_Host *)NULL);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(t->dma), 1U);
	for (i = 0; i < t->dma->nr_events; i++)
		KUNIT_EXPECT_NE(test, (int)t->dma->events[i].call,
				(int)DMA_MODEL_ALLOC);
	t->dma->no_coherent = false;
}

/* Called when the host is about to be added, and keeps it from that */
static const char *test_spoil_host(struct Scsi_Host *host)
{
	host->can_queue = 0;
	return "spoilt";
}

static void detect_without_host(struct kunit *test)
{
	struct NCR_700_Host_Parameters *hostdata;
	struct test_host *t = test->priv;

	hostdata = kunit_kzalloc(test, sizeof(*hostdata), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, hostdata);
	hostdata->test_chip = &t->chip.regs;
	hostdata->chip710 = 1;
	hostdata->clock = 40;
	dma_model_clear_events(t->dma);
	t->tpnt.info = test_spoil_host;

	KUNIT_EXPECT_PTR_EQ(test, NCR_700_detect(&t->tpnt, hostdata, t->dev),
			    (struct Scsi_Host *)NULL);
	KUNIT_EXPECT_EQ(test, (int)t->dma->events[0].call,
			(int)(hostdata->noncoherent ? DMA_MODEL_ALLOC :
			      DMA_MODEL_ALLOC_COHERENT));
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(t->dma), 1U);
	dma_model_clear_events(t->dma);
	t->tpnt.info = NULL;
}

/* The command, or one of two segments of its data */
static void command_cannot_be_mapped(struct kunit *test)
{
	struct test_host *t = test->priv;
	struct test_cmd *cmd = test_new_cmd(test, 0, READ_10, DMA_FROM_DEVICE,
					    2);
	const struct bus_step steps[] = {
		STEPS_TO_COMMAND(t, 1, 10),
		STEP(DATA_IN, t->data, 2 * TEST_SECTOR),
		STEPS_TO_FREE(test_good),
	};
	unsigned int i;

	for (i = 1; i <= 3; i++) {
		t->dma->fail_in = i;
		KUNIT_EXPECT_EQ(test, test_queue(t, cmd, NULL),
				SCSI_MLQUEUE_HOST_BUSY);
		KUNIT_EXPECT_FALSE(test, t->chip.running);
		KUNIT_EXPECT_EQ(test, (int)NCR_700_get_depth(&t->sdev), 0);
		KUNIT_EXPECT_EQ(test, t->hostdata.command_slot_count, 0);
		KUNIT_EXPECT_EQ(test, dma_model_nr_live(t->dma), 1U);
	}
	test_run(test, cmd, steps);
	test_expect_done(test, cmd, SAM_STAT_GOOD);
	test_expect_data(test, cmd, 2);
}

/* What the target has for a REQUEST SENSE */
#define STEPS_OF_SENSE(t)						\
	STEPS_TO_COMMAND(t, 1, 6),					\
	STEP(DATA_IN, (t)->data, SCSI_SENSE_BUFFERSIZE),		\
	STEPS_TO_FREE(test_good)

static void sense_is_fetched(struct kunit *test)
{
	struct test_host *t = test->priv;
	struct test_cmd *cmd = test_new_cmd(test, 0, READ_10, DMA_FROM_DEVICE,
					    1);
	const struct bus_step steps[] = {
		STEPS_TO_COMMAND(t, 1, 10),
		STEPS_TO_FREE(test_check),
	};
	const struct bus_step sense[] = { STEPS_OF_SENSE(t), };

	t->chip.next = sense;
	test_run(test, cmd, steps);
	KUNIT_EXPECT_EQ(test, (int)t->cdb[0], REQUEST_SENSE);
	KUNIT_EXPECT_EQ(test, (int)t->cdb[4], SCSI_SENSE_BUFFERSIZE);
	test_expect_done(test, cmd, SAM_STAT_CHECK_CONDITION);
	KUNIT_EXPECT_EQ(test, memcmp(cmd->scmd.sense_buffer, t->data,
				     SCSI_SENSE_BUFFERSIZE), 0);
}

/* The mid layer gets the status, and no sense data. */
static void sense_cannot_be_mapped(struct kunit *test)
{
	struct test_host *t = test->priv;
	const struct bus_step steps[] = {
		STEPS_TO_COMMAND(t, 1, 10),
		STEPS_TO_FREE(test_check),
	};
	struct test_cmd *cmd;
	unsigned int i;

	for (i = 1; i <= 2; i++) {
		cmd = test_new_cmd(test, 0, READ_10, DMA_FROM_DEVICE, 1);
		KUNIT_ASSERT_EQ(test, test_queue(t, cmd, steps), 0);
		t->dma->fail_in = i;
		test_work(test);
		test_expect_done(test, cmd, SAM_STAT_CHECK_CONDITION);
		KUNIT_EXPECT_EQ(test, (int)cmd->scmd.sense_buffer[0], 0);
		KUNIT_EXPECT_EQ(test, (int)t->hostdata.state,
				(int)NCR_700_HOST_FREE);
	}
}

/* One command is with the target, one waits for the bus. */
static void bus_is_reset(struct kunit *test)
{
	struct test_host *t = test->priv;
	struct test_cmd *first = test_new_cmd(test, 0, READ_10,
					      DMA_FROM_DEVICE, 2);
	struct test_cmd *second = test_new_cmd(test, 1, WRITE_10,
					       DMA_TO_DEVICE, 3);
	const struct bus_step steps[] = {
		STEPS_TO_COMMAND(t, 3, 10),
		STEP(DATA_IN, t->data, TEST_SECTOR),
		STEP(FREE, NULL, 0),
	};

	t->hostdata.tag_negotiated = BIT(TEST_ID);
	t->sdev.simple_tags = 1;
	first->scmd.flags = SCMD_TAGGED;
	second->scmd.flags = SCMD_TAGGED;
	KUNIT_ASSERT_EQ(test, test_queue(t, first, steps), 0);
	KUNIT_ASSERT_EQ(test, test_queue(t, second, NULL), 0);
	KUNIT_ASSERT_EQ(test, model_run(&t->chip), 0);

	t->chip.sstat0 = 0;
	t->chip.istat = 0;
	NCR_700_internal_bus_reset(t->host);
	test_work(test);
	test_expect_done(test, first, DID_RESET << 16);
	test_expect_done(test, second, DID_RESET << 16);
	/* What came before the reset is there. */
	test_expect_data(test, first, 1);
}

static void bus_is_reset_during_sense(struct kunit *test)
{
	struct test_host *t = test->priv;
	struct test_cmd *cmd = test_new_cmd(test, 0, READ_10, DMA_FROM_DEVICE,
					    1);
	const struct bus_step steps[] = {
		STEPS_TO_COMMAND(t, 1, 10),
		STEPS_TO_FREE(test_check),
	};
	const struct bus_step sense[] = { STEPS_OF_SENSE(t), };

	t->chip.next = sense;
	KUNIT_ASSERT_EQ(test, test_queue(t, cmd, steps), 0);
	KUNIT_ASSERT_EQ(test, model_run(&t->chip), 0);
	NCR_700_intr(0, t->host);
	KUNIT_EXPECT_TRUE(test, t->chip.running);
	KUNIT_EXPECT_EQ(test, (int)cmd->scmd.cmd_len, 6);

	NCR_700_internal_bus_reset(t->host);
	test_work(test);
	test_expect_done(test, cmd, DID_RESET << 16);
}

static void no_target_answers(struct kunit *test)
{
	struct test_host *t = test->priv;
	struct test_cmd *cmd = test_new_cmd(test, 0, READ_10, DMA_FROM_DEVICE,
					    2);

	test_run(test, cmd, NULL);
	KUNIT_EXPECT_EQ(test, (int)t->chip.selected, 1 << TEST_ID);
	test_expect_done(test, cmd, DID_NO_CONNECT << 16);
}

/* The driver looks at the message and then resets the bus. */
static void message_is_too_long(struct kunit *test)
{
	static u8 longest[] = { EXTENDED_MESSAGE, 9, 1, 2, 3, 4, 5, 6, 7, 8 };
	struct test_host *t = test->priv;
	struct test_cmd *cmd = test_new_cmd(test, 0, READ_10, DMA_FROM_DEVICE,
					    1);
	const struct bus_step steps[] = {
		STEPS_TO_COMMAND(t, 1, 10),
		STEP(MSG_IN, longest, sizeof(longest)),
		STEP(FREE, NULL, 0),
	};
	const struct bus_step good[] = {
		STEPS_TO_COMMAND(t, 1, 10),
		STEP(DATA_IN, t->data, TEST_SECTOR),
		STEPS_TO_FREE(test_good),
	};

	test_run(test, cmd, steps);
	KUNIT_EXPECT_EQ(test, t->chip.nr_bus_resets, 1U);
	test_expect_done(test, cmd, DID_RESET << 16);

	/* And the host works on. */
	cmd = test_new_cmd(test, 0, READ_10, DMA_FROM_DEVICE, 1);
	test_run(test, cmd, good);
	test_expect_done(test, cmd, SAM_STAT_GOOD);
	test_expect_data(test, cmd, 1);
}

/* Whether a part of the memory went to the CPU and back this many times */
static void test_expect_looks(struct kunit *test, size_t offset, size_t size,
			      unsigned int nr)
{
	struct test_host *t = test->priv;
	dma_addr_t addr = t->hostdata.pScript + offset;
	unsigned int i, nr_cpu = 0, nr_device = 0;

	for (i = 0; i < t->dma->nr_events; i++) {
		const struct dma_model_event *event = &t->dma->events[i];

		if (event->addr != addr || event->size != size)
			continue;
		nr_cpu += event->call == DMA_MODEL_FOR_CPU;
		nr_device += event->call == DMA_MODEL_FOR_DEVICE;
	}
	if (!t->hostdata.noncoherent)
		nr = 0;
	KUNIT_EXPECT_EQ(test, nr_cpu, nr);
	KUNIT_EXPECT_EQ(test, nr_device, nr);
}

/* The driver tells of all segments and resets the bus. */
static void phase_is_not_handled(struct kunit *test)
{
	struct test_host *t = test->priv;
	struct test_cmd *cmd = test_new_cmd(test, 0, READ_10, DMA_FROM_DEVICE,
					    TEST_SEGMENTS);
	const struct bus_step steps[] = {
		STEPS_TO_COMMAND(t, 1, 10),
		STEP(STATUS, test_good, 1),
		STEP(DATA_IN, t->data, TEST_SECTOR),
		STEP(FREE, NULL, 0),
	};

	test_run(test, cmd, steps);
	KUNIT_EXPECT_EQ(test, t->chip.nr_bus_resets, 1U);
	test_expect_done(test, cmd, DID_RESET << 16);
	/* Once to fill the list, once to tell of it */
	test_expect_looks(test, SLOTS_OFFSET, sizeof(t->hostdata.slots[0].SG),
			  2);
}

/* Two commands to two targets: the first takes the bus from the second. */
static void test_lose_selection(struct kunit *test, bool script_tells)
{
	struct test_host *t = test->priv;
	struct NCR_700_Host_Parameters *hostdata = &t->hostdata;
	struct test_cmd *first = test_new_cmd(test, 0, READ_10,
					      DMA_FROM_DEVICE, 2);
	struct test_cmd *second = test_new_cmd(test, 1, READ_10,
					       DMA_FROM_DEVICE, 1);
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
	const struct bus_step others[] = {
		STEPS_TO_COMMAND(t, 1, 10),
		STEP(DATA_IN, t->data, TEST_SECTOR),
		STEPS_TO_FREE(test_good),
	};

	KUNIT_ASSERT_EQ(test, test_add_disk(test, &t->other_sdev, TEST_OTHER_ID), 0);
	second->scmd.device = &t->other_sdev;
	test_run(test, first, steps);

	t->chip.winner = more;
	t->chip.winner_id = TEST_ID;
	t->chip.next = others;
	KUNIT_ASSERT_EQ(test, test_queue(t, second, NULL), 0);
	if (!script_tells)
		script_patch_32_abs(hostdata, hostdata->script,
				    SGScriptStartAddress, 0);
	test_work(test);
	test_expect_done(test, first, SAM_STAT_GOOD);
	test_expect_data(test, first, 2);
	KUNIT_EXPECT_EQ(test, (int)t->chip.selected, 1 << TEST_OTHER_ID);
	test_expect_done(test, second, SAM_STAT_GOOD);
	test_expect_data(test, second, 1);
	/* Patched for each start and the reselection, and looked at for it */
	test_expect_looks(test, A_SGScriptStartAddress_used[0] * 4, 4,
			  script_tells ? 5 : 6);
}

static void selection_is_lost(struct kunit *test)
{
	test_lose_selection(test, true);
}

/* The script is set up for no slot: the host knows which command it was. */
static void selection_of_no_slot_is_lost(struct kunit *test)
{
	test_lose_selection(test, false);
}

static struct kunit_case error_cases[] = {
	KUNIT_CASE(detect_without_memory),
	KUNIT_CASE(detect_without_host),
	KUNIT_CASE(command_cannot_be_mapped),
	KUNIT_CASE(sense_is_fetched),
	KUNIT_CASE(sense_cannot_be_mapped),
	KUNIT_CASE(bus_is_reset),
	KUNIT_CASE(bus_is_reset_during_sense),
	KUNIT_CASE(no_target_answers),
	KUNIT_CASE(message_is_too_long),
	KUNIT_CASE(phase_is_not_handled),
	KUNIT_CASE(selection_is_lost),
	KUNIT_CASE(selection_of_no_slot_is_lost),
	{}
};

TEST_SUITE(error, coherent);
TEST_SUITE(error, noncoherent);
TEST_SUITE(error, noop);

kunit_test_suites(&error_coherent_suite, &error_noncoherent_suite,
		  &error_noop_suite);
