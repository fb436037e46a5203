// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A model of an OHCI 1394 controller, for the KUnit suites of its driver.
 *
 * It is a PCI device on a bus of its own, so that the driver finds it by the
 * usual way.  Its registers are those that the driver uses.  The contexts walk
 * the descriptors that they are given, and touch memory by its DMA address
 * only: see dma-model.h.
 *
 * The view through which packets are read is a model, too, of the cache that
 * an alias has on some CPUs: a copy of the pages that nothing but invalidation
 * brings up to date.
 */
#include <linux/dma-model.h>
#include <linux/ioport.h>
#include <linux/irq.h>
#include <kunit/test.h>

#define OHCI_MODEL_BUS		0xf0
#define OHCI_MODEL_CONTEXTS	0xf
#define OHCI_MODEL_LOCAL	0xffc0
#define OHCI_MODEL_REMOTE	0xffc1
#define OHCI_MODEL_VIEW_PAGES	(AR_BUFFERS + AR_WRAPAROUND_PAGES)
#define OHCI_MODEL_VIEW_EVENTS	512
/* The largest block of descriptors that the driver has a use for here */
#define OHCI_MODEL_BLOCK	8

/* A context that receives: where it writes, and how much fits in there */
struct ohci_model_ar {
	u32		regs;
	u32		descriptor;
	unsigned int	left;
};

/* A context that takes blocks: which descriptor was the last, if any was */
struct ohci_model_at {
	u32		regs;
	u32		last;
	bool		begun;
};

struct ohci_model_view {
	struct page	*pages[OHCI_MODEL_VIEW_PAGES];
	u8		*vaddr;
};

/* What was asked for a view, and after how many calls of the DMA API */
struct ohci_model_view_event {
	bool		flush;
	void		*vaddr;
	int		size;
	unsigned int	when;
};

struct ohci_model {
	struct dma_model		dma;
	struct pci_bus			*bus;
	struct pci_dev			*pdev;
	struct fw_ohci			*ohci;
	struct resource			*mmio;
	int				irq;
	u8				config[256];

	/* Protects the registers. */
	spinlock_t			lock;
	u32				regs[OHCI1394_REGISTER_SIZE / 4];
	u8				phy[16];
	/* Breaks the link, or the view, of the next probe. */
	bool				no_link, no_view;

	struct ohci_model_ar		ar_request, ar_response;
	struct ohci_model_at		at_request, at_response;
	/* An isochronous one, either way: the suite says which */
	struct ohci_model_at		iso;
	/* Leave out the status of a buffer within a packet, as is allowed. */
	bool				lazy;

	struct ohci_model_view		views[3];
	struct ohci_model_view_event	view_events[OHCI_MODEL_VIEW_EVENTS];
	unsigned int			nr_view_events;

	/* The last packet that was transmitted */
	__le32				header[4];
	u8				payload[MAX_ASYNC_PAYLOAD];
	unsigned int			payload_length;

	/* Packets to the driver, and what became of them */
	struct fw_address_handler	handler;
	__le32				packet[MAX_AR_PACKET_SIZE / 4];
	unsigned int			nr_sent, nr_received, nr_wrong;
};

static struct ohci_model *ohci_model;

static bool ohci_is_model(const struct fw_ohci *ohci)
{
	return ohci_model && ohci && ohci_model->pdev &&
		ohci->card.device == &ohci_model->pdev->dev;
}

/* Registers */

static u32 *ohci_model_reg(struct ohci_model *model, u32 offset)
{
	return &model->regs[offset / 4];
}

/* Is it one of two that set and clear the bits of one register? */
static bool ohci_model_is_pair(u32 offset)
{
	offset &= ~4;
	if (offset < 0x180)
		return offset == OHCI1394_HCControlSet ||
			offset == OHCI1394_LinkControlSet ||
			(offset >= OHCI1394_IRMultiChanMaskHiSet &&
			 offset <= OHCI1394_IsoRecvIntMaskSet) ||
			(offset >= OHCI1394_AsReqFilterHiSet &&
			 offset <= OHCI1394_PhyReqFilterLoSet);
	if (offset >= OHCI1394_IsoXmitContextBase(0) &&
	    offset < OHCI1394_IsoRcvContextBase(0))
		return !(offset & 0xf);
	return !(offset & 0x1f);
}

