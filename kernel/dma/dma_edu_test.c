// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite that lets a device use the memory of dma_alloc_pages() and
 * dma_alloc_noncoherent().
 *
 * QEMU's "edu" PCI device copies between a DMA address and a buffer of its
 * own (docs/specs/edu in QEMU's source).  Bound to it, a test shows what no
 * look at the handle can: what the CPU wrote is what the device read, through
 * the real IOMMU if there is one, and back.  All that the device gets is the
 * DMA handle.
 *
 * QEMU has no caches, so each handover is also compared with what was asked of
 * them: just this memory, piece by piece, if the device is not coherent.
 */
#include <linux/delay.h>
#include <linux/dma-map-ops.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include "dma_test_util.h"

#define EDU_ID			0x00
#define EDU_ID_MASK		0x000000ff
#define EDU_ID_MAGIC		0x000000ed
#define EDU_DMA_SRC		0x80
#define EDU_DMA_DST		0x88
#define EDU_DMA_COUNT		0x90
#define EDU_DMA_CMD		0x98
#define EDU_DMA_RUN		BIT(0)
#define EDU_DMA_TO_RAM		BIT(1)

/* Where the device sees its own buffer. */
#define EDU_BUF			0x40000
#define EDU_BUF_SIZE		4096
/* Some versions of QEMU stop at a transfer that ends with the last byte. */
#define EDU_CHUNK		(EDU_BUF_SIZE / 2)

#define EDU_TIMEOUT_MS		5000

/* The device does not tell how many address lines it has. */
static unsigned int dma_bits = 28;
module_param(dma_bits, uint, 0444);
MODULE_PARM_DESC(dma_bits, "width of the device's addresses (dma_mask= of QEMU's edu), default 28");

static struct pci_dev *edu_pdev;
static void __iomem *edu_regs;

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int err;

	if (edu_pdev)
		return -EBUSY;
	if (dma_bits > BITS_PER_LONG)
		return -EINVAL;
	err = pcim_enable_device(pdev);
	if (err)
		return err;
	err = pcim_iomap_regions(pdev, BIT(0), "dma_edu_test");
	if (err)
		return err;
	/* Only the coherent mask is true: the memory must not obey the other. */
	err = dma_set_mask(&pdev->dev, DMA_BIT_MASK(64));
	if (!err)
		err = dma_set_coherent_mask(&pdev->dev, DMA_BIT_MASK(dma_bits));
	if (err)
		return err;

	edu_regs = pcim_iomap_table(pdev)[0];
	if ((readl(edu_regs + EDU_ID) & EDU_ID_MASK) != EDU_ID_MAGIC)
		return -ENODEV;

	pci_set_master(pdev);
	edu_pdev = pdev;
	return 0;
}

static void edu_remove(struct pci_dev *pdev)
{
	pci_clear_master(pdev);
	edu_pdev = NULL;
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{}
};

static struct pci_driver edu_driver = {
	.name		= "dma_edu_test",
	.id_table	= edu_ids,
	.probe		= edu_probe,
	.remove		= edu_remove,
};
builtin_pci_driver(edu_driver);

static void edu_write_address(u64 addr, unsigned int reg)
{
#ifdef CONFIG_64BIT
	writeq(addr, edu_regs + reg);
#else
	writel(addr, edu_regs + reg);
#endif
}

/* The device takes 100 ms for each transfer, however long. */
static int edu_transfer(u64 src, u64 dst, u32 len, u32 cmd)
{
	int ms;

	edu_write_address(src, EDU_DMA_SRC);
	edu_write_address(dst, EDU_DMA_DST);
	writel(len, edu_regs + EDU_DMA_COUNT);
	writel(EDU_DMA_RUN | cmd, edu_regs + EDU_DMA_CMD);

	for (ms = 0; ms < EDU_TIMEOUT_MS; ms += 20) {
		if (!(readl(edu_regs + EDU_DMA_CMD) & EDU_DMA_RUN))
			return 0;
		msleep(20);
	}
	return -ETIMEDOUT;
}

