// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * KUnit suites for the buffers of received packets: who owns them, what is
 * synced when, and that packets arrive wherever they lie.
 *
 * All of it runs twice.  The second time a sync for the CPU does not help with
 * a cache line that the CPU has already.
 */

static int ohci_ar_init(struct kunit *test)
{
	struct ohci_model *model = ohci_model_create(test);

	KUNIT_ASSERT_EQ(test, ohci_model_probe(model), 0);
	ohci_model_clear_events(model);
	return 0;
}

static int ohci_ar_noop_init(struct kunit *test)
{
	struct ohci_model *model = ohci_model_create(test);

	model->dma.for_cpu_is_noop = true;
	KUNIT_ASSERT_EQ(test, ohci_model_probe(model), 0);
	ohci_model_clear_events(model);
	return 0;
}

static struct dma_model_event ohci_ar_sync(struct ar_context *ctx,
					   enum dma_model_call call,
					   unsigned int i, size_t size)
{
	return (struct dma_model_event) {
		call, ar_buffer_bus(ctx, i), size, DMA_FROM_DEVICE,
	};
}

/* Was the view flushed, or invalidated, next to this call, at all its places? */
static unsigned int ohci_ar_expect_view(struct kunit *test,
					struct ar_context *ctx, bool flush,
					unsigned int i, size_t size,
					unsigned int when)
{
	struct ohci_model *model = test->priv;
	unsigned int place, n, seen, all = 0;

	for (place = i; place < OHCI_MODEL_VIEW_PAGES; place += AR_BUFFERS) {
		struct ohci_model_view_event want = {
			flush, ctx->buffer + place * PAGE_SIZE, size, when,
		};

		seen = 0;
		for (n = 0; n < model->nr_view_events; n++)
			if (model->view_events[n].flush == want.flush &&
			    model->view_events[n].vaddr == want.vaddr &&
			    model->view_events[n].size == want.size &&
			    model->view_events[n].when == want.when)
				seen++;
		KUNIT_EXPECT_EQ_MSG(test, seen, 1u,
				    "%s of page %u, call %u",
				    flush ? "flush" : "invalidation", place,
				    when);
		all++;
	}
	return all;
}

/*
 * Compare the syncs.  Each for the device comes after the view was flushed,
 * each for the CPU before it is invalidated, and that is all there is.
 */
static void ohci_ar_expect(struct kunit *test, struct ar_context *ctx,
			   const struct dma_model_event *want, unsigned int nr)
{
	struct ohci_model *model = test->priv;
	const struct dma_model_event *event;
	unsigned int n, i, all = 0;

	for (n = 0; n < min_t(unsigned int, model->dma.nr_events,
			      DMA_MODEL_EVENTS); n++) {
		event = &model->dma.events[n];
		for (i = 0; i < AR_BUFFERS; i++)
			if (ar_buffer_bus(ctx, i) == event->addr)
				break;
		if (i == AR_BUFFERS)
			continue;
		if (event->call == DMA_MODEL_FOR_DEVICE)
			all += ohci_ar_expect_view(test, ctx, true, i,
						   event->size, n);
		else if (event->call == DMA_MODEL_FOR_CPU)
			all += ohci_ar_expect_view(test, ctx, false, i,
						   event->size, n + 1);
	}
	KUNIT_EXPECT_EQ(test, model->nr_view_events, all);
	dma_model_expect(test, &model->dma, want, nr);
	ohci_model_clear_events(model);
}

/* All packets arrived, each with what was sent. */
static void ohci_ar_expect_packets(struct kunit *test, unsigned int nr)
{
	struct ohci_model *model = test->priv;

	KUNIT_EXPECT_EQ(test, model->nr_sent, nr);
	KUNIT_EXPECT_EQ(test, model->nr_received, nr);
	KUNIT_EXPECT_EQ(test, model->nr_wrong, 0u);
	ohci_model_expect_clean(test, model);
}

/* Send packets of one size, one interrupt each, until so much is used. */
static unsigned int ohci_ar_fill(struct kunit *test, size_t used, size_t end)
{
	struct ohci_model *model = test->priv;
	size_t size;
	unsigned int nr = 0;

	while (used < end) {
		size = min_t(size_t, 516, end - used);
		if (end - used - size && end - used - size < 20)
			size -= 20;
		KUNIT_ASSERT_EQ(test, ohci_model_send(model, size - 20), 0);
		ohci_model_interrupt(model, OHCI1394_RQPkt);
		used += size;
		nr++;
	}
	ohci_model_clear_events(model);
	return nr;
}