/* Which bits of a register are there to be set? */
static u32 ohci_model_writable(struct ohci_model *model, u32 offset)
{
	switch (offset) {
	case OHCI1394_HCControlSet:
		return model->no_link ? ~OHCI1394_HCControl_LPS : ~0;
	case OHCI1394_IsoXmitIntMaskSet:
	case OHCI1394_IsoRecvIntMaskSet:
		return OHCI_MODEL_CONTEXTS;
	default:
		return ~0;
	}
}

static void ohci_model_run(struct ohci_model *model, u32 regs)
{
	u32 start = *ohci_model_reg(model, COMMAND_PTR(regs));

	if (regs == model->ar_request.regs) {
		model->ar_request.descriptor = start & ~0xf;
		model->ar_request.left = PAGE_SIZE;
	} else if (regs == model->ar_response.regs) {
		model->ar_response.descriptor = start & ~0xf;
		model->ar_response.left = PAGE_SIZE;
	} else if (regs == model->at_request.regs) {
		model->at_request.begun = false;
	} else if (regs == model->at_response.regs) {
		model->at_response.begun = false;
	} else if (regs == model->iso.regs) {
		model->iso.begun = false;
	}
}

static void ohci_model_phy(struct ohci_model *model, u32 data)
{
	u32 *reg = ohci_model_reg(model, OHCI1394_PhyControl);
	unsigned int addr = (data >> 8) & 0xf;

	if (data & OHCI1394_PhyControl_WritePending)
		model->phy[addr] = data;
	*reg = OHCI1394_PhyControl_ReadDone | model->phy[addr] << 16;
}

static void ohci_model_set(struct ohci_model *model, u32 offset, u32 data)
{
	u32 *reg = ohci_model_reg(model, offset);
	bool ran = *reg & CONTEXT_RUN;

	if (offset == OHCI1394_HCControlSet &&
	    data & OHCI1394_HCControl_softReset) {
		memset(model->regs, 0, sizeof(model->regs));
		return;
	}
	*reg |= data & ohci_model_writable(model, offset);
	if (offset >= 0x180 && !ran && data & CONTEXT_RUN)
		ohci_model_run(model, offset);
}

static void ohci_writel(const struct fw_ohci *ohci, int offset, u32 data)
{
	struct ohci_model *model = ohci_model;
	unsigned long flags;

	if (!ohci_is_model(ohci)) {
		writel(data, ohci->registers + offset);
		return;
	}
	spin_lock_irqsave(&model->lock, flags);
	if (offset == OHCI1394_PhyControl)
		ohci_model_phy(model, data);
	else if (!ohci_model_is_pair(offset))
		*ohci_model_reg(model, offset) = data;
	else if (offset & 4)
		*ohci_model_reg(model, offset & ~4) &= ~data;
	else
		ohci_model_set(model, offset, data);
	spin_unlock_irqrestore(&model->lock, flags);
}

static u32 ohci_readl(const struct fw_ohci *ohci, int offset)
{
	struct ohci_model *model = ohci_model;

	if (!ohci_is_model(ohci))
		return readl(ohci->registers + offset);

	switch (offset) {
	case OHCI1394_Version:
		return OHCI_VERSION_1_1;
	case OHCI1394_CSRControl:
		return 0x80000000;
	case OHCI1394_IntEventClear:
		return *ohci_model_reg(model, OHCI1394_IntEventSet) &
			*ohci_model_reg(model, OHCI1394_IntMaskSet);
	}
	if (ohci_model_is_pair(offset))
		offset &= ~4;
	return *ohci_model_reg(model, offset);
}

