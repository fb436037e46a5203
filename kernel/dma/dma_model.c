// SPDX-License-Identifier: GPL-2.0
/*
 * A device that is a model, and the caches between it and the CPU.
 */
#include <linux/bitmap.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-model.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <kunit/test.h>

#define DMA_MODEL_FIRST_ADDR	0x20000000
#define DMA_MODEL_LINE_SIZE	32

/* What is in memory below a cache that nothing was written back from yet */
#define DMA_MODEL_OLD		0xdb

struct dma_model_region {
	struct list_head	list;
	dma_addr_t		addr;
	size_t			size;
	enum dma_data_direction	dir;
	/* Who made it takes it back: DMA_MODEL_ALLOC, _ALLOC_COHERENT or _MAP */
	enum dma_model_call	made_by;
	unsigned int		line_size;
	/* What the CPU sees, and what the device sees */
	u8			*cpu, *ram;
	/* What the CPU saw when a line was last filled or written back */
	u8			*filled;
	/* A bit for each line that the device owns */
	unsigned long		*owned;
};

static struct dma_model *dma_model_of(struct device *dev)
{
	return container_of(get_dma_ops(dev), struct dma_model, ops);
}

static void dma_model_record(struct dma_model *model, enum dma_model_call call,
			     dma_addr_t addr, size_t size,
			     enum dma_data_direction dir)
{
	if (model->nr_events < DMA_MODEL_EVENTS)
		model->events[model->nr_events] = (struct dma_model_event) {
			call, addr, size, dir,
		};
	model->nr_events++;
}

static struct dma_model_region *dma_model_find(struct dma_model *model,
					       dma_addr_t addr, size_t size)
{
	struct dma_model_region *region;

	list_for_each_entry(region, &model->regions, list)
		if (addr >= region->addr && size <= region->size &&
		    addr - region->addr <= region->size - size)
			return region;
	return NULL;
}

/*
 * A line of the cache, as far as it is in the region: the CPU's address decides
 * about lines.
 */
struct dma_model_line {
	unsigned long	nr;
	size_t		start, len;
	/* Part of what is asked for as a whole? */
	bool		whole;
};

static bool dma_model_next_line(struct dma_model_region *region, size_t off,
				size_t size, struct dma_model_line *line)
{
	size_t skew = (unsigned long)region->cpu & (region->line_size - 1);
	size_t next = line->len ? line->start + line->len : off;
	size_t end;

	if (next >= off + size)
		return false;

	line->nr = (next + skew) / region->line_size;
	line->start = line->nr ? line->nr * region->line_size - skew : 0;
	end = min(region->size, (line->nr + 1) * region->line_size - skew);
	line->len = end - line->start;
	line->whole = line->start >= off && end <= off + size;
	return true;
}

#define for_each_line(line, region, off, size)			\
	for ((line) = (struct dma_model_line) {};			\
	     dma_model_next_line(region, off, size, &(line)); )

static bool dma_model_dirty(struct dma_model_region *region,
			    struct dma_model_line *line)
{
	return memcmp(region->cpu + line->start, region->filled + line->start,
		      line->len);
}

static void dma_model_write_back(struct dma_model *model,
				 struct dma_model_region *region,
				 struct dma_model_line *line)
{
	u8 *ram = region->ram + line->start;

	if (memcmp(ram, region->filled + line->start, line->len))
		model->nr_lost++;
	memcpy(ram, region->cpu + line->start, line->len);
	memcpy(region->filled + line->start, ram, line->len);
}

static void dma_model_fill(struct dma_model_region *region,
			   struct dma_model_line *line)
{
	memcpy(region->cpu + line->start, region->ram + line->start, line->len);
	memcpy(region->filled + line->start, region->ram + line->start,
	       line->len);
}

/*
 * The line is invalid from here on, unless the device only reads.  It is not
 * filled again before the CPU owns it: who looks earlier sees what it saw.
 */
static void dma_model_line_to_device(struct dma_model *model,
				     struct dma_model_region *region,
				     struct dma_model_line *line)
{
	bool dirty = dma_model_dirty(region, line);

