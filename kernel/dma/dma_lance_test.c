// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite that lets the network chip of a SPARCstation use the memory of
 * dma_alloc_pages() and dma_alloc_noncoherent(), behind the IOMMU of its SBus.
 *
 * The LANCE is in loopback: it reads a frame from memory, sends it nowhere, and
 * writes it to other memory, with a checksum behind it.  What it has to know
 * for that, a block and a ring of one descriptor each way, is such memory, too.
 * It has 24 bits of address, and the DMA controller beside it has the others.
 *
 * QEMU has no caches, and the operations of the SBus have no record of what is
 * asked of them, so a sync that is missing is not noticed here.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/mm.h>
#include <linux/of.h>
#include <linux/of_device.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <asm/dma.h>
#include <kunit/test.h>
#include "dma_test_copy.h"

#define LE_TIMEOUT_US		1000000
#define LE_SIZE			4
#define LE_RDP			0
#define LE_RAP			2

#define LE_CSR0_RINT		BIT(10)
#define LE_CSR0_TINT		BIT(9)
#define LE_CSR0_IDON		BIT(8)
#define LE_CSR0_TDMD		BIT(3)
#define LE_CSR0_STOP		BIT(2)
#define LE_CSR0_STRT		BIT(1)
#define LE_CSR0_INIT		BIT(0)
/* Bytes in the order of the CPU, and how the chip is wired to the board */
#define LE_CSR3_BOARD		7

#define LE_MODE_PROMISCUOUS	BIT(15)
#define LE_MODE_LOOPBACK	BIT(2)

#define LE_OWN			BIT(7)
#define LE_ERROR		BIT(6)
/* The first and the last buffer of the frame */
#define LE_WHOLE		(BIT(1) | BIT(0))
/* Lengths are negative, in 12 bits below four ones. */
#define LE_LENGTH(len)		(-(len) | 0xf000)
#define LE_CRC			4

struct le_desc {
	u16 addr;
	u8 bits;
	u8 addr_high;
	u16 length;
	u16 received;
};

struct le_block {
	u16 mode;
	u8 mac[6];
	u16 filter[4];
	u16 rx_ring;
	u16 rx_ring_high;
	u16 tx_ring;
	u16 tx_ring_high;
	struct le_desc rx __aligned(8);
	struct le_desc tx __aligned(8);
};

static struct platform_device *le_pdev;
static void __iomem *le_regs, *le_dma_regs;
/* What the chip is told in a case */
static struct dma_test_mem le_told;

static void le_write(unsigned int csr, u16 value)
{
	sbus_writew(csr, le_regs + LE_RAP);
	sbus_writew(value, le_regs + LE_RDP);
}

static u16 le_read(unsigned int csr)
{
	sbus_writew(csr, le_regs + LE_RAP);
	return sbus_readw(le_regs + LE_RDP);
}

static int le_wait(u16 bit)
{
	u16 value;

	return read_poll_timeout(le_read, value, value & bit, 100,
				 LE_TIMEOUT_US, false, 0);
}

static int le_probe(struct platform_device *pdev)
{
	struct platform_device *parent = to_platform_device(pdev->dev.parent);

	if (le_pdev || !of_node_name_eq(parent->dev.of_node, "ledma"))
		return -ENODEV;
	le_regs = of_ioremap(&pdev->resource[0], 0, LE_SIZE, "dma_lance_test");
	le_dma_regs = of_ioremap(&parent->resource[0], 0,
				 resource_size(&parent->resource[0]),
				 "dma_lance_test");
	if (!le_regs || !le_dma_regs)
		return -ENOMEM;
	le_pdev = pdev;
	return 0;
}

static const struct of_device_id le_ids[] = {
	{ .name = "le" },
	{}
};

static struct platform_driver le_driver = {
	.driver = {
		.name		= "dma_lance_test",
		.of_match_table	= le_ids,
	},
	.probe = le_probe,
};
builtin_platform_driver(le_driver);

/* The chip does not see all of an address: the rest has to be the same. */
static void le_describe(struct kunit *test, struct le_desc *desc,
			dma_addr_t addr, size_t len, u8 bits)
{
	KUNIT_EXPECT_EQ(test, addr >> 24, le_told.handle >> 24);
	KUNIT_EXPECT_EQ(test, (addr + len - 1) >> 24, le_told.handle >> 24);
	desc->addr = addr;
	desc->addr_high = addr >> 16;
	desc->length = LE_LENGTH(len);
	desc->received = 0;
	/* It looks at the ring whenever it likes to. */
	wmb();
	WRITE_ONCE(desc->bits, LE_OWN | bits);
}