/* Let the driver handle an event, tasklets included. */
static void ohci_model_interrupt(struct ohci_model *model, u32 event)
{
	u32 mask = *ohci_model_reg(model, OHCI1394_IntMaskSet);
	unsigned long flags;

	*ohci_model_reg(model, OHCI1394_IntEventSet) |= event;
	if (!(mask & OHCI1394_masterIntEnable) || !(mask & event))
		return;
	local_bh_disable();
	local_irq_save(flags);
	generic_handle_irq(model->irq);
	local_irq_restore(flags);
	local_bh_enable();
}

/* The view of the buffers for received packets */

static void *ohci_vmap(const struct fw_ohci *ohci, struct page **pages,
		       unsigned int count)
{
	struct ohci_model_view *view = ohci_model->views;

	if (!ohci_is_model(ohci))
		return vmap(pages, count, VM_MAP, PAGE_KERNEL);
	if (ohci_model->no_view || count != OHCI_MODEL_VIEW_PAGES)
		return NULL;
	while (view->vaddr)
		view++;
	view->vaddr = vzalloc(count * PAGE_SIZE);
	memcpy(view->pages, pages, sizeof(view->pages));
	return view->vaddr;
}

static struct ohci_model_view *ohci_model_find_view(void *vaddr)
{
	struct ohci_model_view *view;

	for (view = ohci_model->views; ; view++)
		if (view->vaddr && (u8 *)vaddr >= view->vaddr &&
		    (u8 *)vaddr < view->vaddr +
				  OHCI_MODEL_VIEW_PAGES * PAGE_SIZE)
			return view;
}

static void ohci_vunmap(const struct fw_ohci *ohci, void *vaddr)
{
	if (!ohci_is_model(ohci) || !vaddr) {
		vunmap(vaddr);
		return;
	}
	ohci_model_find_view(vaddr)->vaddr = NULL;
	vfree(vaddr);
}

static void ohci_model_add_view_event(bool flush, void *vaddr, int size)
{
	struct ohci_model *model = ohci_model;

	if (model->nr_view_events < OHCI_MODEL_VIEW_EVENTS)
		model->view_events[model->nr_view_events] =
			(struct ohci_model_view_event) {
				flush, vaddr, size, model->dma.nr_events,
			};
	model->nr_view_events++;
}

/* The driver only reads: there is nothing to write back. */
static void ohci_flush_vmap(const struct fw_ohci *ohci, void *vaddr, int size)
{
	if (ohci_is_model(ohci))
		ohci_model_add_view_event(true, vaddr, size);
	else
		flush_kernel_vmap_range(vaddr, size);
}

static void ohci_invalidate_vmap(const struct fw_ohci *ohci, void *vaddr,
				 int size)
{
	struct ohci_model_view *view;
	unsigned int page;

	if (!ohci_is_model(ohci)) {
		invalidate_kernel_vmap_range(vaddr, size);
		return;
	}
	ohci_model_add_view_event(false, vaddr, size);
	view = ohci_model_find_view(vaddr);
	page = ((u8 *)vaddr - view->vaddr) / PAGE_SIZE;
	memcpy(vaddr, page_address(view->pages[page]) + offset_in_page(vaddr),
	       size);
}

static void ohci_model_clear_events(struct ohci_model *model)
{
	dma_model_clear_events(&model->dma);
	model->nr_view_events = 0;
}

/* Contexts */

/* The status of a context, as it is written to descriptors */
static int ohci_model_complete(struct ohci_model *model, u32 descriptor,
			       u16 res_count, u8 evt)
{
	__le16 status[2] = {
		cpu_to_le16(res_count),
		cpu_to_le16(CONTEXT_RUN | CONTEXT_ACTIVE | evt),
	};

	return dma_model_write(&model->dma, descriptor +
			       offsetof(struct descriptor, res_count),
			       status, sizeof(status));
}

static int ohci_model_next_buffer(struct ohci_model *model,
				  struct ohci_model_ar *ar, bool first)
{
	struct descriptor d;
	u32 branch;

