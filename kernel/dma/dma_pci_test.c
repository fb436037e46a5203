// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite that lets a PCI device use the memory of dma_alloc_pages() and
 * dma_alloc_noncoherent(), on every machine that has PCI.
 *
 * The device is a virtio disk, as it is the only one that all of QEMU's buses
 * have.  It reads what is written to the disk from memory, and writes what is
 * read from the disk there.  The queue that tells it to is such memory as well.
 * With iommu_platform=on it uses the addresses of the bus, as any other device
 * does, so what the machine has for an IOMMU is what moves the data.
 *
 * QEMU has no caches, so each handover is also compared with what was asked of
 * them.
 */
#include <linux/delay.h>
#include <linux/dma-map-ops.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <uapi/linux/virtio_blk.h>
#include <uapi/linux/virtio_config.h>
#include <uapi/linux/virtio_pci.h>
#include <uapi/linux/virtio_ring.h>
#include "dma_test_copy.h"
#include "dma_test_util.h"

#define BLK_TIMEOUT_MS		5000
#define BLK_SECTOR		512
#define BLK_QUEUE_SIZE		4
#define BLK_FEATURES_HIGH	(BIT(VIRTIO_F_VERSION_1 - 32) | \
				 BIT(VIRTIO_F_ACCESS_PLATFORM - 32))

/* What each owner writes has cache lines of its own. */
struct blk_queue {
	struct vring_desc desc[BLK_QUEUE_SIZE];
	struct {
		__virtio16 flags;
		__virtio16 idx;
		__virtio16 ring[BLK_QUEUE_SIZE];
	} avail __aligned(512);
	struct virtio_blk_outhdr hdr;
	struct {
		__virtio16 flags;
		__virtio16 idx;
		vring_used_elem_t ring[BLK_QUEUE_SIZE];
	} used __aligned(512);
	u8 status;
} __aligned(512);

/* What every table but s390's takes, which has no addresses below 4 GiB. */
static unsigned int dma_bits = 32;
module_param(dma_bits, uint, 0444);
MODULE_PARM_DESC(dma_bits, "width of the addresses that the memory is to have, default 32");

static struct pci_dev *blk_pdev;
static struct virtio_pci_common_cfg __iomem *blk_cfg;
static void __iomem *blk_doorbell;
static u32 blk_doorbell_step;

/* Where a structure of the device is: its capability of this type knows. */
static void __iomem *blk_map(struct pci_dev *pdev, u8 type, int *pos)
{
	u32 offset, length;
	u8 found, bar;

	for (*pos = pci_find_capability(pdev, PCI_CAP_ID_VNDR); *pos;
	     *pos = pci_find_next_capability(pdev, *pos, PCI_CAP_ID_VNDR)) {
		pci_read_config_byte(pdev, *pos + VIRTIO_PCI_CAP_CFG_TYPE,
				     &found);
		if (found != type)
			continue;
		pci_read_config_byte(pdev, *pos + VIRTIO_PCI_CAP_BAR, &bar);
		pci_read_config_dword(pdev, *pos + VIRTIO_PCI_CAP_OFFSET,
				      &offset);
		pci_read_config_dword(pdev, *pos + VIRTIO_PCI_CAP_LENGTH,
				      &length);
		return pci_iomap_range(pdev, bar, offset, length);
	}
	return NULL;
}

static int blk_set_masks(struct pci_dev *pdev)
{
	if (dma_bits < 1 || dma_bits > 64)
		return -EINVAL;
	return dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(dma_bits));
}

/*
 * QEMU's firmware for parisc extends the sign of 64-bit BARs, which then are
 * outside of the bus and without an address.
 */
static int blk_assign_bars(struct pci_dev *pdev)
{
	int bar, err;

	for (bar = 0; bar < PCI_STD_NUM_BARS; bar++) {
		if (!(pdev->resource[bar].flags & IORESOURCE_UNSET))
			continue;
		err = pci_assign_resource(pdev, bar);
		if (err)
			return err;
	}
	return 0;
}

static int blk_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int err, pos;

	if (blk_pdev)
		return -EBUSY;
	err = blk_assign_bars(pdev);
	if (err)
		return err;
	err = pci_enable_device(pdev);
	if (err)
		return err;
	err = blk_set_masks(pdev);
	if (err)
		return err;
	blk_cfg = blk_map(pdev, VIRTIO_PCI_CAP_COMMON_CFG, &pos);
	blk_doorbell = blk_map(pdev, VIRTIO_PCI_CAP_NOTIFY_CFG, &pos);
	if (!blk_cfg || !blk_doorbell)
		return -ENODEV;
	pci_read_config_dword(pdev, pos + sizeof(struct virtio_pci_cap),
			      &blk_doorbell_step);
	pci_set_master(pdev);
	blk_pdev = pdev;
	return 0;
}

