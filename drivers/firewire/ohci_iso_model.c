// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An isochronous context of the model in ohci_model.c, for the KUnit suites of
 * such contexts: what the core and its clients do with it on the one side, what
 * the controller does on the other.
 */

#define OHCI_ISO_CHANNEL	5
#define OHCI_ISO_CHANNELS	(BIT_ULL(OHCI_ISO_CHANNEL) | BIT_ULL(40))
#define OHCI_ISO_PAGES		4
/* More than fit in one page of descriptors, and cross pages here and there */
#define OHCI_ISO_PACKETS	150
#define OHCI_ISO_SIZE		96
/* A payload of this size lies across the end of the first page. */
#define OHCI_ISO_ACROSS		(PAGE_SIZE - 512)
#define OHCI_ISO_ACROSS_SIZE	1024

/* A context, its buffer, and what was said of it.  There is one at a time. */
struct ohci_iso {
	struct kunit		*test;
	struct ohci_model	*model;
	unsigned int		live;
	struct fw_iso_context	*ctx;
	struct fw_iso_buffer	buffer;
	struct {
		struct fw_iso_packet	p;
		u32			header[2];
	} packet;

	/* The syncs that are to come */
	struct dma_model_event	want[2 * OHCI_ISO_PACKETS];
	unsigned int		nr_want;

	/* A buffer that is filled, of which so much is left */
	struct descriptor	d;
	unsigned int		left;
	/* What is queued waits for a sync field; that of packets that come in */
	bool			wait;
	u8			sync;
	/* The controller has done what it was to say, and at which cycle. */
	bool			irq;
	u16			cycle;

	unsigned int		nr_callbacks;
	u32			timestamp;
	__be32			headers[2 * PAGE_SIZE / 4];
	size_t			headers_length;
	size_t			completed;
};

static struct ohci_iso ohci_iso;

static int ohci_iso_init(struct kunit *test)
{
	struct ohci_iso *iso = &ohci_iso;

	memset(iso, 0, sizeof(*iso));
	iso->test = test;
	iso->model = ohci_model_create(test);
	KUNIT_ASSERT_EQ(test, ohci_model_probe(iso->model), 0);
	iso->live = dma_model_nr_live(&iso->model->dma);
	return 0;
}

static int ohci_iso_noop_init(struct kunit *test)
{
	int err = ohci_iso_init(test);

	ohci_iso.model->dma.for_cpu_is_noop = true;
	return err;
}

static void ohci_iso_destroy(struct ohci_iso *iso)
{
	struct kunit *test = iso->test;

	if (iso->ctx)
		fw_iso_context_destroy(iso->ctx);
	iso->ctx = NULL;
	if (iso->buffer.pages)
		fw_iso_buffer_destroy(&iso->buffer, &iso->model->ohci->card);
	KUNIT_EXPECT_EQ(test, dma_model_nr_live(&iso->model->dma), iso->live);
}

static void ohci_iso_exit(struct kunit *test)
{
	if (ohci_iso.model && ohci_iso.model->ohci)
		ohci_iso_destroy(&ohci_iso);
	ohci_model_exit(test);
}

static void ohci_iso_callback(struct fw_iso_context *ctx, u32 cycle,
			      size_t length, void *header, void *data)
{
	struct ohci_iso *iso = data;

	iso->nr_callbacks++;
	iso->timestamp = cycle;
	if (iso->headers_length + length > sizeof(iso->headers))
		return;
	memcpy((u8 *)iso->headers + iso->headers_length, header, length);
	iso->headers_length += length;
}

static void ohci_iso_mc_callback(struct fw_iso_context *ctx,
				 dma_addr_t completed, void *data)
{
	struct ohci_iso *iso = data;

	iso->nr_callbacks++;
	iso->completed = fw_iso_buffer_lookup(&iso->buffer, completed);
}

static void ohci_iso_map(struct ohci_iso *iso)
{
	struct kunit *test = iso->test;

	KUNIT_ASSERT_EQ(test,
			fw_iso_buffer_map_dma(&iso->buffer,
					      &iso->model->ohci->card,
					      iso->ctx->type ?
					      DMA_FROM_DEVICE : DMA_TO_DEVICE),
			0);
	ohci_model_clear_events(iso->model);
}