	if (dma_model_read(&model->dma, ar->descriptor, &d, sizeof(d)))
		return -EFAULT;
	branch = le32_to_cpu(d.branch_address);
	if (!(branch & 0xf))
		return -ENOSPC;
	if (first || !model->lazy)
		ohci_model_complete(model, ar->descriptor, 0, 0x11);
	ar->descriptor = branch & ~0xf;
	if (dma_model_read(&model->dma, ar->descriptor, &d, sizeof(d)))
		return -EFAULT;
	ar->left = le16_to_cpu(d.req_count);
	return 0;
}

/* A packet comes in, with all that the controller puts around it. */
static int ohci_model_receive(struct ohci_model *model,
			      struct ohci_model_ar *ar, const void *packet,
			      size_t len)
{
	const void *from = packet;
	struct descriptor d;
	size_t chunk;
	int err;

	if (!(*ohci_model_reg(model, ar->regs) & CONTEXT_RUN))
		return -EINVAL;
	for (; len; len -= chunk, from += chunk) {
		if (!ar->left) {
			err = ohci_model_next_buffer(model, ar,
						     from - packet <= PAGE_SIZE);
			if (err)
				return err;
		}
		err = dma_model_read(&model->dma, ar->descriptor, &d,
				     sizeof(d));
		if (err)
			return err;
		chunk = min_t(size_t, ar->left, len);
		err = dma_model_write(&model->dma,
				      le32_to_cpu(d.data_address) +
				      le16_to_cpu(d.req_count) - ar->left,
				      from, chunk);
		if (err)
			return err;
		ar->left -= chunk;
	}
	return ohci_model_complete(model, ar->descriptor, ar->left, 0x11);
}

/* Read the next block of descriptors.  Returns how many there are in it. */
static int ohci_model_fetch(struct ohci_model *model, struct ohci_model_at *at,
			    struct descriptor d[OHCI_MODEL_BLOCK], u32 *addr)
{
	u32 next = *ohci_model_reg(model, COMMAND_PTR(at->regs));
	unsigned int z;

	if (!(*ohci_model_reg(model, at->regs) & CONTEXT_RUN))
		return -EINVAL;
	if (at->begun) {
		if (dma_model_read(&model->dma, at->last, d, sizeof(d[0])))
			return -EFAULT;
		next = le32_to_cpu(d[0].branch_address);
	}
	z = next & 0xf;
	*addr = next & ~0xf;
	if (!z)
		return -ENOENT;
	if (z > OHCI_MODEL_BLOCK ||
	    dma_model_read(&model->dma, *addr, d, z * sizeof(d[0])))
		return -EFAULT;
	return z;
}

/*
 * Transmit the next packet of a context, and complete it with an event.
 * Returns 0 if there was one.
 */
static int ohci_model_transmit(struct ohci_model *model,
			       struct ohci_model_at *at, u8 evt)
{
	struct descriptor d[OHCI_MODEL_BLOCK];
	u32 next;
	int z;

	z = ohci_model_fetch(model, at, d, &next);
	if (z < 0)
		return z;
	if (z < 2 || z > 3)
		return -EFAULT;

	memcpy(model->header, &d[1], sizeof(model->header));
	model->payload_length = z == 3 ? le16_to_cpu(d[2].req_count) : 0;
	if (model->payload_length > sizeof(model->payload) ||
	    (z == 3 && dma_model_read(&model->dma,
				      le32_to_cpu(d[2].data_address),
				      model->payload, model->payload_length)))
		return -EFAULT;

	at->begun = true;
	at->last = next + (z == 3 ? 2 : 0) * sizeof(d[0]);
	return ohci_model_complete(model, at->last, 0, evt);
}

/* Packets to the driver: the n-th has the n-th pattern. */

static u8 ohci_model_pattern(unsigned int nr, size_t i)
{
	return nr * 89 + i * 7 + (i >> 8) + 1;
}

static void ohci_model_request(struct fw_card *card, struct fw_request *request,
			       int tcode, int destination, int source,
			       int generation, unsigned long long offset,
			       void *data, size_t length, void *callback_data)
{
	struct ohci_model *model = callback_data;
	size_t i;

	for (i = 0; i < length; i++)
		if (((u8 *)data)[i] !=
		    ohci_model_pattern(model->nr_received, i))
			break;
	if (i < length)
		model->nr_wrong++;
	model->nr_received++;
	fw_send_response(card, request, RCODE_COMPLETE);
}