/* Bring the chip from reset to where it looks at its rings. */
static int le_start(struct kunit *test)
{
	struct le_block *block = (struct le_block *)le_told.vaddr;
	dma_addr_t rx = le_told.handle + offsetof(struct le_block, rx);
	dma_addr_t tx = le_told.handle + offsetof(struct le_block, tx);
	int err;

	block->mode = LE_MODE_PROMISCUOUS | LE_MODE_LOOPBACK;
	block->rx_ring = rx;
	block->rx_ring_high = (rx >> 16) & 0xff;
	block->tx_ring = tx;
	block->tx_ring_high = (tx >> 16) & 0xff;
	dma_test_give(test, &le_told, 0, sizeof(*block));

	sbus_writel(DMA_RST_ENET, le_dma_regs + DMA_CSR);
	usleep_range(200, 400);
	sbus_writel(0, le_dma_regs + DMA_CSR);
	sbus_writel(le_told.handle & 0xff000000, le_dma_regs + DMA_TEST);

	le_write(0, LE_CSR0_STOP);
	le_write(1, le_told.handle);
	le_write(2, (le_told.handle >> 16) & 0xff);
	le_write(3, LE_CSR3_BOARD);
	le_write(0, LE_CSR0_INIT);
	err = le_wait(LE_CSR0_IDON);
	if (!err)
		le_write(0, LE_CSR0_IDON | LE_CSR0_STRT);
	dma_test_take(test, &le_told, 0, sizeof(*block));
	return err;
}

/* Let the chip move a frame. */
static int le_copy(struct kunit *test, struct dma_test_mem *src, size_t from,
		   struct dma_test_mem *dst, size_t to, size_t len)
{
	struct le_block *block = (struct le_block *)le_told.vaddr;
	int err;

	/* Where the frame goes to has to be there first. */
	le_describe(test, &block->rx, dst->handle + to, len + LE_CRC, 0);
	le_describe(test, &block->tx, src->handle + from, len, LE_WHOLE);
	dma_test_give(test, &le_told, 0, sizeof(*block));
	le_write(0, LE_CSR0_TDMD);
	err = le_wait(LE_CSR0_RINT);
	le_write(0, LE_CSR0_RINT | LE_CSR0_TINT);
	dma_test_take(test, &le_told, 0, sizeof(*block));
	if (err)
		return err;
	if ((block->rx.bits & (LE_OWN | LE_ERROR | LE_WHOLE)) != LE_WHOLE ||
	    block->tx.bits & (LE_OWN | LE_ERROR))
		return -EIO;
	return block->rx.received == len + LE_CRC ? len + LE_CRC : -EMSGSIZE;
}

static struct dma_test_copier le_copier = { .copy = le_copy };

static void le_copy_parts(struct kunit *test, size_t size, bool pages)
{
	const struct dma_test_part parts[] = {
		{ 0, 0, 1500 },
		{ 1, 2, 60 },
		{ size - 64, 3, 64 },
		{ 5, size - 100 - LE_CRC, 100 },
		{ size / 2 - 333, size / 2 - 1001, 1111 },
	};

	dma_test_copy_parts(test, &le_copier, size, pages, parts,
			    ARRAY_SIZE(parts));
}

static void dma_lance_page(struct kunit *test)
{
	le_copy_parts(test, PAGE_SIZE, true);
}

/* Several pages, and not a power of two of them */
static void dma_lance_pages(struct kunit *test)
{
	le_copy_parts(test, 8 * PAGE_SIZE, true);
	le_copy_parts(test, 2 * PAGE_SIZE + 200, true);
}

static void dma_lance_noncoherent(struct kunit *test)
{
	le_copy_parts(test, PAGE_SIZE, false);
	le_copy_parts(test, 5 * PAGE_SIZE, false);
}

/* Many at a time do not overlap: not in memory, and not for the device. */
static void dma_lance_many(struct kunit *test)
{
	dma_test_copy_many(test, &le_copier,
			   &(const struct dma_test_part){ 100, 300, 600 });
}

/* There are addresses for 64 MiB or less: what is freed is used again. */
static void dma_lance_addresses(struct kunit *test)
{
	dma_test_use_again(test, &le_copier, SZ_128M);
	le_copy_parts(test, PAGE_SIZE, true);
}

/* Whatever the chip was about to do, it does not when it is stopped. */
static void dma_lance_exit(struct kunit *test)
{
	if (!le_pdev)
		return;
	le_write(0, LE_CSR0_STOP);
	dma_test_free(&le_told);
}

static int dma_lance_init(struct kunit *test)
{
	if (!le_pdev) {
		kunit_err(test, "no LANCE, or its probe failed: start QEMU with -M SS-5\n");
		return -ENODEV;
	}
	le_copier.dev = &le_pdev->dev;
	dma_test_alloc(test, &le_copier, &le_told, sizeof(struct le_block),
		       DMA_BIDIRECTIONAL, true);
	return le_start(test);
}

static struct kunit_case dma_lance_cases[] = {
	KUNIT_CASE(dma_lance_page),
	KUNIT_CASE(dma_lance_pages),
	KUNIT_CASE(dma_lance_noncoherent),
	KUNIT_CASE(dma_lance_many),
	KUNIT_CASE(dma_lance_addresses),
	{}
};

static struct kunit_suite dma_lance_suite = {
	.name = "dma_lance",
	.init = dma_lance_init,
	.exit = dma_lance_exit,
	.test_cases = dma_lance_cases,
};

kunit_test_suite(dma_lance_suite);