/* What is to be transmitted is there before it is mapped. */
static struct ohci_iso *ohci_iso_create(struct kunit *test, int type,
					size_t header_size)
{
	struct ohci_iso *iso = &ohci_iso;
	struct ohci_model *model = iso->model;
	u64 channels = OHCI_ISO_CHANNELS;
	struct fw_iso_context *ctx;

	ctx = fw_iso_context_create(&model->ohci->card, type, OHCI_ISO_CHANNEL,
				    SCODE_100, header_size, ohci_iso_callback,
				    iso);
	KUNIT_ASSERT_FALSE(test, IS_ERR(ctx));
	iso->ctx = ctx;
	model->iso.regs = type == FW_ISO_CONTEXT_TRANSMIT ?
		OHCI1394_IsoXmitContextBase(0) : OHCI1394_IsoRcvContextBase(0);
	if (type == FW_ISO_CONTEXT_RECEIVE_MULTICHANNEL) {
		ctx->callback.mc = ohci_iso_mc_callback;
		KUNIT_ASSERT_EQ(test,
				fw_iso_context_set_channels(ctx, &channels), 0);
	}
	KUNIT_ASSERT_EQ(test, fw_iso_buffer_alloc(&iso->buffer, OHCI_ISO_PAGES),
			0);
	if (type != FW_ISO_CONTEXT_TRANSMIT)
		ohci_iso_map(iso);
	return iso;
}

static u8 *ohci_iso_byte(struct ohci_iso *iso, size_t offset)
{
	return (u8 *)page_address(iso->buffer.pages[offset >> PAGE_SHIFT]) +
		offset_in_page(offset);
}

static void ohci_iso_fill(struct ohci_iso *iso, unsigned int nr, size_t offset,
			  size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		*ohci_iso_byte(iso, offset + i) = ohci_model_pattern(nr, i);
}

/* The CPU sees what was received, which has so much before it. */
static void ohci_iso_expect_data(struct ohci_iso *iso, unsigned int nr,
				 size_t before, size_t offset, size_t length)
{
	struct kunit *test = iso->test;
	size_t i;

	for (i = 0; i < length; i++)
		if (*ohci_iso_byte(iso, offset + i) !=
		    ohci_model_pattern(nr, before + i))
			break;
	KUNIT_EXPECT_EQ_MSG(test, i, length, "packet %u", nr);
}

/* One sync for each page of a payload */
static void ohci_iso_want(struct ohci_iso *iso, enum dma_model_call call,
			  size_t offset, size_t length)
{
	struct kunit *test = iso->test;
	struct page *page;
	size_t chunk;

	for (; length; length -= chunk, offset += chunk) {
		KUNIT_ASSERT_LT(test, (size_t)iso->nr_want,
				ARRAY_SIZE(iso->want));
		page = iso->buffer.pages[offset >> PAGE_SHIFT];
		chunk = min_t(size_t, length, PAGE_SIZE - offset_in_page(offset));
		iso->want[iso->nr_want++] = (struct dma_model_event) {
			call, page_private(page) + offset_in_page(offset),
			chunk, iso->buffer.direction,
		};
	}
}

/* That was all. */
static void ohci_iso_expect(struct ohci_iso *iso)
{
	dma_model_expect(iso->test, &iso->model->dma, iso->want, iso->nr_want);
	iso->nr_want = 0;
}

static void ohci_iso_expect_callbacks(struct ohci_iso *iso, unsigned int nr,
				      size_t headers_length)
{
	struct kunit *test = iso->test;

	KUNIT_EXPECT_EQ(test, iso->nr_callbacks, nr);
	KUNIT_EXPECT_EQ(test, iso->headers_length, headers_length);
	iso->nr_callbacks = 0;
	iso->headers_length = 0;
}

