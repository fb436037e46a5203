// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * KUnit suite for packets that are transmitted: the payload is mapped as long
 * as the controller may read it, and never longer than the packet lives.
 */

/* More than fit in one page of descriptors */
#define OHCI_AT_PACKETS		150

/* A packet, with room for any payload, and what was said of it */
struct ohci_at_packet {
	struct fw_packet	packet;
	u8			payload[256] __aligned(64);
	unsigned int		nr_callbacks;
	int			status;
};

static int ohci_at_init(struct kunit *test)
{
	struct ohci_model *model = ohci_model_create(test);

	KUNIT_ASSERT_EQ(test, ohci_model_probe(model), 0);
	ohci_model_clear_events(model);
	return 0;
}

static void ohci_at_callback(struct fw_packet *packet, struct fw_card *card,
			     int status)
{
	struct ohci_at_packet *p =
		container_of(packet, struct ohci_at_packet, packet);

	p->nr_callbacks++;
	p->status = status;
}

/* A request to write so much to another node */
static struct ohci_at_packet *ohci_at_alloc(struct kunit *test, size_t length)
{
	struct ohci_model *model = test->priv;
	struct ohci_at_packet *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	size_t i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
	for (i = 0; i < length; i++)
		p->payload[i] = ohci_model_pattern(model->nr_sent, i);
	p->packet.header[0] = OHCI_MODEL_REMOTE << 16 |
		TCODE_WRITE_BLOCK_REQUEST << 4;
	p->packet.header[1] = OHCI_MODEL_LOCAL << 16;
	p->packet.header[2] = model->nr_sent++;
	p->packet.header[3] = length << 16;
	p->packet.header_length = 16;
	p->packet.payload = p->payload;
	p->packet.payload_length = length;
	p->packet.generation = model->ohci->generation;
	p->packet.callback = ohci_at_callback;
	return p;
}

static struct ohci_at_packet *ohci_at_queue(struct kunit *test, size_t length)
{
	struct ohci_model *model = test->priv;
	struct ohci_at_packet *p = ohci_at_alloc(test, length);

	ohci_send_request(&model->ohci->card, &p->packet);
	return p;
}

/* The controller sends a packet, and it is this one. */
static void ohci_at_expect_sent(struct kunit *test, struct ohci_at_packet *p,
				u8 evt)
{
	struct ohci_model *model = test->priv;

	KUNIT_ASSERT_EQ(test,
			ohci_model_transmit(model, &model->at_request, evt), 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(model->header[2]),
			p->packet.header[2]);
	KUNIT_EXPECT_EQ(test, (size_t)model->payload_length,
			p->packet.payload_length);
	KUNIT_EXPECT_EQ(test, memcmp(model->payload, p->payload,
				     p->packet.payload_length), 0);
}

static void ohci_at_expect_done(struct kunit *test, struct ohci_at_packet *p,
				int status)
{
	KUNIT_EXPECT_EQ(test, p->nr_callbacks, 1u);
	KUNIT_EXPECT_EQ(test, p->status, status);
}

/* How often was this payload mapped, or unmapped? */
static unsigned int ohci_at_count(struct ohci_model *model,
				  struct ohci_at_packet *p,
				  enum dma_model_call call)
{
	const struct dma_model_event *event;
	unsigned int nr = 0;

	for (event = model->dma.events;
	     event < model->dma.events + model->dma.nr_events; event++)
		if (event->call == call &&
		    event->addr == p->packet.payload_bus &&
		    event->size == p->packet.payload_length &&
		    event->dir == DMA_TO_DEVICE)
			nr++;
	return nr;
}

static void ohci_at_expect_mapped(struct kunit *test, struct ohci_at_packet *p,
				  unsigned int mapped, unsigned int unmapped)
{
	struct ohci_model *model = test->priv;

	KUNIT_EXPECT_EQ(test, ohci_at_count(model, p, DMA_MODEL_MAP), mapped);
	KUNIT_EXPECT_EQ(test, ohci_at_count(model, p, DMA_MODEL_UNMAP),
			unmapped);
}

static void ohci_at_payload(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	unsigned int live = dma_model_nr_live(&model->dma);
	struct ohci_at_packet *p = ohci_at_queue(test, 200);

	ohci_at_expect_mapped(test, p, 1, 0);
	KUNIT_EXPECT_EQ(test, p->nr_callbacks, 0u);
	ohci_at_expect_sent(test, p, ACK_PENDING + 16);
	ohci_model_interrupt(model, OHCI1394_reqTxComplete);
	ohci_at_expect_done(test, p, ACK_PENDING);
	ohci_at_expect_mapped(test, p, 1, 1);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&model->dma), live);
	ohci_model_expect_clean(test, model);
}

