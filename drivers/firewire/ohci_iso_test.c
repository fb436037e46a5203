// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * KUnit suites for isochronous contexts that receive: a payload goes to the
 * controller when it is queued, and comes back when the controller is done with
 * it.
 *
 * The buffers are those of the core, which stay mapped.  All of it runs twice.
 * The second time a sync for the CPU does not help with a cache line that the
 * CPU has already.
 */

static struct ohci_iso *ohci_iso_create_ir(struct kunit *test)
{
	return ohci_iso_create(test, FW_ISO_CONTEXT_RECEIVE, 8);
}

static struct ohci_iso *ohci_iso_create_mc(struct kunit *test)
{
	return ohci_iso_create(test, FW_ISO_CONTEXT_RECEIVE_MULTICHANNEL, 0);
}

/* Receive, each packet in a buffer of its own */

static void ohci_iso_receive_packet(struct kunit *test)
{
	struct ohci_iso *iso = ohci_iso_create_ir(test);

	KUNIT_EXPECT_EQ(test, fw_iso_context_start(iso->ctx, -1, 0, 0xf),
			-ENODATA);
	ohci_iso_queue(iso, 64, 256, 8, true);
	ohci_iso_expect(iso);
	ohci_iso_start(iso);
	ohci_iso_take(iso, 1, 256);
	ohci_iso_expect(iso);

	ohci_iso_interrupt(iso);
	ohci_iso_want(iso, DMA_MODEL_FOR_CPU, 64, 256);
	ohci_iso_expect(iso);
	ohci_iso_expect_callbacks(iso, 1, 8);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(iso->headers[0]),
			le32_to_cpu(iso->model->packet[1]));
	KUNIT_EXPECT_EQ(test, be32_to_cpu(iso->headers[1]), 1u);
	KUNIT_EXPECT_EQ(test, iso->timestamp, 1u);
	ohci_iso_expect_data(iso, 1, 0, 64, 256);
	ohci_model_expect_clean(test, iso->model);
}

/* Two that are queued at once, and of which the first lies in two pages */
static void ohci_iso_receive_across_pages(struct kunit *test)
{
	struct ohci_iso *iso = ohci_iso_create_ir(test);
	size_t second = OHCI_ISO_ACROSS + OHCI_ISO_ACROSS_SIZE;

	KUNIT_ASSERT_EQ(test, ohci_iso_try(iso, OHCI_ISO_ACROSS,
					   2 * OHCI_ISO_ACROSS_SIZE, 16, true),
			0);
	ohci_iso_want(iso, DMA_MODEL_FOR_DEVICE, OHCI_ISO_ACROSS,
		      OHCI_ISO_ACROSS_SIZE);
	ohci_iso_want(iso, DMA_MODEL_FOR_DEVICE, second, OHCI_ISO_ACROSS_SIZE);
	ohci_iso_expect(iso);
	ohci_iso_start(iso);
	ohci_iso_take(iso, 1, OHCI_ISO_ACROSS_SIZE);
	ohci_iso_interrupt(iso);
	ohci_iso_expect_callbacks(iso, 0, 0);
	ohci_iso_take(iso, 2, OHCI_ISO_ACROSS_SIZE);
	ohci_iso_interrupt(iso);
	ohci_iso_want(iso, DMA_MODEL_FOR_CPU, OHCI_ISO_ACROSS,
		      OHCI_ISO_ACROSS_SIZE);
	ohci_iso_want(iso, DMA_MODEL_FOR_CPU, second, OHCI_ISO_ACROSS_SIZE);
	ohci_iso_expect(iso);
	ohci_iso_expect_callbacks(iso, 1, 16);
	ohci_iso_expect_data(iso, 1, 0, OHCI_ISO_ACROSS, OHCI_ISO_ACROSS_SIZE);
	ohci_iso_expect_data(iso, 2, 0, second, OHCI_ISO_ACROSS_SIZE);
	ohci_model_expect_clean(test, iso->model);
}