	if (dirty && test_bit(line->nr, region->owned))
		model->nr_stray++;
	if (dirty && (region->dir != DMA_FROM_DEVICE || !line->whole)) {
		dma_model_write_back(model, region, line);
	} else if (dirty) {
		model->nr_lost++;
		memcpy(region->filled + line->start, region->cpu + line->start,
		       line->len);
	}
	set_bit(line->nr, region->owned);
}

static void dma_model_line_to_cpu(struct dma_model *model,
				  struct dma_model_region *region,
				  struct dma_model_line *line)
{
	bool dirty = dma_model_dirty(region, line);

	if (test_and_clear_bit(line->nr, region->owned)) {
		if (dirty)
			model->nr_stray++;
	} else if (model->for_cpu_is_noop) {
		return;
	} else if (dirty && !line->whole) {
		dma_model_write_back(model, region, line);
	} else if (dirty) {
		model->nr_lost++;
	}
	if (region->dir != DMA_TO_DEVICE)
		dma_model_fill(region, line);
}

static void dma_model_to_device(struct dma_model *model,
				struct dma_model_region *region, size_t off,
				size_t size)
{
	struct dma_model_line line;

	if (region->ram == region->cpu)
		return;
	for_each_line(line, region, off, size)
		dma_model_line_to_device(model, region, &line);
}

static void dma_model_to_cpu(struct dma_model *model,
			     struct dma_model_region *region, size_t off,
			     size_t size)
{
	struct dma_model_line line;

	if (region->ram == region->cpu)
		return;
	for_each_line(line, region, off, size)
		dma_model_line_to_cpu(model, region, &line);
}

static void dma_model_free_region(struct dma_model_region *region)
{
	if (region->made_by == DMA_MODEL_ALLOC ||
	    region->made_by == DMA_MODEL_ALLOC_COHERENT)
		free_pages_exact(region->cpu, region->size);
	if (region->ram != region->cpu)
		kfree(region->ram);
	kfree(region->filled);
	bitmap_free(region->owned);
	kfree(region);
}

/* Give @cpu an address; the caller hands it to the device, or does not. */
static struct dma_model_region *
dma_model_new_region(struct device *dev, void *cpu, size_t size,
		     enum dma_data_direction dir, enum dma_model_call made_by)
{
	struct dma_model *model = dma_model_of(dev);
	struct dma_model_region *region;

	region = kzalloc(sizeof(*region), GFP_ATOMIC);
	if (!region)
		return NULL;

	region->made_by = made_by;
	region->line_size = model->line_size;
	region->size = size;
	region->dir = dir;
	region->ram = cpu;
	if (made_by != DMA_MODEL_ALLOC_COHERENT) {
		region->ram = kmemdup(cpu, size, GFP_ATOMIC);
		region->filled = kmemdup(cpu, size, GFP_ATOMIC);
		region->owned = bitmap_zalloc(size / region->line_size + 2,
					      GFP_ATOMIC);
		if (!region->ram || !region->filled || !region->owned)
			goto out_free;
	}
	if (made_by == DMA_MODEL_MAP && dir == DMA_FROM_DEVICE)
		memset(region->ram, DMA_MODEL_OLD, size);
	region->cpu = cpu;
	return region;

out_free:
	/* Nothing of the caller's is freed with it. */
	region->made_by = DMA_MODEL_MAP;
	dma_model_free_region(region);
	return NULL;
}

static bool dma_model_add(struct dma_model *model,
			  struct dma_model_region *region, u64 mask)
{
	dma_addr_t addr = ALIGN(model->next_addr, PAGE_SIZE) +
		offset_in_page(region->cpu);

	if (model->fail_in && !--model->fail_in)
		return false;
	if (addr + region->size - 1 > mask)
		return false;

	region->addr = addr;
	/* A page between neighbours, that no one may touch */
	model->next_addr = ALIGN(addr + region->size, PAGE_SIZE) + PAGE_SIZE;
	list_add_tail(&region->list, &model->regions);
	dma_model_record(model, region->made_by, addr, region->size,
			 region->dir);
	return true;
}

