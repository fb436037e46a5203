// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * KUnit suite for what the controller has for all of its life: allocation one
 * by one, failures of each, config ROM and self IDs, suspend, removal.
 */

static int ohci_probe_init(struct kunit *test)
{
	ohci_model_create(test);
	return 0;
}

/* What is left is what it was: nothing of the driver's. */
static void ohci_probe_expect_gone(struct kunit *test)
{
	struct ohci_model *model = test->priv;

	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&model->dma), 0u);
	KUNIT_EXPECT_TRUE(test, !model->views[0].vaddr);
	KUNIT_EXPECT_TRUE(test, !model->views[1].vaddr);
	ohci_model_expect_clean(test, model);
}

/* A packet comes in, and one goes out. */
static void ohci_probe_expect_works(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	unsigned int nr = model->nr_received;
	struct ohci_at_packet *p;

	model->nr_sent = nr;
	KUNIT_ASSERT_EQ(test, ohci_model_send(model, 300), 0);
	ohci_model_interrupt(model, OHCI1394_RQPkt);
	KUNIT_EXPECT_EQ(test, model->nr_received, nr + 1);
	KUNIT_EXPECT_EQ(test, model->nr_wrong, 0u);

	p = ohci_at_queue(test, 200);
	ohci_at_expect_sent(test, p, ACK_COMPLETE + 16);
	ohci_model_interrupt(model, OHCI1394_reqTxComplete);
	ohci_at_expect_done(test, p, ACK_COMPLETE);
	model->nr_sent = model->nr_received;
}

static void ohci_probe_and_remove(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, ohci_model_probe(model), 0);
		ohci_probe_expect_works(test);
		ohci_model_remove(model);
		ohci_probe_expect_gone(test);
	}
}

/* Both contexts hand all of their buffers over before they run. */
static void ohci_probe_syncs(struct kunit *test)
{
	struct dma_model_event want[2 * AR_BUFFERS];
	struct ohci_model *model = test->priv;
	struct fw_ohci *ohci;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, ohci_model_probe(model), 0);
	ohci = model->ohci;
	for (i = 0; i < AR_BUFFERS; i++) {
		want[i] = ohci_ar_sync(&ohci->ar_request_ctx,
				       DMA_MODEL_FOR_DEVICE, i, PAGE_SIZE);
		want[AR_BUFFERS + i] = ohci_ar_sync(&ohci->ar_response_ctx,
						    DMA_MODEL_FOR_DEVICE, i,
						    PAGE_SIZE);
	}
	dma_model_expect(test, &model->dma, want, ARRAY_SIZE(want));
}

/* Each allocation of DMA memory fails once, the last one in ohci_enable(). */
static void ohci_probe_no_memory(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	unsigned int i;

	for (i = 1; i < 100; i++) {
		model->dma.fail_in = i;
		if (!ohci_model_probe(model))
			break;
		KUNIT_EXPECT_EQ(test, model->dma.fail_in, 0u);
		ohci_probe_expect_gone(test);
	}
	KUNIT_EXPECT_NE(test, model->dma.fail_in, 0u);
	model->dma.fail_in = 0;
	/* The common page, buffers, two contexts and the config ROM */
	KUNIT_EXPECT_EQ(test, i - 1, (unsigned int)(1 + 2 * AR_BUFFERS + 2 + 1));
	ohci_probe_expect_works(test);
}

static void ohci_probe_no_view(struct kunit *test)
{
	struct ohci_model *model = test->priv;

	model->no_view = true;
	KUNIT_EXPECT_NE(test, ohci_model_probe(model), 0);
	ohci_probe_expect_gone(test);
}

static void ohci_probe_no_irq(struct kunit *test)
{
	struct ohci_model *model = test->priv;

	irq_set_status_flags(model->irq, IRQ_NOREQUEST);
	KUNIT_EXPECT_NE(test, ohci_model_probe(model), 0);
	ohci_probe_expect_gone(test);
}

static void ohci_probe_no_link(struct kunit *test)
{
	struct ohci_model *model = test->priv;

	model->no_link = true;
	KUNIT_EXPECT_NE(test, ohci_model_probe(model), 0);
	ohci_probe_expect_gone(test);
}