/* All that was queued comes back, whatever of it was used. */
static void ohci_iso_receive_short(struct kunit *test)
{
	static const size_t sizes[] = { 0, 32, 512, 600 };
	struct ohci_iso *iso = ohci_iso_create_ir(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		ohci_iso_queue(iso, OHCI_ISO_ACROSS, OHCI_ISO_ACROSS_SIZE, 8,
			       true);
		ohci_iso_expect(iso);
		if (!i)
			ohci_iso_start(iso);
		ohci_iso_take(iso, i, sizes[i]);
		ohci_iso_interrupt(iso);
		ohci_iso_want(iso, DMA_MODEL_FOR_CPU, OHCI_ISO_ACROSS,
			      OHCI_ISO_ACROSS_SIZE);
		ohci_iso_expect(iso);
		ohci_iso_expect_callbacks(iso, 1, 8);
		ohci_iso_expect_data(iso, i, 0, OHCI_ISO_ACROSS, sizes[i]);
	}
	ohci_model_expect_clean(test, iso->model);
}

/*
 * There is a buffer for its header alone, whatever the place of the payload,
 * and it can wait for a sync field.
 */
static void ohci_iso_receive_no_payload(struct kunit *test)
{
	struct ohci_iso *iso = ohci_iso_create_ir(test);
	unsigned int i;

	for (i = 0; i < 4; i++) {
		iso->wait = i & 2;
		ohci_iso_queue(iso, (i & 1) * 64, 0, 8, true);
		ohci_iso_expect(iso);
		if (!i)
			ohci_iso_start(iso);
		if (iso->wait) {
			iso->sync = 1;
			ohci_iso_take(iso, i, 0);
			ohci_iso_interrupt(iso);
			ohci_iso_expect_callbacks(iso, 0, 0);
			iso->sync = 0;
		}
		ohci_iso_take(iso, i, 0);
		ohci_iso_interrupt(iso);
		ohci_iso_expect(iso);
		ohci_iso_expect_callbacks(iso, 1, 8);
	}
	ohci_model_expect_clean(test, iso->model);
}

/* Without an interrupt, what has come so far is asked for. */
static void ohci_iso_receive_flush(struct kunit *test)
{
	struct ohci_iso *iso = ohci_iso_create_ir(test);
	unsigned int i;

	for (i = 0; i < 3; i++)
		ohci_iso_queue(iso, i * 256, 256, 8, false);
	ohci_iso_expect(iso);
	ohci_iso_start(iso);
	ohci_iso_flush(iso);
	ohci_iso_expect_callbacks(iso, 0, 0);
	for (i = 0; i < 2; i++)
		ohci_iso_take(iso, i, 256);
	ohci_iso_interrupt(iso);
	ohci_iso_expect(iso);

	ohci_iso_flush(iso);
	for (i = 0; i < 2; i++)
		ohci_iso_want(iso, DMA_MODEL_FOR_CPU, i * 256, 256);
	ohci_iso_expect(iso);
	ohci_iso_expect_callbacks(iso, 1, 16);
	for (i = 0; i < 2; i++)
		ohci_iso_expect_data(iso, i, 0, i * 256, 256);
	ohci_model_expect_clean(test, iso->model);
}

/* Headers for more than the page of them: they are passed on, or dropped. */
static void ohci_iso_receive_headers(struct kunit *test)
{
	const unsigned int fit = PAGE_SIZE / 128, nr = fit + 4;
	struct ohci_iso *iso = ohci_iso_create(test, FW_ISO_CONTEXT_RECEIVE,
					       128);
	unsigned int lap, i;

	for (lap = 0; lap < 2; lap++) {
		iso->ctx->drop_overflow_headers = lap;
		for (i = 0; i < nr; i++) {
			ohci_iso_queue(iso, 0, 32, 128, false);
			ohci_iso_expect(iso);
			if (!lap && !i)
				ohci_iso_start(iso);
			/* The driver looks at the first ones in between. */
			ohci_iso_take(iso, i, 152);
			iso->irq = true;
			ohci_iso_interrupt(iso);
			ohci_iso_want(iso, DMA_MODEL_FOR_CPU, 0, 32);
			ohci_iso_expect(iso);
			ohci_iso_expect_data(iso, i, 120, 0, 32);
		}
		ohci_iso_flush(iso);
		KUNIT_EXPECT_EQ(test, be32_to_cpu(iso->headers[32 * 3 + 1]),
				3u);
		KUNIT_EXPECT_EQ(test, ((u8 *)&iso->headers[32 * 3])[8],
				ohci_model_pattern(3, 0));
		ohci_iso_expect_callbacks(iso, 2 - lap,
					  (lap ? fit : nr) * 128);
	}
	ohci_model_expect_clean(test, iso->model);
}