/* One allocation, as a test uses it; noncoherent memory has no page. */
struct edu_mem {
	struct page *page;
	u8 *vaddr;
	dma_addr_t handle;
	size_t size;
	enum dma_data_direction dir;
};

static void edu_alloc(struct kunit *test, struct edu_mem *mem, size_t size,
		      enum dma_data_direction dir)
{
	mem->size = size;
	mem->dir = dir;
	dma_test_record_syncs(&edu_pdev->dev);
	mem->page = dma_alloc_pages(&edu_pdev->dev, size, &mem->handle, dir,
				    GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mem->page);
	mem->vaddr = page_address(mem->page);
	dma_test_expect_syncs(test, mem->vaddr, PAGE_ALIGN(size),
			      DMA_TO_DEVICE, true);
	KUNIT_EXPECT_LE(test, (u64)mem->handle + size - 1,
			DMA_BIT_MASK(dma_bits));
}

/* Scattered, if the device's IOMMU can put pages in a row. */
static void edu_alloc_noncoherent(struct kunit *test, struct edu_mem *mem,
				  size_t size, enum dma_data_direction dir)
{
	const struct dma_map_ops *ops = get_dma_ops(&edu_pdev->dev);
	struct dma_test_row row;
	unsigned int pieces;

	mem->size = size;
	mem->dir = dir;
	mem->page = NULL;
	dma_test_scatter(test, &row);
	dma_test_record_syncs(&edu_pdev->dev);
	mem->vaddr = dma_alloc_noncoherent(&edu_pdev->dev, size, &mem->handle,
					   dir, GFP_KERNEL);
	dma_test_unscatter(&row);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mem->vaddr);
	dma_test_expect_syncs(test, mem->vaddr, PAGE_ALIGN(size),
			      DMA_TO_DEVICE, true);
	KUNIT_EXPECT_LE(test, (u64)mem->handle + size - 1,
			DMA_BIT_MASK(dma_bits));

	pieces = dma_test_nr_pieces(mem->vaddr, size);
	kunit_info(test, "%zu bytes in %u pieces\n", size, pieces);
	if (ops && ops->alloc_noncoherent)
		KUNIT_EXPECT_GT(test, pieces, 1u);
}

static void edu_free(struct edu_mem *mem)
{
	if (mem->page)
		dma_free_pages(&edu_pdev->dev, mem->size, mem->page,
			       mem->handle, mem->dir);
	else
		dma_free_noncoherent(&edu_pdev->dev, mem->size, mem->vaddr,
				     mem->handle, mem->dir);
}

static void edu_give_part(struct kunit *test, struct edu_mem *mem, size_t off,
			  size_t len)
{
	struct device *dev = &edu_pdev->dev;

	dma_test_record_syncs(dev);
	dma_sync_single_for_device(dev, mem->handle + off, len, mem->dir);
	dma_test_expect_syncs(test, mem->vaddr + off, len, mem->dir, true);
}

static void edu_take_part(struct kunit *test, struct edu_mem *mem, size_t off,
			  size_t len)
{
	struct device *dev = &edu_pdev->dev;

	dma_test_record_syncs(dev);
	dma_sync_single_for_cpu(dev, mem->handle + off, len, mem->dir);
	dma_test_expect_syncs(test, mem->vaddr + off, len, mem->dir, false);
}

static void edu_give(struct kunit *test, struct edu_mem *mem)
{
	edu_give_part(test, mem, 0, mem->size);
}

static void edu_take(struct kunit *test, struct edu_mem *mem)
{
	edu_take_part(test, mem, 0, mem->size);
}

/* No two bytes nearby are alike, and no two pages. */
static u8 edu_pattern(size_t i)
{
	return i * 7 + (i >> 8) * 13 + 1;
}

static void edu_fill(struct edu_mem *mem)
{
	size_t i;

	for (i = 0; i < mem->size; i++)
		mem->vaddr[i] = edu_pattern(i);
}

/*
 * Let the device read @len bytes at @from of @src into its buffer, and write
 * them to @to of @dst.
 */
static void edu_copy(struct kunit *test, struct edu_mem *src, size_t from,
		     struct edu_mem *dst, size_t to, size_t len)
{
	size_t done, n;