/* A context fails at each of its buffers, or was never set up at all. */
static void ohci_probe_ar_context(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ar_context *ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	unsigned int i, live;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
	KUNIT_ASSERT_EQ(test, ohci_model_probe(model), 0);
	live = dma_model_nr_live(&model->dma);
	ar_context_release(ctx);

	for (i = 1; i <= AR_BUFFERS + 1; i++) {
		memset(ctx, 0, sizeof(*ctx));
		model->dma.fail_in = i;
		model->no_view = i > AR_BUFFERS;
		KUNIT_EXPECT_EQ(test, ar_context_init(ctx, model->ohci, 0, 0),
				-ENOMEM);
		KUNIT_EXPECT_EQ(test, dma_model_nr_live(&model->dma), live);
		model->dma.fail_in = 0;
	}
	model->no_view = false;
	ohci_model_expect_clean(test, model);
}

/* Nothing takes the address 0 for none. */
static void ohci_probe_address_0(struct kunit *test)
{
	struct ohci_model *model = test->priv;

	model->dma.next_addr = 0;
	KUNIT_ASSERT_EQ(test, ohci_model_probe(model), 0);
	KUNIT_EXPECT_EQ(test, model->ohci->misc_buffer_bus, (dma_addr_t)0);
	ohci_probe_expect_works(test);
	ohci_model_remove(model);
	ohci_probe_expect_gone(test);
}

/* The same for buffers: a context of its own gets the first ones. */
static void ohci_probe_buffer_at_0(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ar_context *ctx;
	unsigned int live;

	KUNIT_ASSERT_EQ(test, ohci_model_probe(model), 0);
	ctx = &model->ohci->ar_request_ctx;
	reg_write(model->ohci, CONTROL_CLEAR(ctx->regs), CONTEXT_RUN);
	live = dma_model_nr_live(&model->dma);

	ar_context_release(ctx);
	memset(ctx, 0, sizeof(*ctx));
	model->dma.next_addr = 0;
	KUNIT_ASSERT_EQ(test,
			ar_context_init(ctx, model->ohci, 0,
					OHCI1394_AsReqRcvContextControlSet), 0);
	KUNIT_EXPECT_EQ(test, ar_buffer_bus(ctx, 0), (dma_addr_t)0);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&model->dma), live);
	ar_context_run(ctx);
	ohci_probe_expect_works(test);
	ohci_model_remove(model);
	ohci_probe_expect_gone(test);
}

/* Packets that no one waits for are in the queues when the device goes. */
static void ohci_probe_remove_queued(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ohci_at_packet *p[2];

	KUNIT_ASSERT_EQ(test, ohci_model_probe(model), 0);
	ohci_model_clear_events(model);
	p[0] = ohci_at_queue(test, 100);
	p[1] = ohci_at_alloc(test, 200);
	ohci_send_response(&model->ohci->card, &p[1]->packet);
	ohci_at_expect_mapped(test, p[0], 1, 0);
	ohci_at_expect_mapped(test, p[1], 1, 0);
	ohci_model_remove(model);
	ohci_at_expect_done(test, p[0], RCODE_GENERATION);
	ohci_at_expect_done(test, p[1], RCODE_GENERATION);
	ohci_at_expect_mapped(test, p[0], 1, 1);
	ohci_at_expect_mapped(test, p[1], 1, 1);
	ohci_probe_expect_gone(test);
}

/* A transaction, and what was said of it.  It is stale when it was cancelled. */
struct ohci_probe_transaction {
	struct fw_transaction	t;
	u8			payload[128] __aligned(64);
	struct ohci_model	*model;
	struct completion	done;
	unsigned int		nr_callbacks, nr_stale;
	int			rcode;
	bool			running;
};

/* Who sends two of them, and holds the card */
struct ohci_probe_sender {
	struct fw_ohci			*ohci;
	struct work_struct		work;
	struct completion		ready;
	struct ohci_probe_transaction	t[2];
};

static void ohci_probe_transaction_done(struct fw_card *card, int rcode,
					void *payload, size_t length,
					void *data)
{
	struct ohci_probe_transaction *t = data;
	struct ohci_model *model = t->model;

	t->nr_callbacks++;
	t->rcode = rcode;
	t->running = (*ohci_model_reg(model, model->at_request.regs) |
		      *ohci_model_reg(model, model->at_response.regs)) &
		CONTEXT_RUN;
	complete(&t->done);
}