static const struct pci_device_id blk_ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_REDHAT_QUMRANET, 0x1001) },
	{ PCI_DEVICE(PCI_VENDOR_ID_REDHAT_QUMRANET, 0x1042) },
	{}
};

static struct pci_driver blk_driver = {
	.name		= "dma_pci_test",
	.id_table	= blk_ids,
	.probe		= blk_probe,
};
builtin_pci_driver(blk_driver);

/* What a case has: the queue, and how many requests it has seen. */
struct blk_test {
	struct dma_test_mem queue;
	u16 nr;
};

static __virtio16 blk_u16(u16 value)
{
	return (__force __virtio16)cpu_to_le16(value);
}

static void blk_write_address(u64 addr, __le32 __iomem *low,
			      __le32 __iomem *high)
{
	iowrite32(lower_32_bits(addr), low);
	iowrite32(upper_32_bits(addr), high);
}

static void blk_write_status(u8 status)
{
	iowrite8(status | ioread8(&blk_cfg->device_status),
		 &blk_cfg->device_status);
}

/* Bring the device from reset to where it takes requests. */
static int blk_start(struct kunit *test, dma_addr_t queue)
{
	u32 features;

	iowrite8(0, &blk_cfg->device_status);
	blk_write_status(VIRTIO_CONFIG_S_ACKNOWLEDGE);
	blk_write_status(VIRTIO_CONFIG_S_DRIVER);

	iowrite32(1, &blk_cfg->device_feature_select);
	features = ioread32(&blk_cfg->device_feature);
	if ((features & BLK_FEATURES_HIGH) != BLK_FEATURES_HIGH) {
		kunit_err(test, "features %#x: start QEMU with iommu_platform=on\n",
			  features);
		return -ENODEV;
	}
	iowrite32(0, &blk_cfg->guest_feature_select);
	iowrite32(0, &blk_cfg->guest_feature);
	iowrite32(1, &blk_cfg->guest_feature_select);
	iowrite32(BLK_FEATURES_HIGH, &blk_cfg->guest_feature);
	blk_write_status(VIRTIO_CONFIG_S_FEATURES_OK);

	iowrite16(0, &blk_cfg->queue_select);
	iowrite16(BLK_QUEUE_SIZE, &blk_cfg->queue_size);
	blk_write_address(queue + offsetof(struct blk_queue, desc),
			  &blk_cfg->queue_desc_lo, &blk_cfg->queue_desc_hi);
	blk_write_address(queue + offsetof(struct blk_queue, avail),
			  &blk_cfg->queue_avail_lo, &blk_cfg->queue_avail_hi);
	blk_write_address(queue + offsetof(struct blk_queue, used),
			  &blk_cfg->queue_used_lo, &blk_cfg->queue_used_hi);
	iowrite16(1, &blk_cfg->queue_enable);
	blk_write_status(VIRTIO_CONFIG_S_DRIVER_OK);
	return 0;
}

static void blk_describe(struct blk_queue *queue, unsigned int nr, u64 addr,
			 u32 len, u16 flags)
{
	queue->desc[nr] = (struct vring_desc) {
		.addr	= (__force __virtio64)cpu_to_le64(addr),
		.len	= (__force __virtio32)cpu_to_le32(len),
		.flags	= blk_u16(flags),
		.next	= blk_u16(nr + 1),
	};
}

/* Looking takes the memory, so it is given back as long as there is nothing. */
static bool blk_done(struct kunit *test, struct blk_test *blk)
{
	struct blk_queue *queue = (struct blk_queue *)blk->queue.vaddr;
	size_t off = offsetof(struct blk_queue, used);

	dma_test_take(test, &blk->queue, off, sizeof(*queue) - off);
	if (queue->used.idx == blk_u16(blk->nr))
		return true;
	dma_test_give(test, &blk->queue, off, sizeof(*queue) - off);
	return false;
}

