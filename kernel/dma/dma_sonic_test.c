// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite that lets the network chip of a Macintosh use the memory of
 * dma_alloc_pages() and dma_alloc_noncoherent(), without an IOMMU and without
 * coherent caches.
 *
 * The SONIC is in loopback: it reads a frame from memory, sends it nowhere, and
 * writes it to other memory, with a checksum behind it.  What it has to know
 * for that, which addresses are its own and where frames are and go to, is such
 * memory, too.
 *
 * QEMU has no caches, so each handover is also compared with what was asked of
 * them.
 */
#include <linux/bits.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/kernel.h>
#include <linux/mod_devicetable.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <kunit/test.h>
#include "dma_test_copy.h"

#define SONIC_TIMEOUT_US	1000000
#define SONIC_BASE		0x50f0a000
#define SONIC_SIZE		0x100

/* Registers have 16 bits, the lower half of four bytes each. */
#define SONIC_REG(nr)		((nr) * 4 + 2)
#define SONIC_CR		SONIC_REG(0x00)
#define SONIC_DCR		SONIC_REG(0x01)
#define SONIC_RCR		SONIC_REG(0x02)
#define SONIC_IMR		SONIC_REG(0x04)
#define SONIC_ISR		SONIC_REG(0x05)
#define SONIC_UTDA		SONIC_REG(0x06)
#define SONIC_CTDA		SONIC_REG(0x07)
#define SONIC_URDA		SONIC_REG(0x0d)
#define SONIC_CRDA		SONIC_REG(0x0e)
#define SONIC_EOBC		SONIC_REG(0x13)
#define SONIC_URRA		SONIC_REG(0x14)
#define SONIC_RSA		SONIC_REG(0x15)
#define SONIC_REA		SONIC_REG(0x16)
#define SONIC_RRP		SONIC_REG(0x17)
#define SONIC_RWP		SONIC_REG(0x18)
#define SONIC_CDP		SONIC_REG(0x26)
#define SONIC_CDC		SONIC_REG(0x27)
#define SONIC_DCR2		SONIC_REG(0x3f)

#define SONIC_CR_LCAM		BIT(9)
#define SONIC_CR_RRRA		BIT(8)
#define SONIC_CR_RST		BIT(7)
#define SONIC_CR_RXEN		BIT(3)
#define SONIC_CR_TXP		BIT(1)
/* How the chip is wired to the board: 32 bits of data, and when it has them */
#define SONIC_DCR_BOARD		(BIT(15) | BIT(5) | BIT(4) | BIT(3) | BIT(0))
#define SONIC_RCR_LOOPBACK	BIT(9)
#define SONIC_ISR_LCD		BIT(12)
#define SONIC_ISR_PKTRX		BIT(10)
#define SONIC_ISR_TXDN		BIT(9)
#define SONIC_ISR_ALL		0x7fff

/* The others of 16 are how it receives. */
#define SONIC_RX_STATUS		GENMASK(8, 0)
#define SONIC_RX_LOOPBACK	BIT(1)
#define SONIC_RX_OK		BIT(0)
#define SONIC_TX_OK		BIT(0)
/* In a link: it is the last one. */
#define SONIC_LAST		BIT(0)
#define SONIC_CRC		4
/* What is received begins and ends at such a multiple. */
#define SONIC_ALIGN		4

/* The CPU's order of bytes, 16 bits of 32 in each word */
struct sonic_told {
	/* One address of the chip's own */
	struct {
		u32 nr;
		u32 mac[3];
		u32 enable;
	} cam;
	/* Room for frames: the first is used, the others keep the chip calm. */
	struct {
		u32 addr;
		u32 addr_high;
		u32 words;
		u32 words_high;
	} room[3];
	/* What was received */
	struct {
		u32 status;
		u32 length;
		u32 addr;
		u32 addr_high;
		u32 nr;
		u32 link;
		u32 in_use;
	} rx[2];
	/* A frame to be sent, of one part */
	struct {
		u32 status;
		u32 config;
		u32 length;
		u32 nr_parts;
		u32 addr;
		u32 addr_high;
		u32 part_length;
		u32 link;
	} tx;
};

static struct platform_device *sonic_pdev;
static void __iomem *sonic_regs;
/* What the chip is told in a case */
static struct dma_test_mem sonic_told;

static void sonic_write(unsigned int reg, u16 value)
{
	iowrite16be(value, sonic_regs + reg);
}

static u16 sonic_read(unsigned int reg)
{
	return ioread16be(sonic_regs + reg);
}

static int sonic_wait(u16 bits)
{
	u16 value;

	return read_poll_timeout(sonic_read, value, (value & bits) == bits, 100,
				 SONIC_TIMEOUT_US, false, SONIC_ISR);
}

static int sonic_probe(struct platform_device *pdev)
{
	sonic_regs = ioremap(SONIC_BASE, SONIC_SIZE);
	if (!sonic_regs)
		return -ENOMEM;
	sonic_pdev = pdev;
	return 0;
}