static void *dma_model_make(struct device *dev, size_t size,
			    dma_addr_t *dma_handle,
			    enum dma_data_direction dir, gfp_t gfp,
			    enum dma_model_call made_by)
{
	struct dma_model *model = dma_model_of(dev);
	struct dma_model_region *region;
	unsigned long flags;
	bool added;
	void *cpu;

	size = PAGE_ALIGN(size);
	cpu = alloc_pages_exact(size, gfp | __GFP_ZERO);
	if (!cpu)
		return NULL;
	region = dma_model_new_region(dev, cpu, size, dir, made_by);
	if (!region) {
		free_pages_exact(cpu, size);
		return NULL;
	}

	spin_lock_irqsave(&model->lock, flags);
	added = dma_model_add(model, region, dev->coherent_dma_mask);
	spin_unlock_irqrestore(&model->lock, flags);
	if (!added) {
		dma_model_free_region(region);
		return NULL;
	}
	*dma_handle = region->addr;
	return cpu;
}

/* What does not match is counted, and taken back as far as there is something. */
static void dma_model_unmake(struct device *dev, dma_addr_t addr, size_t size,
			     enum dma_data_direction dir,
			     enum dma_model_call made_by,
			     enum dma_model_call call, unsigned long attrs)
{
	struct dma_model *model = dma_model_of(dev);
	struct dma_model_region *region;
	unsigned long flags;

	spin_lock_irqsave(&model->lock, flags);
	dma_model_record(model, call, addr, size, dir);
	region = dma_model_find(model, addr, 1);
	if (!region || region->made_by != made_by || region->addr != addr ||
	    region->size != size || region->dir != dir)
		model->nr_bad++;
	if (region && region->made_by != made_by)
		region = NULL;
	if (region) {
		if (call == DMA_MODEL_UNMAP && !(attrs & DMA_ATTR_SKIP_CPU_SYNC))
			dma_model_to_cpu(model, region, 0, region->size);
		list_del(&region->list);
	}
	spin_unlock_irqrestore(&model->lock, flags);
	if (region)
		dma_model_free_region(region);
}

static void *dma_model_alloc(struct device *dev, size_t size,
			     dma_addr_t *dma_handle, gfp_t gfp,
			     unsigned long attrs)
{
	if (dma_model_of(dev)->no_coherent)
		return NULL;
	return dma_model_make(dev, size, dma_handle, DMA_BIDIRECTIONAL, gfp,
			      DMA_MODEL_ALLOC_COHERENT);
}

static void dma_model_free(struct device *dev, size_t size, void *vaddr,
			   dma_addr_t dma_handle, unsigned long attrs)
{
	dma_model_unmake(dev, dma_handle, PAGE_ALIGN(size), DMA_BIDIRECTIONAL,
			 DMA_MODEL_ALLOC_COHERENT, DMA_MODEL_FREE_COHERENT, 0);
}

static struct page *dma_model_alloc_pages(struct device *dev, size_t size,
					  dma_addr_t *dma_handle,
					  enum dma_data_direction dir,
					  gfp_t gfp)
{
	void *cpu = dma_model_make(dev, size, dma_handle, dir, gfp,
				   DMA_MODEL_ALLOC);

	return cpu ? virt_to_page(cpu) : NULL;
}

static void dma_model_free_pages(struct device *dev, size_t size,
				 struct page *page, dma_addr_t dma_handle,
				 enum dma_data_direction dir)
{
	dma_model_unmake(dev, dma_handle, size, dir, DMA_MODEL_ALLOC,
			 DMA_MODEL_FREE, 0);
}