/* How much of a buffer a request to write takes */
static size_t ohci_model_packet_size(size_t length)
{
	return 16 + ALIGN(length, 4) + 4;
}

/* Another node writes to this one. */
static int ohci_model_send(struct ohci_model *model, size_t length)
{
	size_t size = ohci_model_packet_size(length), i;
	u64 offset = model->handler.offset;

	memset(model->packet, 0, size);
	model->packet[0] = cpu_to_le32(OHCI_MODEL_LOCAL << 16 |
				       TCODE_WRITE_BLOCK_REQUEST << 4);
	model->packet[1] = cpu_to_le32(OHCI_MODEL_REMOTE << 16 | offset >> 32);
	model->packet[2] = cpu_to_le32(offset);
	model->packet[3] = cpu_to_le32(length << 16);
	for (i = 0; i < length; i++)
		((u8 *)&model->packet[4])[i] =
			ohci_model_pattern(model->nr_sent, i);
	model->packet[size / 4 - 1] = cpu_to_le32((ACK_COMPLETE + 16) << 16);
	model->nr_sent++;
	return ohci_model_receive(model, &model->ar_request, model->packet,
				  size);
}

/* The PCI device */

/* What each arch has here: all zeros are domain 0 and nothing else. */
static unsigned long ohci_model_sysdata[64];

static int ohci_model_config_read(struct pci_bus *bus, unsigned int devfn,
				  int where, int size, u32 *val)
{
	*val = ~0;
	if (devfn || where + size > sizeof(ohci_model->config))
		return PCIBIOS_DEVICE_NOT_FOUND;
	for (*val = 0; size--; )
		*val = *val << 8 | ohci_model->config[where + size];
	return PCIBIOS_SUCCESSFUL;
}

static int ohci_model_config_write(struct pci_bus *bus, unsigned int devfn,
				   int where, int size, u32 val)
{
	if (devfn)
		return PCIBIOS_DEVICE_NOT_FOUND;
	if (where == PCI_COMMAND)
		ohci_model->config[where] = val;
	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops ohci_model_pci_ops = {
	.read	= ohci_model_config_read,
	.write	= ohci_model_config_write,
};

static int ohci_model_add_irq(struct ohci_model *model)
{
	model->irq = irq_alloc_desc_from(64, NUMA_NO_NODE);
	if (model->irq < 0)
		return model->irq;
	irq_set_chip_and_handler(model->irq, &dummy_irq_chip,
				 handle_simple_irq);
	irq_clear_status_flags(model->irq, IRQ_NOREQUEST);
	return 0;
}

/* The core sees no BAR: registers that no one maps can lie anywhere. */
static int ohci_model_add_mmio(struct ohci_model *model)
{
	struct resource *res = &model->pdev->resource[0];

	res->name = pci_name(model->pdev);
	res->flags = IORESOURCE_MEM;
	return allocate_resource(&iomem_resource, res, PAGE_SIZE, 0x10000000,
				 0xffffffff, PAGE_SIZE, NULL, NULL);
}

static void ohci_model_init(struct ohci_model *model)
{
	static const u8 config[] = {
		/* Agere FW323: no quirks. A device of IEEE 1394, with OHCI */
		0xc1, 0x11, 0x11, 0x58, 0, 0, 0, 0, 0, 0x10, 0x00, 0x0c,
	};

	memcpy(model->config, config, sizeof(config));
	spin_lock_init(&model->lock);
	model->ar_request.regs = OHCI1394_AsReqRcvContextControlSet;
	model->ar_response.regs = OHCI1394_AsRspRcvContextControlSet;
	model->at_request.regs = OHCI1394_AsReqTrContextControlSet;
	model->at_response.regs = OHCI1394_AsRspTrContextControlSet;
	model->handler.length = MAX_ASYNC_PAYLOAD;
	model->handler.address_callback = ohci_model_request;
	model->handler.callback_data = model;
}

/* A device that no driver has seen yet */
static struct ohci_model *ohci_model_create(struct kunit *test)
{
	struct ohci_model *model = kzalloc(sizeof(*model), GFP_KERNEL);
	LIST_HEAD(resources);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, model);
	test->priv = model;
	ohci_model = model;
	ohci_model_init(model);
	KUNIT_ASSERT_EQ(test, ohci_model_add_irq(model), 0);

	pci_lock_rescan_remove();
	model->bus = pci_create_root_bus(NULL, OHCI_MODEL_BUS,
					 &ohci_model_pci_ops,
					 ohci_model_sysdata, &resources);
	if (model->bus)
		model->pdev = pci_scan_single_device(model->bus, 0);
	pci_unlock_rescan_remove();
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, model->bus);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, model->pdev);

	model->pdev->irq = model->irq;
	KUNIT_ASSERT_EQ(test, ohci_model_add_mmio(model), 0);
	dma_model_attach(&model->dma, &model->pdev->dev);
	KUNIT_ASSERT_EQ(test,
			fw_core_add_address_handler(&model->handler,
						    &fw_high_memory_region),
			0);
	return model;
}