static int ohci_iso_try(struct ohci_iso *iso, size_t offset, size_t length,
			size_t header_length, bool interrupt)
{
	iso->packet.p = (struct fw_iso_packet) {
		.payload_length	= length,
		.interrupt	= interrupt,
		.skip		= iso->wait,
		.header_length	= header_length,
	};
	return fw_iso_context_queue(iso->ctx, &iso->packet.p, &iso->buffer,
				    offset);
}

/* The controller gets a payload. */
static void ohci_iso_queue(struct ohci_iso *iso, size_t offset, size_t length,
			   size_t header_length, bool interrupt)
{
	struct kunit *test = iso->test;

	KUNIT_ASSERT_EQ(test, ohci_iso_try(iso, offset, length, header_length,
					   interrupt), 0);
	ohci_iso_want(iso, DMA_MODEL_FOR_DEVICE, offset, length);
}

static void ohci_iso_start(struct ohci_iso *iso)
{
	struct kunit *test = iso->test;

	KUNIT_ASSERT_EQ(test, fw_iso_context_start(iso->ctx, -1, 0, 0xf), 0);
}

/* Let the driver know, if a descriptor says so. */
static void ohci_iso_interrupt(struct ohci_iso *iso)
{
	bool transmit = iso->ctx->type == FW_ISO_CONTEXT_TRANSMIT;
	u32 offset = transmit ? OHCI1394_IsoXmitIntEventSet :
		OHCI1394_IsoRecvIntEventSet;
	u32 *event = ohci_model_reg(iso->model, offset);
	u32 *mask = ohci_model_reg(iso->model, offset + 8);

	*event |= iso->irq;
	iso->irq = false;
	if (*event & *mask)
		ohci_model_interrupt(iso->model, transmit ? OHCI1394_isochTx :
				     OHCI1394_isochRx);
}

static void ohci_iso_flush(struct ohci_iso *iso)
{
	struct kunit *test = iso->test;

	KUNIT_EXPECT_EQ(test, fw_iso_context_flush_completions(iso->ctx), 0);
}

/* What the controller does */

static void ohci_iso_end_of_block(struct ohci_iso *iso, u32 last,
				  struct descriptor *d)
{
	iso->model->iso.begun = true;
	iso->model->iso.last = last;
	if (d->control & cpu_to_le16(DESCRIPTOR_IRQ_ALWAYS))
		iso->irq = true;
}

/* The sync field that the context was told to wait for */
static u8 ohci_iso_match_sync(struct ohci_iso *iso)
{
	u32 regs = iso->model->iso.regs;

	return (*ohci_model_reg(iso->model, CONTEXT_MATCH(regs)) >> 8) & 0xf;
}

/*
 * The n-th packet comes in, for a block of descriptors of its own.  It is
 * dropped if that waits for another sync field.
 */
static int ohci_iso_receive(struct ohci_iso *iso, unsigned int nr,
			    size_t length)
{
	struct ohci_model *model = iso->model;
	u8 *from = (u8 *)model->packet;
	struct descriptor d[OHCI_MODEL_BLOCK];
	int z, i, req, err = 0;
	size_t chunk;
	u32 addr;

	z = ohci_model_fetch(model, &model->iso, d, &addr);
	if (z < 0)
		return z;
	if (d[0].control & cpu_to_le16(DESCRIPTOR_WAIT) &&
	    iso->sync != ohci_iso_match_sync(iso))
		return 0;
	iso->cycle = nr;
	model->packet[0] = cpu_to_le32(iso->cycle);
	model->packet[1] = cpu_to_le32(length << 16 | OHCI_ISO_CHANNEL << 8 |
				       TCODE_STREAM_DATA << 4 | iso->sync);
	for (i = 0; i < length; i++)
		from[8 + i] = ohci_model_pattern(nr, i);
	length += 8;
	for (i = 0; i < z && length && !err; i++) {
		req = le16_to_cpu(d[i].req_count);
		chunk = min_t(size_t, req, length);
		err = dma_model_write(&model->dma,
				      le32_to_cpu(d[i].data_address), from,
				      chunk);
		if (!err)
			err = ohci_model_complete(model, addr + i * sizeof(*d),
						  req - chunk, 0x11);
		from += chunk;
		length -= chunk;
	}
	ohci_iso_end_of_block(iso, addr + (z - 1) * sizeof(*d), &d[z - 1]);
	return err;
}