/* Let the device read or write @len bytes at @addr, which it owns by now. */
static int blk_transfer(struct kunit *test, u32 type, dma_addr_t addr, u32 len)
{
	struct blk_test *blk = test->priv;
	struct blk_queue *queue = (struct blk_queue *)blk->queue.vaddr;
	dma_addr_t base = blk->queue.handle;
	u16 data = VRING_DESC_F_NEXT;
	int ms;

	if (type == VIRTIO_BLK_T_IN)
		data |= VRING_DESC_F_WRITE;
	queue->hdr = (struct virtio_blk_outhdr) {
		.type = (__force __virtio32)cpu_to_le32(type),
	};
	queue->status = 0xff;
	blk_describe(queue, 0, base + offsetof(struct blk_queue, hdr),
		     sizeof(queue->hdr), VRING_DESC_F_NEXT);
	blk_describe(queue, 1, addr, len, data);
	blk_describe(queue, 2, base + offsetof(struct blk_queue, status), 1,
		     VRING_DESC_F_WRITE);
	/* The ring is for the number of the first descriptor, which is 0. */
	queue->avail.idx = blk_u16(++blk->nr);

	dma_test_give(test, &blk->queue, 0, sizeof(*queue));
	iowrite16(0, blk_doorbell +
		  ioread16(&blk_cfg->queue_notify_off) * blk_doorbell_step);

	for (ms = 0; !blk_done(test, blk); ms++) {
		if (ms == BLK_TIMEOUT_MS)
			return -ETIMEDOUT;
		usleep_range(1000, 2000);
	}
	/* The rest is for the next request. */
	dma_test_take(test, &blk->queue, 0, offsetof(struct blk_queue, used));
	return queue->status == VIRTIO_BLK_S_OK ? 0 : -EIO;
}

static int blk_copy(struct kunit *test, struct dma_test_mem *src, size_t from,
		    struct dma_test_mem *dst, size_t to, size_t len)
{
	int err = blk_transfer(test, VIRTIO_BLK_T_OUT, src->handle + from, len);

	if (!err)
		err = blk_transfer(test, VIRTIO_BLK_T_IN, dst->handle + to,
				   len);
	return err ? err : len;
}

static struct dma_test_copier blk_copier = {
	.recorded = true,
	.copy = blk_copy,
};

/* Whole pages, then parts at odd places, up to the edges and across pages. */
static void blk_copy_parts(struct kunit *test, size_t size, bool pages)
{
	const struct dma_test_part parts[] = {
		{ 0, 0, size },
		{ 0, 1, BLK_SECTOR },
		{ 3, size - BLK_SECTOR, BLK_SECTOR },
		{ size - BLK_SECTOR, 17, BLK_SECTOR },
		{ size / 2 - 1, size / 2 - BLK_SECTOR + 1, BLK_SECTOR },
		{ size / 4 - 100, size / 4 - 50, 3 * BLK_SECTOR },
	};

	dma_test_copy_parts(test, &blk_copier, size, pages, parts,
			    ARRAY_SIZE(parts));
}

static void dma_pci_page(struct kunit *test)
{
	blk_copy_parts(test, PAGE_SIZE, true);
}

static void dma_pci_pages(struct kunit *test)
{
	blk_copy_parts(test, 8 * PAGE_SIZE, true);
}

/* Not a power of two: what is mapped is not what the page allocator has. */
static void dma_pci_odd_size(struct kunit *test)
{
	blk_copy_parts(test, 3 * PAGE_SIZE, true);
	blk_copy_parts(test, 2 * PAGE_SIZE + BLK_SECTOR, true);
}

static void dma_pci_noncoherent(struct kunit *test)
{
	blk_copy_parts(test, PAGE_SIZE, false);
	blk_copy_parts(test, 5 * PAGE_SIZE, false);
}

/* One allocation in both directions: the device copies its page 0 to page 1. */
static void dma_pci_bidirectional(struct kunit *test)
{
	struct dma_test_mem mem;
	int i;

	for (i = 0; i < 2; i++) {
		dma_test_alloc(test, &blk_copier, &mem, 2 * PAGE_SIZE,
			       DMA_BIDIRECTIONAL, i);
		dma_test_copy(test, &mem, 0, &mem, PAGE_SIZE, PAGE_SIZE);
		dma_test_free(&mem);
	}
}