static void ohci_ar_one_packet(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ar_context *ctx = &model->ohci->ar_request_ctx;
	size_t size = ohci_model_packet_size(100);
	struct dma_model_event want[] = {
		ohci_ar_sync(ctx, DMA_MODEL_FOR_CPU, 0, size),
		ohci_ar_sync(ctx, DMA_MODEL_FOR_DEVICE, 0, size),
	};

	KUNIT_ASSERT_EQ(test, ohci_model_send(model, 100), 0);
	ohci_ar_expect(test, ctx, NULL, 0);
	ohci_model_interrupt(model, OHCI1394_RQPkt);
	ohci_ar_expect(test, ctx, want, ARRAY_SIZE(want));
	ohci_ar_expect_packets(test, 1);
}

/* The second packet begins in a cache line that was read with the first. */
static void ohci_ar_same_line(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ar_context *ctx = &model->ohci->ar_request_ctx;
	size_t size = ohci_model_packet_size(5);
	struct dma_model_event want[] = {
		ohci_ar_sync(ctx, DMA_MODEL_FOR_CPU, 0, 2 * size),
		ohci_ar_sync(ctx, DMA_MODEL_FOR_DEVICE, 0, 2 * size),
	};

	KUNIT_ASSERT_EQ(test, ohci_model_send(model, 5), 0);
	ohci_model_interrupt(model, OHCI1394_RQPkt);
	ohci_ar_expect_packets(test, 1);
	ohci_model_clear_events(model);

	KUNIT_ASSERT_EQ(test, ohci_model_send(model, 5), 0);
	ohci_model_interrupt(model, OHCI1394_RQPkt);
	ohci_ar_expect(test, ctx, want, ARRAY_SIZE(want));
	ohci_ar_expect_packets(test, 2);
}

static void ohci_ar_several_packets(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	unsigned int i;

	for (i = 0; i < 5; i++)
		KUNIT_ASSERT_EQ(test, ohci_model_send(model, 10 + i), 0);
	ohci_model_interrupt(model, OHCI1394_RQPkt);
	ohci_ar_expect_packets(test, 5);
}

/* A packet that ends in the next buffer: the first one is given back whole. */
static void ohci_ar_across_buffers(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ar_context *ctx = &model->ohci->ar_request_ctx;
	size_t end = ohci_model_packet_size(600) - 100;
	struct dma_model_event want[] = {
		ohci_ar_sync(ctx, DMA_MODEL_FOR_CPU, 0, PAGE_SIZE),
		ohci_ar_sync(ctx, DMA_MODEL_FOR_CPU, 1, end),
		ohci_ar_sync(ctx, DMA_MODEL_FOR_DEVICE, 0, PAGE_SIZE),
		ohci_ar_sync(ctx, DMA_MODEL_FOR_DEVICE, 1, end),
	};
	unsigned int nr = ohci_ar_fill(test, 0, PAGE_SIZE - 100);

	KUNIT_ASSERT_EQ(test, ohci_model_send(model, 600), 0);
	ohci_model_interrupt(model, OHCI1394_RQPkt);
	ohci_ar_expect(test, ctx, want, ARRAY_SIZE(want));
	ohci_ar_expect_packets(test, nr + 1);
}

/* One that ends with its buffer leaves nothing of the next one to look at. */
static void ohci_ar_end_of_buffer(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ar_context *ctx = &model->ohci->ar_request_ctx;
	struct dma_model_event want[] = {
		ohci_ar_sync(ctx, DMA_MODEL_FOR_CPU, 0, PAGE_SIZE),
		ohci_ar_sync(ctx, DMA_MODEL_FOR_DEVICE, 0, PAGE_SIZE),
	};
	unsigned int nr = ohci_ar_fill(test, 0, PAGE_SIZE - 100);

	KUNIT_ASSERT_EQ(test, ohci_model_send(model, 80), 0);
	ohci_model_interrupt(model, OHCI1394_RQPkt);
	ohci_ar_expect(test, ctx, want, ARRAY_SIZE(want));
	nr += ohci_ar_fill(test, PAGE_SIZE, PAGE_SIZE + 1000);
	ohci_ar_expect_packets(test, nr + 1);
}