static dma_addr_t dma_model_map_page(struct device *dev, struct page *page,
				     unsigned long offset, size_t size,
				     enum dma_data_direction dir,
				     unsigned long attrs)
{
	struct dma_model *model = dma_model_of(dev);
	struct dma_model_region *region;
	unsigned long flags;
	bool added;

	if (PageHighMem(page) || !dev->dma_mask)
		return DMA_MAPPING_ERROR;
	region = dma_model_new_region(dev, page_address(page) + offset, size,
				      dir, DMA_MODEL_MAP);
	if (!region)
		return DMA_MAPPING_ERROR;

	spin_lock_irqsave(&model->lock, flags);
	added = dma_model_add(model, region, *dev->dma_mask);
	if (added && !(attrs & DMA_ATTR_SKIP_CPU_SYNC))
		dma_model_to_device(model, region, 0, size);
	spin_unlock_irqrestore(&model->lock, flags);
	if (!added) {
		dma_model_free_region(region);
		return DMA_MAPPING_ERROR;
	}
	return region->addr;
}

static void dma_model_unmap_page(struct device *dev, dma_addr_t addr,
				 size_t size, enum dma_data_direction dir,
				 unsigned long attrs)
{
	dma_model_unmake(dev, addr, size, dir, DMA_MODEL_MAP, DMA_MODEL_UNMAP,
			 attrs);
}

static void dma_model_unmap_sg(struct device *dev, struct scatterlist *sgl,
			       int nents, enum dma_data_direction dir,
			       unsigned long attrs)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		dma_model_unmap_page(dev, sg_dma_address(sg), sg_dma_len(sg),
				     dir, attrs);
}

static int dma_model_map_sg(struct device *dev, struct scatterlist *sgl,
			    int nents, enum dma_data_direction dir,
			    unsigned long attrs)
{
	struct scatterlist *sg;
	dma_addr_t addr;
	int i;

	for_each_sg(sgl, sg, nents, i) {
		addr = dma_model_map_page(dev, sg_page(sg), sg->offset,
					  sg->length, dir, attrs);
		if (addr == DMA_MAPPING_ERROR) {
			dma_model_unmap_sg(dev, sgl, i, dir, attrs);
			return 0;
		}
		sg_dma_address(sg) = addr;
		sg_dma_len(sg) = sg->length;
	}
	return nents;
}

static void dma_model_sync(struct device *dev, dma_addr_t addr, size_t size,
			   enum dma_data_direction dir,
			   enum dma_model_call call)
{
	struct dma_model *model = dma_model_of(dev);
	struct dma_model_region *region;
	unsigned long flags;

	spin_lock_irqsave(&model->lock, flags);
	dma_model_record(model, call, addr, size, dir);
	region = dma_model_find(model, addr, size);
	if (!region || region->made_by == DMA_MODEL_ALLOC_COHERENT ||
	    region->dir != dir)
		model->nr_bad++;
	else if (call == DMA_MODEL_FOR_DEVICE)
		dma_model_to_device(model, region, addr - region->addr, size);
	else
		dma_model_to_cpu(model, region, addr - region->addr, size);
	spin_unlock_irqrestore(&model->lock, flags);
}

static void dma_model_for_cpu(struct device *dev, dma_addr_t addr, size_t size,
			      enum dma_data_direction dir)
{
	dma_model_sync(dev, addr, size, dir, DMA_MODEL_FOR_CPU);
}

static void dma_model_for_device(struct device *dev, dma_addr_t addr,
				 size_t size, enum dma_data_direction dir)
{
	dma_model_sync(dev, addr, size, dir, DMA_MODEL_FOR_DEVICE);
}

static void dma_model_sg_for_cpu(struct device *dev, struct scatterlist *sgl,
				 int nents, enum dma_data_direction dir)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		dma_model_for_cpu(dev, sg_dma_address(sg), sg_dma_len(sg),
				  dir);
}

static void dma_model_sg_for_device(struct device *dev,
				    struct scatterlist *sgl, int nents,
				    enum dma_data_direction dir)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		dma_model_for_device(dev, sg_dma_address(sg), sg_dma_len(sg),
				     dir);
}