	for (done = 0; done < len; done += n) {
		n = min_t(size_t, len - done, EDU_CHUNK);
		KUNIT_ASSERT_EQ(test, 0,
				edu_transfer(src->handle + from + done,
					     EDU_BUF, n, 0));
		KUNIT_ASSERT_EQ(test, 0,
				edu_transfer(EDU_BUF, dst->handle + to + done,
					     n, EDU_DMA_TO_RAM));
	}
	kunit_info(test, "device read %zu bytes at %#llx, wrote %zu bytes at %#llx\n",
		   len, (u64)src->handle + from, len, (u64)dst->handle + to);
}

/* The pattern of @from on stands at @to, and all around it is still @rest. */
static void edu_check(struct kunit *test, struct edu_mem *dst, size_t to,
		      size_t from, size_t len, u8 rest)
{
	size_t i;

	for (i = 0; i < dst->size; i++) {
		u8 want = rest;

		if (i >= to && i < to + len)
			want = edu_pattern(from + i - to);
		if (dst->vaddr[i] == want)
			continue;
		KUNIT_FAIL(test, "byte %zu of %zu is %#x, not %#x",
			   i, dst->size, dst->vaddr[i], want);
		return;
	}
}

static void dma_edu_page(struct kunit *test)
{
	struct edu_mem src, dst;

	edu_alloc(test, &src, PAGE_SIZE, DMA_TO_DEVICE);
	edu_alloc(test, &dst, PAGE_SIZE, DMA_FROM_DEVICE);
	edu_fill(&src);
	edu_give(test, &src);
	edu_give(test, &dst);

	edu_copy(test, &src, 0, &dst, 0, PAGE_SIZE);

	edu_take(test, &dst);
	edu_check(test, &dst, 0, 0, PAGE_SIZE, 0);
	edu_free(&dst);
	edu_free(&src);
}

/* Odd offsets and lengths, up to the edges and across pages. */
static void dma_edu_parts(struct kunit *test)
{
	static const struct {
		size_t from, to, len;
	} parts[] = {
		{ 0, 0, 1 },
		{ 1, 3, 61 },
		{ 17, 4 * PAGE_SIZE - 5, 5 },
		{ PAGE_SIZE - 1, PAGE_SIZE + 1, 2 },
		{ 2 * PAGE_SIZE - 100, 3 * PAGE_SIZE - 50, 203 },
		{ 4 * PAGE_SIZE - 64, 0, 64 },
		{ PAGE_SIZE / 2, 2 * PAGE_SIZE - 1000, EDU_CHUNK },
	};
	struct edu_mem src, dst;
	int i;

	edu_alloc(test, &src, 4 * PAGE_SIZE, DMA_TO_DEVICE);
	edu_alloc(test, &dst, 4 * PAGE_SIZE, DMA_FROM_DEVICE);
	edu_fill(&src);
	edu_give(test, &src);

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		memset(dst.vaddr, 0x5a, dst.size);
		edu_give(test, &dst);
		edu_copy(test, &src, parts[i].from, &dst, parts[i].to,
			 parts[i].len);
		edu_take(test, &dst);
		edu_check(test, &dst, parts[i].to, parts[i].from, parts[i].len,
			  0x5a);
	}
	edu_free(&dst);
	edu_free(&src);
}

/* One allocation in both directions: the device copies its page 0 to page 1. */
static void dma_edu_bidirectional(struct kunit *test)
{
	struct edu_mem mem;
	size_t i;

	edu_alloc(test, &mem, 2 * PAGE_SIZE, DMA_BIDIRECTIONAL);
	edu_fill(&mem);
	edu_give(test, &mem);

	edu_copy(test, &mem, 0, &mem, PAGE_SIZE, PAGE_SIZE);

	edu_take(test, &mem);
	for (i = 0; i < PAGE_SIZE; i++) {
		if (mem.vaddr[i] == edu_pattern(i) &&
		    mem.vaddr[PAGE_SIZE + i] == edu_pattern(i))
			continue;
		KUNIT_FAIL(test, "byte %zu is %#x in page 0, %#x in page 1",
			   i, mem.vaddr[i], mem.vaddr[PAGE_SIZE + i]);
		break;
	}
	edu_free(&mem);
}