static void ohci_probe_stale(struct fw_packet *packet, struct fw_card *card,
			     int status)
{
	container_of(packet, struct ohci_probe_transaction,
		     t.packet)->nr_stale++;
}

static void ohci_probe_send(struct ohci_model *model, struct fw_ohci *ohci,
			    struct ohci_probe_transaction *t)
{
	t->model = model;
	init_completion(&t->done);
	fw_send_request(&ohci->card, &t->t, TCODE_WRITE_BLOCK_REQUEST,
			OHCI_MODEL_REMOTE, 0, SCODE_100, 0, t->payload,
			sizeof(t->payload), ohci_probe_transaction_done, t);
}

static void ohci_probe_sender_work(struct work_struct *work)
{
	struct ohci_probe_sender *sender =
		container_of(work, struct ohci_probe_sender, work);
	struct fw_ohci *ohci = sender->ohci;
	struct fw_card *card = &ohci->card;
	struct ohci_probe_transaction *t = sender->t;

	/* The core takes this before it takes the driver from the card. */
	mutex_lock(&ohci->phy_reg_mutex);
	complete(&sender->ready);
	wait_for_completion_timeout(&t[0].done, 5 * HZ);
	ohci_probe_send(t[0].model, ohci, &t[1]);
	mutex_unlock(&ohci->phy_reg_mutex);

	while (READ_ONCE(card->driver) == &ohci_driver)
		msleep(20);
	for (; t < sender->t + ARRAY_SIZE(sender->t); t++) {
		fw_cancel_transaction(card, &t->t);
		t->t.packet.callback = ohci_probe_stale;
		t->t.packet.payload_mapped = false;
	}
	fw_card_put(card);
}

/*
 * Who sent a packet waits for its end when the device goes, tries once more,
 * and cancels what is left and forgets it when the driver is gone.
 */
static void ohci_probe_remove_waited(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ohci_probe_sender *sender =
		kunit_kzalloc(test, sizeof(*sender), GFP_KERNEL);
	struct ohci_at_packet *p;
	unsigned int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sender);
	KUNIT_ASSERT_EQ(test, ohci_model_probe(model), 0);
	ohci_model_clear_events(model);
	p = ohci_at_alloc(test, 100);
	ohci_send_response(&model->ohci->card, &p->packet);
	sender->ohci = model->ohci;
	init_completion(&sender->ready);
	INIT_WORK(&sender->work, ohci_probe_sender_work);
	ohci_probe_send(model, model->ohci, &sender->t[0]);
	fw_card_get(&model->ohci->card);
	schedule_work(&sender->work);
	wait_for_completion(&sender->ready);
	ohci_model_remove(model);
	flush_work(&sender->work);

	for (i = 0; i < ARRAY_SIZE(sender->t); i++) {
		KUNIT_EXPECT_EQ(test, sender->t[i].nr_callbacks, 1u);
		KUNIT_EXPECT_EQ(test, sender->t[i].rcode, RCODE_GENERATION);
		KUNIT_EXPECT_FALSE(test, sender->t[i].running);
		KUNIT_EXPECT_EQ(test, sender->t[i].nr_stale, 0u);
	}
	ohci_at_expect_done(test, p, RCODE_GENERATION);
	ohci_at_expect_mapped(test, p, 1, 1);
	ohci_probe_expect_gone(test);
}

static struct tasklet_struct *ohci_probe_tasklet;

static void ohci_probe_enable(struct work_struct *work)
{
	tasklet_enable(ohci_probe_tasklet);
}

static DECLARE_DELAYED_WORK(ohci_probe_enable_work, ohci_probe_enable);

/* The tasklet of a packet runs late, when the device goes. */
static void ohci_probe_remove_scheduled(struct kunit *test)
{
	struct ohci_model *model = test->priv;

	KUNIT_ASSERT_EQ(test, ohci_model_probe(model), 0);
	ohci_probe_tasklet = &model->ohci->ar_request_ctx.tasklet;
	tasklet_disable(ohci_probe_tasklet);
	KUNIT_EXPECT_EQ(test, ohci_model_send(model, 100), 0);
	ohci_model_interrupt(model, OHCI1394_RQPkt);
	KUNIT_EXPECT_EQ(test, model->nr_received, 0u);
	schedule_delayed_work(&ohci_probe_enable_work, HZ / 10);
	ohci_model_remove(model);
	KUNIT_EXPECT_EQ(test, model->nr_received, 1u);
	flush_delayed_work(&ohci_probe_enable_work);
	KUNIT_EXPECT_EQ(test, model->nr_wrong, 0u);
	ohci_probe_expect_gone(test);
}