/* The same memory for one packet after the other, and descriptors likewise */
static void ohci_iso_receive_many(struct kunit *test)
{
	struct ohci_iso *iso = ohci_iso_create_ir(test);
	struct dma_model *dma = &iso->model->dma;
	unsigned int live = dma_model_nr_live(dma), lap, i;

	for (lap = 0; lap < 6; lap++) {
		for (i = 0; i < OHCI_ISO_PACKETS; i++)
			ohci_iso_queue(iso, i * OHCI_ISO_SIZE, OHCI_ISO_SIZE, 8,
				       i == OHCI_ISO_PACKETS - 1);
		ohci_iso_expect(iso);
		if (lap)
			fw_iso_context_queue_flush(iso->ctx);
		else
			ohci_iso_start(iso);
		for (i = 0; i < OHCI_ISO_PACKETS; i++) {
			ohci_iso_take(iso, lap + i, OHCI_ISO_SIZE);
			ohci_iso_want(iso, DMA_MODEL_FOR_CPU,
				      i * OHCI_ISO_SIZE, OHCI_ISO_SIZE);
		}
		KUNIT_EXPECT_EQ(test, ohci_iso_receive(iso, 0, 0), -ENOENT);
		ohci_iso_interrupt(iso);
		ohci_iso_expect(iso);
		ohci_iso_expect_callbacks(iso, 1, OHCI_ISO_PACKETS * 8);
		for (i = 0; i < OHCI_ISO_PACKETS; i++)
			ohci_iso_expect_data(iso, lap + i, 0, i * OHCI_ISO_SIZE,
					     OHCI_ISO_SIZE);
		/* Pages of descriptors are used again: four are enough. */
		KUNIT_EXPECT_LE(test, dma_model_nr_live(dma), live + 3);
	}
	ohci_model_expect_clean(test, iso->model);
}

/* A context that is stopped goes on with what is still queued. */
static void ohci_iso_receive_stop(struct kunit *test)
{
	struct ohci_iso *iso = ohci_iso_create_ir(test);
	unsigned int i;

	for (i = 0; i < 3; i++)
		ohci_iso_queue(iso, i * 256, 256, 8, true);
	ohci_iso_expect(iso);
	ohci_iso_start(iso);
	ohci_iso_take(iso, 1, 256);
	ohci_iso_interrupt(iso);
	ohci_iso_expect_callbacks(iso, 1, 8);
	ohci_iso_take(iso, 2, 256);
	KUNIT_EXPECT_EQ(test, fw_iso_context_stop(iso->ctx), 0);
	/* The interrupt is off, and the controller does not go on. */
	ohci_iso_interrupt(iso);
	KUNIT_EXPECT_EQ(test, ohci_iso_receive(iso, 3, 256), -EINVAL);
	ohci_iso_want(iso, DMA_MODEL_FOR_CPU, 0, 256);
	ohci_iso_expect(iso);

	ohci_iso_flush(iso);
	ohci_iso_want(iso, DMA_MODEL_FOR_CPU, 256, 256);
	ohci_iso_expect(iso);
	ohci_iso_expect_callbacks(iso, 1, 8);
	ohci_iso_expect_data(iso, 2, 0, 256, 256);

	ohci_iso_start(iso);
	ohci_iso_take(iso, 3, 256);
	ohci_iso_interrupt(iso);
	ohci_iso_want(iso, DMA_MODEL_FOR_CPU, 512, 256);
	ohci_iso_expect(iso);
	ohci_iso_expect_data(iso, 3, 0, 512, 256);
	ohci_model_expect_clean(test, iso->model);
}

/* Receive, one stream of packets from several channels */