static const struct dma_map_ops dma_model_ops = {
	.alloc			= dma_model_alloc,
	.free			= dma_model_free,
	.alloc_pages		= dma_model_alloc_pages,
	.free_pages		= dma_model_free_pages,
	.map_page		= dma_model_map_page,
	.unmap_page		= dma_model_unmap_page,
	.map_sg			= dma_model_map_sg,
	.unmap_sg		= dma_model_unmap_sg,
	.sync_single_for_cpu	= dma_model_for_cpu,
	.sync_single_for_device	= dma_model_for_device,
	.sync_sg_for_cpu	= dma_model_sg_for_cpu,
	.sync_sg_for_device	= dma_model_sg_for_device,
};

/**
 * dma_model_attach - make a device a model
 * @model: zeroed, and large: not for the stack
 * @dev: any device; it gets masks of 32 bits where it has none
 *
 * From here on the device's memory is the model's.
 */
void dma_model_attach(struct dma_model *model, struct device *dev)
{
	model->dev = dev;
	model->line_size = DMA_MODEL_LINE_SIZE;
	model->next_addr = DMA_MODEL_FIRST_ADDR;
	model->ops = dma_model_ops;
	spin_lock_init(&model->lock);
	INIT_LIST_HEAD(&model->regions);

	if (!dev->coherent_dma_mask)
		dev->coherent_dma_mask = DMA_BIT_MASK(32);
	if (!dev->dma_mask)
		dev->dma_mask = &dev->coherent_dma_mask;
	set_dma_ops(dev, &model->ops);
}
EXPORT_SYMBOL_GPL(dma_model_attach);

/**
 * dma_model_detach - make a model an ordinary device again
 * @model: what was attached
 *
 * Return: how many allocations and mappings the driver has left behind.  What
 * the model knows of them is freed, the memory itself is not.
 */
unsigned int dma_model_detach(struct dma_model *model)
{
	unsigned int nr = dma_model_nr_live(model);
	struct dma_model_region *region, *next;

	set_dma_ops(model->dev, NULL);
	model->dev = NULL;
	list_for_each_entry_safe(region, next, &model->regions, list) {
		region->made_by = DMA_MODEL_MAP;
		list_del(&region->list);
		dma_model_free_region(region);
	}
	return nr;
}
EXPORT_SYMBOL_GPL(dma_model_detach);

/**
 * dma_model_nr_live - how much is allocated and mapped now
 * @model: the device
 *
 * Return: the number of allocations and mappings, scatterlists by entries.
 */
unsigned int dma_model_nr_live(struct dma_model *model)
{
	struct dma_model_region *region;
	unsigned long flags;
	unsigned int nr = 0;

	spin_lock_irqsave(&model->lock, flags);
	list_for_each_entry(region, &model->regions, list)
		nr++;
	spin_unlock_irqrestore(&model->lock, flags);
	return nr;
}
EXPORT_SYMBOL_GPL(dma_model_nr_live);

static int dma_model_access(struct dma_model *model, dma_addr_t addr,
			    size_t len, enum dma_data_direction forbidden,
			    u8 **ram)
{
	struct dma_model_region *region = dma_model_find(model, addr, len);
	struct dma_model_line line;

	if (!region || region->dir == forbidden) {
		model->nr_bad++;
		return -EFAULT;
	}
	*ram = region->ram + (addr - region->addr);
	if (region->ram == region->cpu)
		return 0;
	for_each_line(line, region, addr - region->addr, len)
		if (!test_bit(line.nr, region->owned))
			model->nr_unowned++;
	return 0;
}

/**
 * dma_model_read - the device reads
 * @model: the device
 * @addr: address as the driver told it
 * @buf: where to put what it reads
 * @len: how much, in bytes
 *
 * Context: any.
 * Return: 0, or %-EFAULT where the device has nothing to read.
 */
int dma_model_read(struct dma_model *model, dma_addr_t addr, void *buf,
		   size_t len)
{
	unsigned long flags;
	u8 *ram;
	int err;

	spin_lock_irqsave(&model->lock, flags);
	err = dma_model_access(model, addr, len, DMA_FROM_DEVICE, &ram);
	if (!err)
		memcpy(buf, ram, len);
	spin_unlock_irqrestore(&model->lock, flags);
	return err;
}
EXPORT_SYMBOL_GPL(dma_model_read);