/* A bus reset, after which this node is alone on the bus */
static void ohci_probe_bus_reset(struct kunit *test, u8 generation)
{
	struct ohci_model *model = test->priv;
	u32 id = 0x80400000 | 0x3f << 16 | 0x2 << 14 | 0x800;
	__le32 ids[3] = {
		cpu_to_le32(generation << 16), cpu_to_le32(id),
		cpu_to_le32(~id),
	};
	u32 buffer = *ohci_model_reg(model, OHCI1394_SelfIDBuffer);

	KUNIT_ASSERT_EQ(test, dma_model_write(&model->dma, buffer, ids,
					      sizeof(ids)), 0);
	*ohci_model_reg(model, OHCI1394_SelfIDCount) =
		generation << 16 | sizeof(ids);
	*ohci_model_reg(model, OHCI1394_NodeID) =
		OHCI1394_NodeID_idValid | OHCI1394_NodeID_root |
		OHCI_MODEL_LOCAL;
	ohci_model_interrupt(model, OHCI1394_selfIDComplete);
	flush_work(&model->ohci->bus_reset_work);
}

/* What the controller reads as config ROM, header from its own register */
static void ohci_probe_expect_rom(struct kunit *test, const __be32 *rom,
				  size_t length)
{
	struct ohci_model *model = test->priv;
	__be32 *seen = kunit_kzalloc(test, CONFIG_ROM_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, seen);
	KUNIT_ASSERT_EQ(test,
			dma_model_read(&model->dma,
				       *ohci_model_reg(model,
						       OHCI1394_ConfigROMmap),
				       seen, CONFIG_ROM_SIZE), 0);
	KUNIT_EXPECT_EQ(test, *ohci_model_reg(model, OHCI1394_ConfigROMhdr),
			be32_to_cpu(rom[0]));
	KUNIT_EXPECT_EQ(test, memcmp(&seen[1], &rom[1], 4 * (length - 1)), 0);
	KUNIT_EXPECT_TRUE(test, !memchr_inv(&seen[length], 0,
					    CONFIG_ROM_SIZE - 4 * length));
}

static const __be32 ohci_probe_rom[2][6] = {
	{
		cpu_to_be32(0x04050000), cpu_to_be32(0x31333934),
		cpu_to_be32(0xe000a002), cpu_to_be32(1), cpu_to_be32(2),
		cpu_to_be32(3),
	}, {
		cpu_to_be32(0x04040001), cpu_to_be32(0x31333934),
		cpu_to_be32(0xe000a102), cpu_to_be32(4), cpu_to_be32(5),
	},
};

/* A ROM is replaced, twice before there is a bus reset. */
static void ohci_probe_config_rom(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct fw_card *card;
	unsigned int live;

	KUNIT_ASSERT_EQ(test, ohci_model_probe(model), 0);
	card = &model->ohci->card;
	live = dma_model_nr_live(&model->dma);
	ohci_probe_bus_reset(test, 1);
	KUNIT_EXPECT_EQ(test, model->ohci->generation, 1);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&model->dma), live);

	model->dma.next_addr = 0;
	KUNIT_ASSERT_EQ(test, ohci_set_config_rom(card, ohci_probe_rom[0], 6),
			0);
	KUNIT_ASSERT_EQ(test, ohci_set_config_rom(card, ohci_probe_rom[1], 5),
			0);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&model->dma), live + 1);
	ohci_probe_bus_reset(test, 2);
	KUNIT_EXPECT_EQ(test, model->ohci->config_rom_bus, (dma_addr_t)0);
	ohci_probe_expect_rom(test, ohci_probe_rom[1], 5);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&model->dma), live);

	model->dma.fail_in = 1;
	KUNIT_EXPECT_EQ(test, ohci_set_config_rom(card, ohci_probe_rom[0], 6),
			-ENOMEM);
	ohci_probe_bus_reset(test, 3);
	ohci_probe_expect_rom(test, ohci_probe_rom[1], 5);
	ohci_model_expect_clean(test, model);
}