/* What fits in a descriptor needs no mapping. */
static void ohci_at_small_payload(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ohci_at_packet *p = ohci_at_queue(test, 8);

	KUNIT_EXPECT_EQ(test, model->dma.nr_events, 0u);
	ohci_at_expect_sent(test, p, ACK_COMPLETE + 16);
	ohci_model_interrupt(model, OHCI1394_reqTxComplete);
	ohci_at_expect_done(test, p, ACK_COMPLETE);
	KUNIT_EXPECT_EQ(test, model->dma.nr_events, 0u);
	ohci_model_expect_clean(test, model);
}

static void ohci_at_address_0(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct fw_packet *packet;
	struct ohci_at_packet *p = ohci_at_alloc(test, 200);
	u8 *page = (u8 *)get_zeroed_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	packet = &p->packet;
	packet->payload = page;
	memcpy(page, p->payload, 200);
	model->dma.next_addr = 0;
	ohci_send_request(&model->ohci->card, packet);
	KUNIT_EXPECT_EQ(test, packet->payload_bus, (dma_addr_t)0);
	ohci_at_expect_sent(test, p, ACK_COMPLETE + 16);
	ohci_model_interrupt(model, OHCI1394_reqTxComplete);
	ohci_at_expect_done(test, p, ACK_COMPLETE);
	ohci_at_expect_mapped(test, p, 1, 1);
	ohci_model_expect_clean(test, model);
	free_page((unsigned long)page);
}

static void ohci_at_mapping_fails(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	unsigned int live = dma_model_nr_live(&model->dma);
	struct ohci_at_packet *p, *next;

	model->dma.fail_in = 1;
	p = ohci_at_queue(test, 200);
	ohci_at_expect_done(test, p, RCODE_SEND_ERROR);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&model->dma), live);

	/* It has left nothing in the queue. */
	next = ohci_at_queue(test, 100);
	ohci_at_expect_sent(test, next, ACK_COMPLETE + 16);
	ohci_model_interrupt(model, OHCI1394_reqTxComplete);
	ohci_at_expect_done(test, next, ACK_COMPLETE);
	KUNIT_EXPECT_EQ(test, p->nr_callbacks, 1u);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&model->dma), live);
	ohci_model_expect_clean(test, model);
}

/* There was a bus reset before the packet came to the queue. */
static void ohci_at_old_generation(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ohci_at_packet *p = ohci_at_alloc(test, 200);

	p->packet.generation--;
	ohci_send_request(&model->ohci->card, &p->packet);
	ohci_at_expect_done(test, p, RCODE_GENERATION);
	ohci_at_expect_mapped(test, p, 1, 1);
	KUNIT_EXPECT_NE(test, 0, ohci_model_transmit(model, &model->at_request,
						     ACK_COMPLETE + 16));
	ohci_model_expect_clean(test, model);
}

/* A bus reset comes when one packet was sent and two were not. */
static void ohci_at_flush(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	unsigned int live = dma_model_nr_live(&model->dma), i;
	struct ohci_at_packet *p[3];

	for (i = 0; i < 3; i++)
		p[i] = ohci_at_queue(test, 100 + i);
	ohci_at_expect_sent(test, p[0], ACK_PENDING + 16);
	at_context_flush(&model->ohci->at_request_ctx);
	ohci_at_expect_done(test, p[0], ACK_PENDING);
	for (i = 1; i < 3; i++)
		ohci_at_expect_done(test, p[i], RCODE_GENERATION);
	for (i = 0; i < 3; i++)
		ohci_at_expect_mapped(test, p[i], 1, 1);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&model->dma), live);
	ohci_model_expect_clean(test, model);
}

/* The answer is faster than the interrupt for the packet. */
static void ohci_at_cancel(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct fw_card *card = &model->ohci->card;
	struct ohci_at_packet *p = ohci_at_queue(test, 200);

	ohci_at_expect_sent(test, p, ACK_PENDING + 16);
	KUNIT_EXPECT_EQ(test, ohci_cancel_packet(card, &p->packet), 0);
	ohci_at_expect_done(test, p, RCODE_CANCELLED);
	ohci_at_expect_mapped(test, p, 1, 1);

	/* Neither the interrupt nor another caller takes it a second time. */
	ohci_model_interrupt(model, OHCI1394_reqTxComplete);
	KUNIT_EXPECT_EQ(test, ohci_cancel_packet(card, &p->packet), -ENOENT);
	ohci_at_expect_done(test, p, RCODE_CANCELLED);
	ohci_at_expect_mapped(test, p, 1, 1);
	ohci_model_expect_clean(test, model);
}