/* In place of what the core does on its own when there was a bus reset */
static void ohci_model_br_work(struct work_struct *work)
{
	fw_card_put(container_of(work, struct fw_card, br_work.work));
}

static void ohci_model_bm_work(struct work_struct *work)
{
	fw_card_put(container_of(work, struct fw_card, bm_work.work));
}

/* Let the driver find the device; 0 if it took it. */
static int ohci_model_probe(struct ohci_model *model)
{
	struct fw_card *card;

	model->ohci = NULL;
	model->pdev->match_driver = true;
	if (device_attach(&model->pdev->dev) != 1)
		return -ENODEV;
	model->ohci = pci_get_drvdata(model->pdev);
	card = &model->ohci->card;
	if (cancel_delayed_work_sync(&card->br_work))
		fw_card_put(card);
	INIT_DELAYED_WORK(&card->br_work, ohci_model_br_work);
	INIT_DELAYED_WORK(&card->bm_work, ohci_model_bm_work);
	return 0;
}

static void ohci_model_remove(struct ohci_model *model)
{
	device_release_driver(&model->pdev->dev);
	model->ohci = NULL;
}

/* Nothing was touched that must not be, nor lost. */
static void ohci_model_expect_clean(struct kunit *test,
				    struct ohci_model *model)
{
	KUNIT_EXPECT_EQ(test, model->dma.nr_bad, 0u);
	KUNIT_EXPECT_EQ(test, model->dma.nr_unowned, 0u);
	KUNIT_EXPECT_EQ(test, model->dma.nr_stray, 0u);
	KUNIT_EXPECT_EQ(test, model->dma.nr_lost, 0u);
	KUNIT_EXPECT_LE(test, model->nr_view_events,
			(unsigned int)OHCI_MODEL_VIEW_EVENTS);
	model->dma.nr_bad = 0;
	model->dma.nr_unowned = 0;
	model->dma.nr_stray = 0;
	model->dma.nr_lost = 0;
}

static void ohci_model_exit(struct kunit *test)
{
	struct ohci_model *model = test->priv;

	if (!model)
		return;
	if (model->dma.dev) {
		ohci_model_remove(model);
		ohci_model_expect_clean(test, model);
		KUNIT_EXPECT_EQ(test, dma_model_detach(&model->dma), 0u);
		fw_core_remove_address_handler(&model->handler);
		release_resource(&model->pdev->resource[0]);
	}
	if (model->bus) {
		pci_lock_rescan_remove();
		pci_stop_root_bus(model->bus);
		pci_remove_root_bus(model->bus);
		pci_unlock_rescan_remove();
	}
	if (model->irq > 0)
		irq_free_desc(model->irq);
	ohci_model = NULL;
	kfree(model);
}