static const struct platform_device_id sonic_ids[] = {
	{ .name = "macsonic" },
	{}
};

static struct platform_driver sonic_driver = {
	.driver.name	= "dma_sonic_test",
	.id_table	= sonic_ids,
	.probe		= sonic_probe,
};
builtin_platform_driver(sonic_driver);

static u16 sonic_told_at(size_t off)
{
	return sonic_told.handle + off;
}

/* The frame goes to the chip if it begins with an address of the chip's own. */
static void sonic_describe(struct sonic_told *told, size_t pattern,
			   dma_addr_t from, dma_addr_t to, size_t len)
{
	int i;

	memset(told, 0, sizeof(*told));
	for (i = 0; i < ARRAY_SIZE(told->cam.mac); i++)
		told->cam.mac[i] = dma_test_pattern(pattern + 2 * i) |
				   dma_test_pattern(pattern + 2 * i + 1) << 8;
	told->cam.enable = BIT(told->cam.nr);

	told->room[0].addr = to & 0xffff;
	told->room[0].addr_high = to >> 16;
	told->room[0].words = ALIGN(len + SONIC_CRC, SONIC_ALIGN) / 2;

	told->rx[0].link = sonic_told_at(offsetof(struct sonic_told, rx[1]));
	told->rx[0].in_use = 1;
	told->rx[1].link = told->rx[0].link | SONIC_LAST;
	told->rx[1].in_use = 1;

	told->tx.length = len;
	told->tx.nr_parts = 1;
	told->tx.addr = from & 0xffff;
	told->tx.addr_high = from >> 16;
	told->tx.part_length = len;
	told->tx.link = SONIC_LAST;
}

/* Bring the chip from reset to where it may send and receive. */
static int sonic_start(void)
{
	u16 high = sonic_told.handle >> 16;

	sonic_write(SONIC_CR, SONIC_CR_RST);
	sonic_write(SONIC_DCR, SONIC_DCR_BOARD);
	sonic_write(SONIC_DCR2, 0);
	sonic_write(SONIC_RCR, SONIC_RCR_LOOPBACK);
	sonic_write(SONIC_IMR, 0);
	sonic_write(SONIC_ISR, SONIC_ISR_ALL);
	sonic_write(SONIC_CR, 0);

	sonic_write(SONIC_URRA, high);
	sonic_write(SONIC_RSA, sonic_told_at(offsetof(struct sonic_told, room)));
	sonic_write(SONIC_REA, sonic_told_at(offsetof(struct sonic_told, rx)));
	sonic_write(SONIC_RRP, sonic_told_at(offsetof(struct sonic_told, room)));
	sonic_write(SONIC_RWP,
		    sonic_told_at(offsetof(struct sonic_told, room[2])));
	sonic_write(SONIC_EOBC, 0);
	sonic_write(SONIC_URDA, high);
	sonic_write(SONIC_CRDA, sonic_told_at(offsetof(struct sonic_told, rx)));
	sonic_write(SONIC_UTDA, high);
	sonic_write(SONIC_CTDA, sonic_told_at(offsetof(struct sonic_told, tx)));
	/* These are in the 64 KiB of the room. */
	sonic_write(SONIC_CDP, sonic_told_at(offsetof(struct sonic_told, cam)));
	sonic_write(SONIC_CDC, 1);

	sonic_write(SONIC_CR, SONIC_CR_RRRA);
	sonic_write(SONIC_CR, SONIC_CR_LCAM);
	return sonic_wait(SONIC_ISR_LCD);
}

/* Did the chip leave word of just this frame? */
static bool sonic_copied(struct sonic_told *told, dma_addr_t to, size_t len)
{
	u32 rx = told->rx[0].status & SONIC_RX_STATUS;

	return told->tx.status & SONIC_TX_OK &&
	       rx == (SONIC_RX_OK | SONIC_RX_LOOPBACK) &&
	       told->rx[0].length == len + SONIC_CRC &&
	       told->rx[0].addr == (to & 0xffff) &&
	       told->rx[0].addr_high == to >> 16 &&
	       !told->rx[0].in_use && told->rx[1].in_use;
}

/* Let the chip move a frame, from reset to reset. */
static int sonic_copy(struct kunit *test, struct dma_test_mem *src, size_t from,
		      struct dma_test_mem *dst, size_t to, size_t len)
{
	struct sonic_told *told = (struct sonic_told *)sonic_told.vaddr;
	int err;

	sonic_describe(told, from, src->handle + from, dst->handle + to, len);
	dma_test_give(test, &sonic_told, 0, sizeof(*told));
	err = sonic_start();
	if (!err) {
		sonic_write(SONIC_CR, SONIC_CR_RXEN | SONIC_CR_TXP);
		err = sonic_wait(SONIC_ISR_TXDN | SONIC_ISR_PKTRX);
	}
	sonic_write(SONIC_CR, SONIC_CR_RST);
	dma_test_take(test, &sonic_told, 0, sizeof(*told));
	if (err)
		return err;
	if (!sonic_copied(told, dst->handle + to, len))
		return -EIO;
	return ALIGN(len + SONIC_CRC, SONIC_ALIGN);
}