/* Many at a time do not overlap: not in memory, and not for the device. */
static void dma_pci_many(struct kunit *test)
{
	struct dma_test_mem mem[32];
	int i, j;

	for (i = 0; i < ARRAY_SIZE(mem); i++)
		dma_test_alloc(test, &blk_copier, &mem[i],
			       (1 + i % 3) * PAGE_SIZE, DMA_BIDIRECTIONAL,
			       i & 1);
	for (i = 0; i < ARRAY_SIZE(mem); i++)
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_TRUE(test, mem[i].handle + mem[i].size <=
						mem[j].handle ||
						mem[j].handle + mem[j].size <=
						mem[i].handle);
	for (i = 0; i < ARRAY_SIZE(mem); i += 2) {
		dma_test_copy(test, &mem[i], 0, &mem[i + 1], 0, PAGE_SIZE);
		dma_test_free(&mem[i]);
		/* To the second page of the last one, which is a source, too. */
		dma_test_copy(test, &mem[i + 1], 0, &mem[ARRAY_SIZE(mem) - 1],
			      PAGE_SIZE, PAGE_SIZE);
	}
	for (i = 1; i < ARRAY_SIZE(mem); i += 2)
		dma_test_free(&mem[i]);
}

/*
 * The IOMMUs of alpha, powerpc, s390 and sparc64 have addresses for less than
 * 2 GiB under QEMU, so what is freed has to be used again.
 */
static void dma_pci_addresses(struct kunit *test)
{
	dma_test_use_again(test, &blk_copier, SZ_1G);
	blk_copy_parts(test, PAGE_SIZE, true);
}

static int blk_open(struct kunit *test)
{
	struct blk_test *blk = test->priv;

	blk->nr = 0;
	dma_test_alloc(test, &blk_copier, &blk->queue, sizeof(struct blk_queue),
		       DMA_BIDIRECTIONAL, true);
	return blk_start(test, blk->queue.handle);
}

/* Whatever the device was about to do, it does not after a reset. */
static void blk_close(struct kunit *test)
{
	struct blk_test *blk = test->priv;

	iowrite8(0, &blk_cfg->device_status);
	dma_test_free(&blk->queue);
}

/*
 * Some IOMMUs are bypassed for masks that are wide enough: for both of the
 * masks, or for one that is not the memory's.
 */
static void dma_pci_wide_masks(struct kunit *test)
{
	const unsigned int bits[] = { 64, dma_bits };
	struct device *dev = &blk_pdev->dev;
	int i;

	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		/* Not with memory allocated. */
		blk_close(test);
		if (dma_set_mask(dev, DMA_BIT_MASK(64)) ||
		    dma_set_coherent_mask(dev, DMA_BIT_MASK(bits[i]))) {
			kunit_info(test, "no masks of 64 and %u bits\n",
				   bits[i]);
			continue;
		}
		KUNIT_ASSERT_EQ(test, 0, blk_open(test));
		blk_copy_parts(test, 3 * PAGE_SIZE, true);
		blk_copy_parts(test, 3 * PAGE_SIZE, false);
	}
}

static int dma_pci_init(struct kunit *test)
{
	const struct dma_map_ops *ops;

	/* For the exit, which a failed init does not keep away. */
	test->priv = NULL;
	if (!blk_pdev) {
		kunit_err(test, "no virtio disk, or its probe failed: start QEMU with -device virtio-blk-pci\n");
		return -ENODEV;
	}
	ops = get_dma_ops(&blk_pdev->dev);
	if (ops)
		kunit_info(test, "the table has %ps, the device is %scoherent\n",
			   ops->map_page,
			   dma_test_is_coherent(&blk_pdev->dev) ? "" : "not ");
	else
		kunit_info(test, "no table: dma-direct, the device is %scoherent\n",
			   dma_test_is_coherent(&blk_pdev->dev) ? "" : "not ");

	blk_copier.dev = &blk_pdev->dev;
	test->priv = kunit_kzalloc(test, sizeof(struct blk_test), GFP_KERNEL);
	if (!test->priv)
		return -ENOMEM;
	return blk_open(test);
}

static void dma_pci_exit(struct kunit *test)
{
	if (!test->priv)
		return;
	blk_close(test);
	KUNIT_EXPECT_EQ(test, 0, blk_set_masks(blk_pdev));
}

static struct kunit_case dma_pci_cases[] = {
	KUNIT_CASE(dma_pci_page),
	KUNIT_CASE(dma_pci_pages),
	KUNIT_CASE(dma_pci_odd_size),
	KUNIT_CASE(dma_pci_noncoherent),
	KUNIT_CASE(dma_pci_bidirectional),
	KUNIT_CASE(dma_pci_many),
	KUNIT_CASE(dma_pci_addresses),
	KUNIT_CASE(dma_pci_wide_masks),
	{}
};

static struct kunit_suite dma_pci_suite = {
	.name = "dma_pci",
	.init = dma_pci_init,
	.exit = dma_pci_exit,
	.test_cases = dma_pci_cases,
};

kunit_test_suite(dma_pci_suite);