/**
 * dma_model_write - the device writes
 * @model: the device
 * @addr: address as the driver told it
 * @buf: what it writes
 * @len: how much, in bytes
 *
 * Context: any.
 * Return: 0, or %-EFAULT where the device must not write.
 */
int dma_model_write(struct dma_model *model, dma_addr_t addr, const void *buf,
		    size_t len)
{
	unsigned long flags;
	u8 *ram;
	int err;

	spin_lock_irqsave(&model->lock, flags);
	err = dma_model_access(model, addr, len, DMA_TO_DEVICE, &ram);
	if (!err)
		memcpy(ram, buf, len);
	spin_unlock_irqrestore(&model->lock, flags);
	return err;
}
EXPORT_SYMBOL_GPL(dma_model_write);

/**
 * dma_model_clear_events - forget what was recorded
 * @model: the device
 */
void dma_model_clear_events(struct dma_model *model)
{
	unsigned long flags;

	spin_lock_irqsave(&model->lock, flags);
	model->nr_events = 0;
	spin_unlock_irqrestore(&model->lock, flags);
}
EXPORT_SYMBOL_GPL(dma_model_clear_events);

static bool dma_model_is_sync(const struct dma_model_event *event)
{
	return event->call == DMA_MODEL_FOR_DEVICE ||
		event->call == DMA_MODEL_FOR_CPU;
}

static void dma_model_print(struct kunit *test, const char *whose,
			    const struct dma_model_event *event)
{
	kunit_info(test, "%s: for %s, %pad, %zu bytes, direction %d\n", whose,
		   event->call == DMA_MODEL_FOR_DEVICE ? "device" : "cpu",
		   &event->addr, event->size, event->dir);
}

static bool dma_model_same(const struct dma_model_event *a,
			   const struct dma_model_event *b)
{
	return a->call == b->call && a->addr == b->addr &&
		a->size == b->size && a->dir == b->dir;
}

/**
 * dma_model_expect - compare the syncs of a driver with a list
 * @test: case that fails where they differ, with both in the log
 * @model: the device, whose record is cleared
 * @want: what is expected, in this order and nothing else
 * @nr: how many that are
 */
void dma_model_expect(struct kunit *test, struct dma_model *model,
		      const struct dma_model_event *want, unsigned int nr)
{
	unsigned int count = min_t(unsigned int, model->nr_events,
				   DMA_MODEL_EVENTS);
	unsigned int i, seen = 0;
	bool same = true;

	KUNIT_EXPECT_LE(test, model->nr_events, (unsigned int)DMA_MODEL_EVENTS);
	for (i = 0; i < count; i++) {
		if (!dma_model_is_sync(&model->events[i]))
			continue;
		if (seen >= nr || !dma_model_same(&model->events[i],
						  &want[seen]))
			same = false;
		seen++;
	}
	if (!same || seen != nr) {
		for (i = 0; i < nr; i++)
			dma_model_print(test, "expected", &want[i]);
		for (i = 0; i < count; i++)
			if (dma_model_is_sync(&model->events[i]))
				dma_model_print(test, "recorded",
						&model->events[i]);
		KUNIT_FAIL(test, "%u syncs are not the %u expected ones", seen,
			   nr);
	}
	dma_model_clear_events(model);
}
EXPORT_SYMBOL_GPL(dma_model_expect);

/**
 * dma_model_saw - was a range part of a call since the record was cleared?
 * @model: the device
 * @call: what to look for
 * @addr: start of the range
 * @size: its size in bytes
 * @dir: direction
 */
bool dma_model_saw(struct dma_model *model, enum dma_model_call call,
		   dma_addr_t addr, size_t size, enum dma_data_direction dir)
{
	unsigned int count = min_t(unsigned int, model->nr_events,
				   DMA_MODEL_EVENTS);
	const struct dma_model_event *event;

	for (event = model->events; event < model->events + count; event++)
		if (event->call == call && event->dir == dir &&
		    event->addr <= addr && size <= event->size &&
		    addr - event->addr <= event->size - size)
			return true;
	return false;
}
EXPORT_SYMBOL_GPL(dma_model_saw);
