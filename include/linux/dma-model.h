/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device that is a model, and the caches between it and the CPU.
 *
 * For KUnit suites of drivers.  The device has a table of DMA operations that
 * gives out addresses of its own, far from any physical address, and keeps a
 * copy of all memory behind them: that is what the device sees.  The memory
 * itself is what the CPU sees, through a cache that nothing but the calls of
 * the DMA API writes back or invalidates, line by line.  So a sync that is
 * missing, late, too short or of another memory shows in the data, as it would
 * on a machine whose DMA is not coherent, and every call is recorded.
 *
 * Where the DMA API leaves it open what becomes of a line, the worst happens
 * that some CPU does: what the CPU wrote to a line that is invalidated is
 * lost, and what it wrote to a line that is written back replaces all that the
 * device wrote there.
 */
#ifndef _LINUX_DMA_MODEL_H
#define _LINUX_DMA_MODEL_H

#include <linux/dma-map-ops.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct kunit;

enum dma_model_call {
	DMA_MODEL_ALLOC,		/* pages or noncoherent memory */
	DMA_MODEL_FREE,
	DMA_MODEL_ALLOC_COHERENT,
	DMA_MODEL_FREE_COHERENT,
	DMA_MODEL_MAP,			/* a page, or an entry of a scatterlist */
	DMA_MODEL_UNMAP,
	DMA_MODEL_FOR_DEVICE,
	DMA_MODEL_FOR_CPU,
};

/* Sizes are in bytes: of whole pages for allocations, else as asked for. */
struct dma_model_event {
	enum dma_model_call	call;
	dma_addr_t		addr;
	size_t			size;
	enum dma_data_direction	dir;
};

#define DMA_MODEL_EVENTS	1024

/**
 * struct dma_model - a device and how its platform is
 * @dev: the device, or NULL if it is not attached
 * @line_size: of the cache, in bytes, a power of two; 32 if not changed
 * @for_cpu_is_noop: a line that the CPU owns already is not read again by a
 *	sync for the CPU, as on MIPS R4000, m68k or sh
 * @no_coherent: there is no coherent memory
 * @fail_in: which allocation or mapping from now on is to fail, 1 for the
 *	next one; 0 for none
 * @next_addr: address for the next allocation or mapping, rounded up to a page
 * @nr_bad: accesses of the device to what is not allocated or mapped, or
 *	against the direction of it
 * @nr_unowned: lines that the device accessed while the CPU owned them.  That
 *	is how some chips work, and a fault with most
 * @nr_stray: lines that the CPU had written to while the device owned them
 * @nr_lost: lines of which something that the CPU or the device had written
 *	was lost
 * @nr_events: number of calls since dma_model_clear_events()
 * @events: the first %DMA_MODEL_EVENTS of them
 *
 * All counters are for the suite to reset.
 */
struct dma_model {
	struct device		*dev;
	unsigned int		line_size;
	bool			for_cpu_is_noop;
	bool			no_coherent;
	unsigned int		fail_in;
	dma_addr_t		next_addr;
	unsigned int		nr_bad;
	unsigned int		nr_unowned;
	unsigned int		nr_stray;
	unsigned int		nr_lost;
	unsigned int		nr_events;
	struct dma_model_event	events[DMA_MODEL_EVENTS];
	/* private: */
	spinlock_t		lock;
	struct list_head	regions;
	struct dma_map_ops	ops;
};

/* Large: kzalloc() it or make it static.  Sets the device's DMA operations. */
void dma_model_attach(struct dma_model *model, struct device *dev);

/* Returns how much was still allocated or mapped, and frees its own share. */
unsigned int dma_model_detach(struct dma_model *model);

/* How much is allocated or mapped now */
unsigned int dma_model_nr_live(struct dma_model *model);

/*
 * The device reads and writes.  In any context.  -EFAULT and @nr_bad for what
 * it must not, with nothing transferred.
 */
int dma_model_read(struct dma_model *model, dma_addr_t addr, void *buf,
		   size_t len);
int dma_model_write(struct dma_model *model, dma_addr_t addr, const void *buf,
		    size_t len);

/*
 * What was recorded.  dma_model_expect() compares all syncs (FOR_DEVICE and
 * FOR_CPU alone, in order) since the last clear with @want, fails the case with
 * both lists in the log where they differ, and clears.
 */
void dma_model_clear_events(struct dma_model *model);
void dma_model_expect(struct kunit *test, struct dma_model *model,
		      const struct dma_model_event *want, unsigned int nr);

/* Was this range synced so, alone or as part of a larger one, since the clear? */
bool dma_model_saw(struct dma_model *model, enum dma_model_call call,
		   dma_addr_t addr, size_t size, enum dma_data_direction dir);

#endif /* _LINUX_DMA_MODEL_H */