static void ohci_iso_take(struct ohci_iso *iso, unsigned int nr, size_t length)
{
	struct kunit *test = iso->test;

	KUNIT_ASSERT_EQ(test, ohci_iso_receive(iso, nr, length), 0);
}

/* More of a stream, whose packets lie as close as they come */
static int ohci_iso_stream(struct ohci_iso *iso, size_t start, size_t length)
{
	struct ohci_model *model = iso->model;
	struct descriptor d[OHCI_MODEL_BLOCK];
	size_t i, chunk;
	u8 *from = (u8 *)model->packet;
	u32 addr;
	int err;

	for (i = 0; i < length; i++)
		from[i] = ohci_model_pattern(0, start + i);
	for (; length; length -= chunk, from += chunk) {
		if (!model->iso.begun || !iso->left) {
			err = ohci_model_fetch(model, &model->iso, d, &addr);
			if (err < 0)
				return err;
			iso->d = d[0];
			iso->left = le16_to_cpu(d[0].req_count);
			model->iso.begun = true;
			model->iso.last = addr;
		}
		chunk = min_t(size_t, iso->left, length);
		err = dma_model_write(&model->dma,
				      le32_to_cpu(iso->d.data_address) +
				      le16_to_cpu(iso->d.req_count) - iso->left,
				      from, chunk);
		if (err)
			return err;
		iso->left -= chunk;
		ohci_model_complete(model, model->iso.last, iso->left, 0x11);
		if (!iso->left)
			ohci_iso_end_of_block(iso, model->iso.last, &iso->d);
	}
	return 0;
}

static void ohci_iso_take_stream(struct ohci_iso *iso, size_t start,
				 size_t length)
{
	struct kunit *test = iso->test;

	KUNIT_ASSERT_EQ(test, ohci_iso_stream(iso, start, length), 0);
}

/* Transmit what is next. */
static int ohci_iso_transmit(struct ohci_iso *iso)
{
	struct ohci_model *model = iso->model;
	struct descriptor d[OHCI_MODEL_BLOCK];
	int z, i, last;
	size_t length;
	u32 addr;

	z = ohci_model_fetch(model, &model->iso, d, &addr);
	if (z < 0)
		return z;
	memset(model->header, 0, sizeof(model->header));
	if (z > 1)
		memcpy(model->header, &d[1], 8);
	model->payload_length = 0;
	for (i = 2; i < z; i++) {
		length = le16_to_cpu(d[i].req_count);
		if (model->payload_length + length > sizeof(model->payload) ||
		    dma_model_read(&model->dma, le32_to_cpu(d[i].data_address),
				   model->payload + model->payload_length,
				   length))
			return -EFAULT;
		model->payload_length += length;
	}
	/* An immediate descriptor takes the room of two. */
	last = z == 2 ? 0 : z - 1;
	addr += last * sizeof(*d);
	ohci_iso_end_of_block(iso, addr, &d[last]);
	return ohci_model_complete(model, addr, ++iso->cycle, 0x11);
}

/* It was this packet, with its header before the payload. */
static void ohci_iso_expect_sent(struct ohci_iso *iso, unsigned int nr,
				 size_t header_length, size_t length)
{
	struct ohci_model *model = iso->model;
	struct kunit *test = iso->test;
	size_t i;

	KUNIT_ASSERT_EQ(test, ohci_iso_transmit(iso), 0);
	KUNIT_EXPECT_EQ(test, (size_t)model->payload_length,
			header_length + length);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(model->header[1]) >> 16,
			(u32)(header_length + length));
	KUNIT_EXPECT_EQ(test, memcmp(model->payload, iso->packet.header,
				     header_length), 0);
	for (i = 0; i < length; i++)
		if (model->payload[header_length + i] !=
		    ohci_model_pattern(nr, i))
			break;
	KUNIT_EXPECT_EQ_MSG(test, i, length, "packet %u", nr);
}