static struct dma_test_copier sonic_copier = {
	.recorded = true,
	.copy = sonic_copy,
};

/* Frames of all lengths that Ethernet has, up to the edges and across pages */
static void sonic_copy_parts(struct kunit *test, size_t size, bool pages)
{
	const struct dma_test_part parts[] = {
		{ 0, 0, 1500 },
		{ 1, 4, 60 },
		{ size - 64, 8, 64 },
		{ 5, size - 100 - SONIC_CRC, 100 },
		{ 3, 12, 1514 },
		{ size / 2 - 333, size / 2 - 1000, 1111 },
		{ size / 2 - 2, size / 2 - 64, 61 },
	};

	dma_test_copy_parts(test, &sonic_copier, size, pages, parts,
			    ARRAY_SIZE(parts));
}

static void dma_sonic_page(struct kunit *test)
{
	sonic_copy_parts(test, PAGE_SIZE, true);
}

static void dma_sonic_pages(struct kunit *test)
{
	sonic_copy_parts(test, 8 * PAGE_SIZE, true);
}

/* Every place in a word, and each rest of a length */
static void dma_sonic_odd(struct kunit *test)
{
	struct dma_test_mem src, dst;
	size_t i;

	dma_test_alloc(test, &sonic_copier, &src, PAGE_SIZE, DMA_TO_DEVICE,
		       true);
	dma_test_alloc(test, &sonic_copier, &dst, PAGE_SIZE, DMA_FROM_DEVICE,
		       true);
	for (i = 0; i < 16; i++)
		dma_test_copy(test, &src, 700 + i, &dst,
			      800 + i * SONIC_ALIGN, 200 + i / 4);
	dma_test_free(&dst);
	dma_test_free(&src);
}

/* Not a power of two: what is freed is not what the page allocator has. */
static void dma_sonic_odd_size(struct kunit *test)
{
	sonic_copy_parts(test, 3 * PAGE_SIZE, true);
	sonic_copy_parts(test, 2 * PAGE_SIZE + 200, true);
}

static void dma_sonic_noncoherent(struct kunit *test)
{
	sonic_copy_parts(test, PAGE_SIZE, false);
	sonic_copy_parts(test, 5 * PAGE_SIZE, false);
}

/* One allocation in both directions: the chip copies from page 0 to page 1. */
static void dma_sonic_bidirectional(struct kunit *test)
{
	struct dma_test_mem mem;
	int i;

	for (i = 0; i < 2; i++) {
		dma_test_alloc(test, &sonic_copier, &mem, 2 * PAGE_SIZE,
			       DMA_BIDIRECTIONAL, i);
		dma_test_copy(test, &mem, 17, &mem, PAGE_SIZE, 1500);
		dma_test_free(&mem);
	}
}

/* Many at a time do not overlap. */
static void dma_sonic_many(struct kunit *test)
{
	dma_test_copy_many(test, &sonic_copier,
			   &(const struct dma_test_part){ 101, 300, 600 });
}

/* There is less memory than that: what is freed is used again. */
static void dma_sonic_addresses(struct kunit *test)
{
	dma_test_use_again(test, &sonic_copier, SZ_256M);
	sonic_copy_parts(test, PAGE_SIZE, true);
}

static int dma_sonic_init(struct kunit *test)
{
	if (!sonic_pdev) {
		kunit_err(test, "no SONIC, or its probe failed: start QEMU with -M q800\n");
		return -ENODEV;
	}
	sonic_copier.dev = &sonic_pdev->dev;
	dma_test_alloc(test, &sonic_copier, &sonic_told,
		       sizeof(struct sonic_told), DMA_BIDIRECTIONAL, true);
	return 0;
}

/* Whatever the chip was about to do, it does not after a reset. */
static void dma_sonic_exit(struct kunit *test)
{
	if (!sonic_pdev)
		return;
	sonic_write(SONIC_CR, SONIC_CR_RST);
	dma_test_free(&sonic_told);
}

static struct kunit_case dma_sonic_cases[] = {
	KUNIT_CASE(dma_sonic_page),
	KUNIT_CASE(dma_sonic_pages),
	KUNIT_CASE(dma_sonic_odd),
	KUNIT_CASE(dma_sonic_odd_size),
	KUNIT_CASE(dma_sonic_noncoherent),
	KUNIT_CASE(dma_sonic_bidirectional),
	KUNIT_CASE(dma_sonic_many),
	KUNIT_CASE(dma_sonic_addresses),
	{}
};

static struct kunit_suite dma_sonic_suite = {
	.name = "dma_sonic",
	.init = dma_sonic_init,
	.exit = dma_sonic_exit,
	.test_cases = dma_sonic_cases,
};

kunit_test_suite(dma_sonic_suite);