/* A packet that begins in the last buffer and ends in the first */
static void ohci_ar_across_wrap(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ar_context *ctx = &model->ohci->ar_request_ctx;
	size_t end = ohci_model_packet_size(600) - 100;
	struct dma_model_event want[] = {
		ohci_ar_sync(ctx, DMA_MODEL_FOR_CPU, AR_BUFFERS - 1, PAGE_SIZE),
		ohci_ar_sync(ctx, DMA_MODEL_FOR_CPU, 0, end),
		ohci_ar_sync(ctx, DMA_MODEL_FOR_DEVICE, AR_BUFFERS - 1,
			     PAGE_SIZE),
		ohci_ar_sync(ctx, DMA_MODEL_FOR_DEVICE, 0, end),
	};
	unsigned int lap, nr = 0;
	size_t used = 0;

	for (lap = 0; lap < 3; lap++) {
		nr += ohci_ar_fill(test, used, AR_BUFFERS * PAGE_SIZE - 100);
		KUNIT_ASSERT_EQ(test, ohci_model_send(model, 600), 0);
		ohci_model_interrupt(model, OHCI1394_RQPkt);
		ohci_ar_expect(test, ctx, want, ARRAY_SIZE(want));
		ohci_ar_expect_packets(test, ++nr);
		used = end;
	}
}

/*
 * The largest packet, with one buffer in the middle of it.  The controller need
 * not say that it has filled that one.
 */
static void ohci_ar_three_buffers(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ar_context *ctx = &model->ohci->ar_request_ctx;
	unsigned int lap, nr = 0;
	size_t used = 0;

	if (MAX_AR_PACKET_SIZE <= PAGE_SIZE)
		return;
	model->lazy = true;
	for (lap = 0; lap < 3; lap++) {
		/* Across the wrap point, from its last quadlets */
		nr += ohci_ar_fill(test, used, AR_BUFFERS * PAGE_SIZE - 8);
		KUNIT_ASSERT_EQ(test, ohci_model_send(model, MAX_ASYNC_PAYLOAD),
				0);
		ohci_model_interrupt(model, OHCI1394_RQPkt);
		KUNIT_EXPECT_EQ(test, ctx->last_buffer_index, 0u);
		ohci_ar_expect_packets(test, ++nr);
		used = MAX_AR_PACKET_SIZE - 8;
	}
}

/* Sizes and numbers of packets as they come, for many laps */
static void ohci_ar_many_packets(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	unsigned int i, batch, nr = 0;
	u32 random = 1;

	for (i = 0; i < 200; i++) {
		for (batch = 0; batch <= i % 4; batch++) {
			random = random * 1664525 + 1013904223;
			KUNIT_ASSERT_EQ(test,
					ohci_model_send(model, (random >> 8) %
							MAX_ASYNC_PAYLOAD), 0);
			nr++;
		}
		ohci_model_interrupt(model, OHCI1394_RQPkt);
		ohci_model_clear_events(model);
	}
	ohci_ar_expect_packets(test, nr);
}

/* An interrupt without a packet, as a shared one may be */
static void ohci_ar_nothing_there(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ar_context *ctx = &model->ohci->ar_request_ctx;

	ohci_model_interrupt(model, OHCI1394_RQPkt);
	ohci_ar_expect(test, ctx, NULL, 0);
	KUNIT_ASSERT_EQ(test, ohci_model_send(model, 5), 0);
	ohci_model_interrupt(model, OHCI1394_RQPkt);
	ohci_model_interrupt(model, OHCI1394_RQPkt);
	KUNIT_ASSERT_EQ(test, ohci_model_send(model, 5), 0);
	ohci_model_interrupt(model, OHCI1394_RQPkt);
	ohci_ar_expect_packets(test, 2);
}

/*
 * Nonsense stops the context with buffers that the CPU still has.  When it runs
 * again, as after suspend, the controller gets them all.
 */