static void ohci_iso_fill_buffer(struct kunit *test)
{
	struct ohci_iso *iso = ohci_iso_create_mc(test);
	size_t half = OHCI_ISO_ACROSS_SIZE / 2;
	unsigned int lap;

	KUNIT_EXPECT_EQ(test,
			*ohci_model_reg(iso->model,
					OHCI1394_IRMultiChanMaskHiSet),
			upper_32_bits(OHCI_ISO_CHANNELS));
	KUNIT_EXPECT_EQ(test,
			*ohci_model_reg(iso->model,
					OHCI1394_IRMultiChanMaskLoSet),
			lower_32_bits(OHCI_ISO_CHANNELS));
	for (lap = 0; lap < 3; lap++) {
		ohci_iso_queue(iso, OHCI_ISO_ACROSS, 2 * half, 0, true);
		ohci_iso_expect(iso);
		if (!lap)
			ohci_iso_start(iso);
		ohci_iso_take_stream(iso, lap, half + 100);
		ohci_iso_interrupt(iso);
		ohci_iso_expect(iso);
		ohci_iso_take_stream(iso, lap + half + 100, half - 100);
		ohci_iso_interrupt(iso);
		ohci_iso_want(iso, DMA_MODEL_FOR_CPU, OHCI_ISO_ACROSS,
			      2 * half);
		ohci_iso_expect(iso);
		ohci_iso_expect_callbacks(iso, 1, 0);
		KUNIT_EXPECT_EQ(test, iso->completed,
				(size_t)(PAGE_SIZE + half));
		ohci_iso_expect_data(iso, 0, lap, OHCI_ISO_ACROSS, 2 * half);
	}
	KUNIT_EXPECT_EQ(test, ohci_iso_stream(iso, 0, 4), -ENOENT);
	ohci_model_expect_clean(test, iso->model);
}

/* A buffer without an interrupt is full, and the next one has not begun. */
static void ohci_iso_fill_flush_full(struct kunit *test)
{
	struct ohci_iso *iso = ohci_iso_create_mc(test);

	ohci_iso_queue(iso, 0, 512, 0, false);
	ohci_iso_queue(iso, 512, 256, 0, true);
	ohci_iso_expect(iso);
	ohci_iso_start(iso);
	ohci_iso_take_stream(iso, 0, 512);
	ohci_iso_flush(iso);
	KUNIT_EXPECT_TRUE(test,
			  dma_model_saw(&iso->model->dma, DMA_MODEL_FOR_CPU,
					page_private(iso->buffer.pages[0]), 512,
					DMA_FROM_DEVICE));
	ohci_iso_expect_callbacks(iso, 1, 0);
	KUNIT_EXPECT_EQ(test, iso->completed, (size_t)512);
	ohci_iso_expect_data(iso, 0, 0, 0, 512);

	ohci_model_clear_events(iso->model);
	ohci_iso_take_stream(iso, 512, 256);
	ohci_iso_interrupt(iso);
	ohci_iso_want(iso, DMA_MODEL_FOR_CPU, 512, 256);
	ohci_iso_expect(iso);
	ohci_iso_expect_callbacks(iso, 1, 0);
	KUNIT_EXPECT_EQ(test, iso->completed, (size_t)768);
	ohci_iso_expect_data(iso, 0, 0, 0, 768);
	ohci_model_expect_clean(test, iso->model);
}

/*
 * What is read of a buffer that is not full ends in the middle of a cache line.
 * It goes back before more is read, as the line has changed since.
 */
static void ohci_iso_fill_flush_part(struct kunit *test)
{
	struct ohci_iso *iso = ohci_iso_create_mc(test);
	unsigned int lap;

	for (lap = 0; lap < 3; lap++) {
		ohci_iso_queue(iso, 512, 1024, 0, true);
		ohci_iso_expect(iso);
		if (!lap)
			ohci_iso_start(iso);
		ohci_iso_take_stream(iso, lap, 100);
		ohci_iso_flush(iso);
		ohci_iso_want(iso, DMA_MODEL_FOR_CPU, 512, 100);
		ohci_iso_expect(iso);
		KUNIT_EXPECT_EQ(test, iso->completed, (size_t)612);
		ohci_iso_expect_data(iso, 0, lap, 512, 100);

		ohci_iso_take_stream(iso, lap + 100, 120);
		ohci_iso_flush(iso);
		ohci_iso_want(iso, DMA_MODEL_FOR_DEVICE, 512, 100);
		ohci_iso_want(iso, DMA_MODEL_FOR_CPU, 512, 220);
		ohci_iso_expect(iso);
		KUNIT_EXPECT_EQ(test, iso->completed, (size_t)732);
		ohci_iso_expect_data(iso, 0, lap, 512, 220);

		ohci_iso_take_stream(iso, lap + 220, 804);
		ohci_iso_interrupt(iso);
		ohci_iso_want(iso, DMA_MODEL_FOR_DEVICE, 512, 220);
		ohci_iso_want(iso, DMA_MODEL_FOR_CPU, 512, 1024);
		ohci_iso_expect(iso);
		ohci_iso_expect_callbacks(iso, 3, 0);
		KUNIT_EXPECT_EQ(test, iso->completed, (size_t)1536);
		ohci_iso_expect_data(iso, 0, lap, 512, 1024);
	}
	/* The controller wrote to those lines, which no one can help. */
	KUNIT_EXPECT_EQ(test, iso->model->dma.nr_unowned, 6u);
	iso->model->dma.nr_unowned = 0;
	ohci_model_expect_clean(test, iso->model);
}