/* What a bus reset finds in the queue gets its mapping back. */
static void ohci_probe_reset_queued(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ohci_at_packet *p;

	KUNIT_ASSERT_EQ(test, ohci_model_probe(model), 0);
	ohci_probe_bus_reset(test, 1);
	ohci_model_clear_events(model);
	p = ohci_at_queue(test, 100);
	ohci_at_expect_mapped(test, p, 1, 0);
	ohci_probe_bus_reset(test, 2);
	ohci_at_expect_done(test, p, RCODE_GENERATION);
	ohci_at_expect_mapped(test, p, 1, 1);
	ohci_probe_expect_works(test);
	ohci_model_expect_clean(test, model);
}

#ifdef CONFIG_PM
/* Suspend comes between a new ROM, even the first, and its bus reset. */
static void ohci_probe_suspend(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	unsigned int i, live;

	KUNIT_ASSERT_EQ(test, ohci_model_probe(model), 0);
	live = dma_model_nr_live(&model->dma);
	KUNIT_ASSERT_EQ(test, pci_suspend(model->pdev, PMSG_SUSPEND), 0);
	KUNIT_ASSERT_EQ(test, pci_resume(model->pdev), 0);
	ohci_probe_bus_reset(test, 1);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&model->dma), live);
	ohci_probe_expect_works(test);

	KUNIT_ASSERT_EQ(test, ohci_set_config_rom(&model->ohci->card,
						  ohci_probe_rom[0], 6), 0);
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, pci_suspend(model->pdev, PMSG_SUSPEND),
				0);
		KUNIT_ASSERT_EQ(test, pci_resume(model->pdev), 0);
	}
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&model->dma), live + 1);
	ohci_probe_bus_reset(test, 2);
	ohci_probe_expect_rom(test, ohci_probe_rom[0], 6);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&model->dma), live);

	/* Nothing is new, and twice there is no bus reset. */
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, pci_suspend(model->pdev, PMSG_SUSPEND),
				0);
		KUNIT_ASSERT_EQ(test, pci_resume(model->pdev), 0);
	}
	ohci_probe_bus_reset(test, 3);
	ohci_probe_expect_rom(test, ohci_probe_rom[0], 6);
	ohci_probe_expect_works(test);
	ohci_model_remove(model);
	ohci_probe_expect_gone(test);
}

/* The device goes when it is suspended, with a packet in its queue. */
static void ohci_probe_remove_suspended(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ohci_at_packet *p;

	KUNIT_ASSERT_EQ(test, ohci_model_probe(model), 0);
	ohci_model_clear_events(model);
	p = ohci_at_queue(test, 100);
	KUNIT_ASSERT_EQ(test, pci_suspend(model->pdev, PMSG_SUSPEND), 0);
	ohci_model_remove(model);
	ohci_at_expect_done(test, p, RCODE_GENERATION);
	ohci_at_expect_mapped(test, p, 1, 1);
	ohci_probe_expect_gone(test);
}
#endif

static struct kunit_case ohci_probe_cases[] = {
	KUNIT_CASE(ohci_probe_and_remove),
	KUNIT_CASE(ohci_probe_syncs),
	KUNIT_CASE(ohci_probe_no_memory),
	KUNIT_CASE(ohci_probe_no_view),
	KUNIT_CASE(ohci_probe_no_irq),
	KUNIT_CASE(ohci_probe_no_link),
	KUNIT_CASE(ohci_probe_ar_context),
	KUNIT_CASE(ohci_probe_address_0),
	KUNIT_CASE(ohci_probe_buffer_at_0),
	KUNIT_CASE(ohci_probe_remove_queued),
	KUNIT_CASE(ohci_probe_remove_waited),
	KUNIT_CASE(ohci_probe_remove_scheduled),
	KUNIT_CASE(ohci_probe_config_rom),
	KUNIT_CASE(ohci_probe_reset_queued),
#ifdef CONFIG_PM
	KUNIT_CASE(ohci_probe_suspend),
	KUNIT_CASE(ohci_probe_remove_suspended),
#endif
	{}
};

static struct kunit_suite ohci_probe_suite = {
	.name		= "ohci_probe",
	.init		= ohci_probe_init,
	.exit		= ohci_model_exit,
	.test_cases	= ohci_probe_cases,
};

kunit_test_suite(ohci_probe_suite);
