// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * KUnit suites for isochronous contexts that transmit, twice as those that
 * receive: a payload goes to the controller when it is queued, and comes back
 * when it is sent.
 */

static struct ohci_iso *ohci_iso_create_it(struct kunit *test)
{
	return ohci_iso_create(test, FW_ISO_CONTEXT_TRANSMIT, 0);
}

static void ohci_iso_transmit_packet(struct kunit *test)
{
	struct ohci_iso *iso = ohci_iso_create_it(test);
	unsigned int lap;

	for (lap = 0; lap < 3; lap++) {
		ohci_iso_fill(iso, lap, OHCI_ISO_ACROSS, OHCI_ISO_ACROSS_SIZE);
		if (!lap)
			ohci_iso_map(iso);
		iso->packet.header[1] = lap;
		/* With a header, which lies with the descriptors, and without */
		ohci_iso_queue(iso, OHCI_ISO_ACROSS, OHCI_ISO_ACROSS_SIZE,
			       lap % 2 * 8, true);
		ohci_iso_expect(iso);
		if (!lap)
			ohci_iso_start(iso);
		ohci_iso_expect_sent(iso, lap, lap % 2 * 8,
				     OHCI_ISO_ACROSS_SIZE);
		ohci_iso_expect(iso);
		ohci_iso_interrupt(iso);
		ohci_iso_want(iso, DMA_MODEL_FOR_CPU, OHCI_ISO_ACROSS,
			      OHCI_ISO_ACROSS_SIZE);
		ohci_iso_expect(iso);
		ohci_iso_expect_callbacks(iso, 1, 4);
		KUNIT_EXPECT_EQ(test, be32_to_cpu(iso->headers[0]) & 0xffff,
				(u32)iso->cycle);
		KUNIT_EXPECT_EQ(test, iso->timestamp, (u32)iso->cycle);
	}
	ohci_model_expect_clean(test, iso->model);
}

/* A header alone, nothing at all, and a cycle without a packet: no syncs */
static void ohci_iso_transmit_no_payload(struct kunit *test)
{
	struct ohci_iso *iso = ohci_iso_create_it(test);
	unsigned int i;

	ohci_iso_map(iso);
	ohci_iso_queue(iso, 0, 0, 8, false);
	ohci_iso_queue(iso, 0, 0, 0, false);
	iso->packet.p.skip = true;
	iso->packet.p.interrupt = true;
	KUNIT_ASSERT_EQ(test, fw_iso_context_queue(iso->ctx, &iso->packet.p,
						   &iso->buffer, 0), 0);
	ohci_iso_start(iso);
	for (i = 0; i < 3; i++)
		ohci_iso_expect_sent(iso, 0, i ? 0 : 8, 0);
	ohci_iso_interrupt(iso);
	ohci_iso_expect(iso);
	ohci_iso_expect_callbacks(iso, 1, 12);
	ohci_model_expect_clean(test, iso->model);
}

static void ohci_iso_transmit_many(struct kunit *test)
{
	struct ohci_iso *iso = ohci_iso_create_it(test);
	struct dma_model *dma = &iso->model->dma;
	unsigned int live = dma_model_nr_live(dma) + OHCI_ISO_PAGES, lap, i;

	for (lap = 0; lap < 6; lap++) {
		for (i = 0; i < OHCI_ISO_PACKETS; i++)
			ohci_iso_fill(iso, lap + i, i * OHCI_ISO_SIZE,
				      OHCI_ISO_SIZE);
		if (!lap)
			ohci_iso_map(iso);
		for (i = 0; i < OHCI_ISO_PACKETS; i++)
			ohci_iso_queue(iso, i * OHCI_ISO_SIZE, OHCI_ISO_SIZE,
				       8, false);
		ohci_iso_expect(iso);
		if (!lap)
			ohci_iso_start(iso);
		for (i = 0; i < OHCI_ISO_PACKETS; i++)
			ohci_iso_expect_sent(iso, lap + i, 8, OHCI_ISO_SIZE);
		ohci_iso_expect(iso);
		ohci_iso_flush(iso);
		for (i = 0; i < OHCI_ISO_PACKETS; i++)
			ohci_iso_want(iso, DMA_MODEL_FOR_CPU, i * OHCI_ISO_SIZE,
				      OHCI_ISO_SIZE);
		ohci_iso_expect(iso);
		ohci_iso_expect_callbacks(iso, 1, OHCI_ISO_PACKETS * 4);
		KUNIT_EXPECT_LE(test, dma_model_nr_live(dma), live + 4);
	}
	ohci_model_expect_clean(test, iso->model);
}

/* The context goes away with one packet sent and one not. */
static void ohci_iso_transmit_destroy(struct kunit *test)
{
	struct ohci_iso *iso = ohci_iso_create_it(test);

	ohci_iso_fill(iso, 0, 0, 512);
	ohci_iso_map(iso);
	ohci_iso_queue(iso, 0, 256, 8, true);
	ohci_iso_queue(iso, 256, 256, 8, true);
	ohci_iso_start(iso);
	ohci_iso_expect_sent(iso, 0, 8, 256);
	fw_iso_context_destroy(iso->ctx);
	KUNIT_EXPECT_NE(test, 0, ohci_iso_transmit(iso));
	ohci_iso_interrupt(iso);
	iso->ctx = NULL;
	ohci_iso_expect_callbacks(iso, 0, 0);
	ohci_iso_expect(iso);
	ohci_iso_destroy(iso);
	ohci_model_expect_clean(test, iso->model);
}

static struct kunit_case ohci_iso_transmit_cases[] = {
	KUNIT_CASE(ohci_iso_transmit_packet),
	KUNIT_CASE(ohci_iso_transmit_no_payload),
	KUNIT_CASE(ohci_iso_transmit_many),
	KUNIT_CASE(ohci_iso_transmit_destroy),
	{}
};

static struct kunit_suite ohci_iso_transmit_suite = {
	.name		= "ohci_iso_transmit",
	.init		= ohci_iso_init,
	.exit		= ohci_iso_exit,
	.test_cases	= ohci_iso_transmit_cases,
};

static struct kunit_suite ohci_iso_transmit_noop_suite = {
	.name		= "ohci_iso_transmit_noop",
	.init		= ohci_iso_noop_init,
	.exit		= ohci_iso_exit,
	.test_cases	= ohci_iso_transmit_cases,
};

kunit_test_suites(&ohci_iso_transmit_suite, &ohci_iso_transmit_noop_suite);