/* What the device writes few bytes into does not show its last owner's rest. */
static void dma_edu_short_write(struct kunit *test)
{
	struct edu_mem src, dst;

	edu_alloc(test, &dst, PAGE_SIZE, DMA_BIDIRECTIONAL);
	memset(dst.vaddr, 0xff, PAGE_SIZE);
	edu_give(test, &dst);
	edu_take(test, &dst);
	edu_free(&dst);

	edu_alloc(test, &src, PAGE_SIZE, DMA_TO_DEVICE);
	edu_alloc(test, &dst, PAGE_SIZE, DMA_FROM_DEVICE);
	edu_fill(&src);
	edu_give(test, &src);
	edu_give(test, &dst);
	edu_copy(test, &src, 0, &dst, 16, 4);
	edu_take(test, &dst);
	edu_check(test, &dst, 16, 0, 4, 0);
	edu_free(&dst);
	edu_free(&src);
}

/* The device goes from one piece to the next, and so do the CPU's views. */
static void dma_edu_noncoherent(struct kunit *test)
{
	size_t size = 4 * PAGE_SIZE;
	struct edu_mem src, dst;

	edu_alloc_noncoherent(test, &src, size, DMA_TO_DEVICE);
	edu_alloc_noncoherent(test, &dst, size, DMA_FROM_DEVICE);
	edu_fill(&src);
	edu_give(test, &src);
	edu_give(test, &dst);

	edu_copy(test, &src, 0, &dst, 0, size);

	edu_take(test, &dst);
	edu_check(test, &dst, 0, 0, size, 0);
	edu_free(&dst);
	edu_free(&src);
}

/* Parts that cross from piece to piece, and syncs of these parts alone. */
static void dma_edu_noncoherent_parts(struct kunit *test)
{
	static const struct {
		size_t from, to, len;
	} parts[] = {
		{ PAGE_SIZE - 1, 2 * PAGE_SIZE - 1, 2 },
		{ 2 * PAGE_SIZE - 100, PAGE_SIZE - 50, 203 },
		{ 3 * PAGE_SIZE - 700, 1, EDU_CHUNK },
		{ 0, 4 * PAGE_SIZE - 61, 61 },
	};
	struct edu_mem src, dst;
	int i;

	edu_alloc_noncoherent(test, &src, 4 * PAGE_SIZE, DMA_TO_DEVICE);
	edu_alloc_noncoherent(test, &dst, 4 * PAGE_SIZE, DMA_FROM_DEVICE);
	edu_fill(&src);

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		memset(dst.vaddr, 0x5a, dst.size);
		edu_give(test, &dst);
		edu_give_part(test, &src, parts[i].from, parts[i].len);
		edu_copy(test, &src, parts[i].from, &dst, parts[i].to,
			 parts[i].len);
		edu_take_part(test, &dst, parts[i].to, parts[i].len);
		edu_check(test, &dst, parts[i].to, parts[i].from, parts[i].len,
			  0x5a);
	}
	edu_free(&dst);
	edu_free(&src);
}

static int dma_edu_init(struct kunit *test)
{
	if (edu_pdev) {
		kunit_info(test, "the device is %scoherent\n",
			   dma_test_is_coherent(&edu_pdev->dev) ? "" : "not ");
		return 0;
	}
	kunit_err(test, "no edu device, or its probe failed: start QEMU with -device edu\n");
	return -ENODEV;
}

static struct kunit_case dma_edu_cases[] = {
	KUNIT_CASE(dma_edu_page),
	KUNIT_CASE(dma_edu_parts),
	KUNIT_CASE(dma_edu_bidirectional),
	KUNIT_CASE(dma_edu_short_write),
	KUNIT_CASE(dma_edu_noncoherent),
	KUNIT_CASE(dma_edu_noncoherent_parts),
	{}
};

static struct kunit_suite dma_edu_suite = {
	.name = "dma_edu",
	.init = dma_edu_init,
	.test_cases = dma_edu_cases,
};

kunit_test_suite(dma_edu_suite);