/* Failures */

/* There is no memory for a context's first page of descriptors. */
static void ohci_iso_no_context(struct kunit *test)
{
	struct ohci_iso *iso = &ohci_iso;
	int type;

	for (type = FW_ISO_CONTEXT_TRANSMIT;
	     type <= FW_ISO_CONTEXT_RECEIVE_MULTICHANNEL; type++) {
		iso->model->dma.fail_in = 1;
		KUNIT_EXPECT_EQ(test,
				PTR_ERR(fw_iso_context_create(&iso->model->ohci->card,
							      type,
							      OHCI_ISO_CHANNEL,
							      SCODE_100, 8,
							      ohci_iso_callback,
							      iso)),
				(long)-ENOMEM);
		/* Neither the context nor the channel is lost. */
		ohci_iso_create(test, type, 8);
		if (!type)
			ohci_iso_map(iso);
		ohci_iso_destroy(iso);
	}
	ohci_model_expect_clean(test, iso->model);
}

/* There is none for a second page.  What is queued is received. */
static void ohci_iso_no_descriptors(struct kunit *test)
{
	struct ohci_iso *iso = ohci_iso_create_ir(test);
	unsigned int i, nr;

	iso->model->dma.fail_in = 1;
	for (nr = 0; nr < OHCI_ISO_PACKETS; nr++)
		if (ohci_iso_try(iso, nr * OHCI_ISO_SIZE, OHCI_ISO_SIZE, 8,
				 false))
			break;
	KUNIT_ASSERT_LT(test, nr, (unsigned int)OHCI_ISO_PACKETS);
	ohci_iso_start(iso);
	for (i = 0; i < nr; i++)
		ohci_iso_take(iso, i, OHCI_ISO_SIZE);
	KUNIT_EXPECT_EQ(test, ohci_iso_receive(iso, i, 0), -ENOENT);
	ohci_iso_flush(iso);
	ohci_iso_expect_callbacks(iso, 1, nr * 8);
	for (i = 0; i < nr; i++)
		ohci_iso_expect_data(iso, i, 0, i * OHCI_ISO_SIZE,
				     OHCI_ISO_SIZE);
	ohci_model_expect_clean(test, iso->model);
}

static struct kunit_case ohci_iso_cases[] = {
	KUNIT_CASE(ohci_iso_receive_packet),
	KUNIT_CASE(ohci_iso_receive_across_pages),
	KUNIT_CASE(ohci_iso_receive_short),
	KUNIT_CASE(ohci_iso_receive_no_payload),
	KUNIT_CASE(ohci_iso_receive_flush),
	KUNIT_CASE(ohci_iso_receive_headers),
	KUNIT_CASE(ohci_iso_receive_many),
	KUNIT_CASE(ohci_iso_receive_stop),
	KUNIT_CASE(ohci_iso_fill_buffer),
	KUNIT_CASE(ohci_iso_fill_flush_full),
	KUNIT_CASE(ohci_iso_fill_flush_part),
	KUNIT_CASE(ohci_iso_no_context),
	KUNIT_CASE(ohci_iso_no_descriptors),
	{}
};

static struct kunit_suite ohci_iso_suite = {
	.name		= "ohci_iso",
	.init		= ohci_iso_init,
	.exit		= ohci_iso_exit,
	.test_cases	= ohci_iso_cases,
};

static struct kunit_suite ohci_iso_noop_suite = {
	.name		= "ohci_iso_noop",
	.init		= ohci_iso_noop_init,
	.exit		= ohci_iso_exit,
	.test_cases	= ohci_iso_cases,
};

kunit_test_suites(&ohci_iso_suite, &ohci_iso_noop_suite);