static void ohci_ar_run_again(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ar_context *ctx = &model->ohci->ar_request_ctx;
	__le32 nonsense[4] = { cpu_to_le32(0xf << 4) };
	struct dma_model_event want[AR_BUFFERS];
	unsigned int i, nr = ohci_ar_fill(test, 0, 2 * PAGE_SIZE + 500);

	KUNIT_ASSERT_EQ(test, ohci_model_receive(model, &model->ar_request,
						 nonsense, sizeof(nonsense)),
			0);
	ohci_model_interrupt(model, OHCI1394_RQPkt);
	KUNIT_EXPECT_TRUE(test, !ctx->pointer);
	KUNIT_EXPECT_EQ(test, ohci_model_send(model, 10), -EINVAL);
	model->nr_sent--;

	ohci_model_clear_events(model);
	ar_context_run(ctx);
	for (i = 0; i < AR_BUFFERS; i++)
		want[i] = ohci_ar_sync(ctx, DMA_MODEL_FOR_DEVICE, i, PAGE_SIZE);
	ohci_ar_expect(test, ctx, want, AR_BUFFERS);
	nr += ohci_ar_fill(test, 0, AR_BUFFERS * PAGE_SIZE + 300);
	ohci_ar_expect_packets(test, nr);
}

static void ohci_ar_response(struct fw_card *card, int rcode, void *data,
			     size_t length, void *callback_data)
{
	struct ohci_model *model = callback_data;
	size_t i;

	for (i = 0; i < length; i++)
		if (((u8 *)data)[i] != ohci_model_pattern(7, i))
			break;
	if (rcode != RCODE_COMPLETE || length != 40 || i != length)
		model->nr_wrong++;
	model->nr_received++;
}

/* The other context: what another node answers */
static void ohci_ar_other_context(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ar_context *ctx = &model->ohci->ar_response_ctx;
	struct fw_transaction *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	size_t size = ohci_model_packet_size(40);
	struct dma_model_event want[] = {
		ohci_ar_sync(ctx, DMA_MODEL_FOR_CPU, 0, size),
		ohci_ar_sync(ctx, DMA_MODEL_FOR_DEVICE, 0, size),
	};
	unsigned int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	fw_send_request(&model->ohci->card, t, TCODE_READ_BLOCK_REQUEST,
			OHCI_MODEL_REMOTE, 0, SCODE_100, 0, NULL, 40,
			ohci_ar_response, model);
	KUNIT_ASSERT_EQ(test, ohci_model_transmit(model, &model->at_request,
						  ACK_PENDING + 16), 0);
	ohci_model_interrupt(model, OHCI1394_reqTxComplete);

	memset(model->packet, 0, size);
	model->packet[0] = cpu_to_le32(OHCI_MODEL_LOCAL << 16 | t->tlabel << 10 |
				       TCODE_READ_BLOCK_RESPONSE << 4);
	model->packet[1] = cpu_to_le32(OHCI_MODEL_REMOTE << 16);
	model->packet[3] = cpu_to_le32(40 << 16);
	for (i = 0; i < 40; i++)
		((u8 *)&model->packet[4])[i] = ohci_model_pattern(7, i);
	model->packet[size / 4 - 1] = cpu_to_le32((ACK_COMPLETE + 16) << 16);
	KUNIT_ASSERT_EQ(test, ohci_model_receive(model, &model->ar_response,
						 model->packet, size), 0);
	ohci_model_interrupt(model, OHCI1394_RSPkt);

	ohci_ar_expect(test, ctx, want, ARRAY_SIZE(want));
	KUNIT_EXPECT_EQ(test, model->nr_received, 1u);
	KUNIT_EXPECT_EQ(test, model->nr_wrong, 0u);
	ohci_model_expect_clean(test, model);
}

static struct kunit_case ohci_ar_cases[] = {
	KUNIT_CASE(ohci_ar_one_packet),
	KUNIT_CASE(ohci_ar_same_line),
	KUNIT_CASE(ohci_ar_several_packets),
	KUNIT_CASE(ohci_ar_across_buffers),
	KUNIT_CASE(ohci_ar_end_of_buffer),
	KUNIT_CASE(ohci_ar_across_wrap),
	KUNIT_CASE(ohci_ar_three_buffers),
	KUNIT_CASE(ohci_ar_many_packets),
	KUNIT_CASE(ohci_ar_nothing_there),
	KUNIT_CASE(ohci_ar_run_again),
	KUNIT_CASE(ohci_ar_other_context),
	{}
};

static struct kunit_suite ohci_ar_suite = {
	.name		= "ohci_ar",
	.init		= ohci_ar_init,
	.exit		= ohci_model_exit,
	.test_cases	= ohci_ar_cases,
};

static struct kunit_suite ohci_ar_noop_suite = {
	.name		= "ohci_ar_noop",
	.init		= ohci_ar_noop_init,
	.exit		= ohci_model_exit,
	.test_cases	= ohci_ar_cases,
};

kunit_test_suites(&ohci_ar_suite, &ohci_ar_noop_suite);