/* The errors that a controller knows all end the mapping. */
static void ohci_at_errors(struct kunit *test)
{
	static const struct {
		u8	evt;
		int	status;
	} errors[] = {
		{ OHCI1394_evt_timeout,		RCODE_CANCELLED },
		{ OHCI1394_evt_flushed,		RCODE_GENERATION },
		{ OHCI1394_evt_missing_ack,	RCODE_NO_ACK },
		{ OHCI1394_evt_underrun,	RCODE_SEND_ERROR },
		{ OHCI1394_evt_data_read,	RCODE_SEND_ERROR },
		{ ACK_BUSY_X + 16,		ACK_BUSY_X },
		{ ACK_DATA_ERROR + 16,		ACK_DATA_ERROR },
	};
	struct ohci_model *model = test->priv;
	struct ohci_at_packet *p;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		p = ohci_at_queue(test, 20 + i);
		ohci_at_expect_sent(test, p, errors[i].evt);
		ohci_model_interrupt(model, OHCI1394_reqTxComplete);
		ohci_at_expect_done(test, p, errors[i].status);
		ohci_at_expect_mapped(test, p, 1, 1);
	}
	ohci_model_expect_clean(test, model);
}

/* Queue and send more than a page of descriptors, over and over. */
static void ohci_at_many(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	unsigned int i, lap, live = dma_model_nr_live(&model->dma);
	struct ohci_at_packet **p;

	p = kunit_kzalloc(test, OHCI_AT_PACKETS * sizeof(*p), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
	for (lap = 0; lap < 6; lap++) {
		for (i = 0; i < OHCI_AT_PACKETS; i++)
			p[i] = ohci_at_queue(test, i + 1);
		for (i = 0; i < OHCI_AT_PACKETS; i++)
			ohci_at_expect_sent(test, p[i], ACK_COMPLETE + 16);
		ohci_model_interrupt(model, OHCI1394_reqTxComplete);
		for (i = 0; i < OHCI_AT_PACKETS; i++)
			ohci_at_expect_done(test, p[i], ACK_COMPLETE);
		/* Pages of descriptors are used again: four are enough. */
		KUNIT_EXPECT_LE(test, dma_model_nr_live(&model->dma), live + 3);
		ohci_model_clear_events(model);
	}
	ohci_model_expect_clean(test, model);
}

/* There is no memory for more descriptors. */
static void ohci_at_no_descriptors(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ohci_at_packet *p;
	unsigned int i, nr = 0;

	for (i = 0; i < OHCI_AT_PACKETS; i++) {
		/* Payloads are not mapped: the first that fails is a page. */
		model->dma.fail_in = 1;
		p = ohci_at_queue(test, 4);
		if (!model->dma.fail_in)
			break;
		nr++;
	}
	model->dma.fail_in = 0;
	KUNIT_ASSERT_LT(test, i, (unsigned int)OHCI_AT_PACKETS);
	ohci_at_expect_done(test, p, RCODE_SEND_ERROR);

	p = ohci_at_queue(test, 200);
	while (nr--)
		KUNIT_ASSERT_EQ(test, ohci_model_transmit(model,
							  &model->at_request,
							  ACK_COMPLETE + 16),
				0);
	ohci_at_expect_sent(test, p, ACK_COMPLETE + 16);
	ohci_model_interrupt(model, OHCI1394_reqTxComplete);
	ohci_at_expect_done(test, p, ACK_COMPLETE);
	ohci_model_expect_clean(test, model);
}

/* The other context: a request came in, and the response goes out. */
static void ohci_at_response(struct kunit *test)
{
	struct ohci_model *model = test->priv;
	struct ohci_at_packet *p = ohci_at_alloc(test, 60);

	ohci_send_response(&model->ohci->card, &p->packet);
	ohci_at_expect_mapped(test, p, 1, 0);
	KUNIT_ASSERT_EQ(test, ohci_model_transmit(model, &model->at_response,
						  ACK_COMPLETE + 16), 0);
	KUNIT_EXPECT_EQ(test, memcmp(model->payload, p->payload, 60), 0);
	ohci_model_interrupt(model, OHCI1394_respTxComplete);
	ohci_at_expect_done(test, p, ACK_COMPLETE);
	ohci_at_expect_mapped(test, p, 1, 1);
	ohci_model_expect_clean(test, model);
}

static struct kunit_case ohci_at_cases[] = {
	KUNIT_CASE(ohci_at_payload),
	KUNIT_CASE(ohci_at_small_payload),
	KUNIT_CASE(ohci_at_address_0),
	KUNIT_CASE(ohci_at_mapping_fails),
	KUNIT_CASE(ohci_at_old_generation),
	KUNIT_CASE(ohci_at_flush),
	KUNIT_CASE(ohci_at_cancel),
	KUNIT_CASE(ohci_at_errors),
	KUNIT_CASE(ohci_at_many),
	KUNIT_CASE(ohci_at_no_descriptors),
	KUNIT_CASE(ohci_at_response),
	{}
};

static struct kunit_suite ohci_at_suite = {
	.name		= "ohci_at",
	.init		= ohci_at_init,
	.exit		= ohci_model_exit,
	.test_cases	= ohci_at_cases,
};

kunit_test_suite(ohci_at_suite);
