// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to allocate and free memory for a device, and to hand it over.
 *
 * Binds to a PCI device that no other driver wants, measures on it, and tells
 * the results in the log:
 *
 *	dma_alloc_benchmark.device=1234:11e8		on the command line
 *	echo 1234 11e8 > /sys/bus/pci/drivers/dma_alloc_benchmark/new_id
 *
 * The device does nothing; it decides about the backend.  A row has the name
 * of the call and its nanoseconds for each size.  On an emulator whose clock
 * counts instructions they are instructions, and the same in every run.
 */
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sched.h>

#define BENCH_ORDERS	11
/*
 * The fastest of some batches: one that met no interrupt, and for which free
 * lists were at their best.  Each keeps a page, so that they are not the same.
 */
#define BENCH_BATCHES	64
/* A batch handles this much memory, to be shorter than a tick. */
#define BENCH_BYTES	SZ_4M
#define BENCH_CALLS	128U

static char *device;
module_param(device, charp, 0444);
MODULE_PARM_DESC(device, "PCI device to measure with at boot, as vendor:device");

static unsigned int dma_bits = 32;
module_param(dma_bits, uint, 0644);
MODULE_PARM_DESC(dma_bits, "width of the device's addresses, default 32");

struct bench {
	struct device	*dev;
	unsigned int	order;
	size_t		size;
	/* Memory that the device has while syncs are measured. */
	dma_addr_t	handle;
};

/*
 * The calls that are measured.  They stay functions of their own, for a
 * debugger to find.
 */
static noinline bool bench_raw(struct bench *bench)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_ZERO, bench->order);

	if (page)
		__free_pages(page, bench->order);
	return page;
}

/* What dma_alloc_noncoherent() compares with: pages by their address. */
static noinline bool bench_address(struct bench *bench)
{
	unsigned long addr = __get_free_pages(GFP_KERNEL | __GFP_ZERO,
					      bench->order);

	free_pages(addr, bench->order);
	return addr;
}

static __always_inline bool bench_pages_gfp(struct bench *bench, gfp_t gfp)
{
	dma_addr_t handle;
	struct page *page;

	page = dma_alloc_pages(bench->dev, bench->size, &handle,
			       DMA_BIDIRECTIONAL, gfp);
	if (page)
		dma_free_pages(bench->dev, bench->size, page, handle,
			       DMA_BIDIRECTIONAL);
	return page;
}

static noinline bool bench_pages(struct bench *bench)
{
	return bench_pages_gfp(bench, GFP_KERNEL);
}

static noinline bool bench_atomic(struct bench *bench)
{
	return bench_pages_gfp(bench, GFP_ATOMIC);
}

static noinline bool bench_noncoherent(struct bench *bench)
{
	dma_addr_t handle;
	void *vaddr;

	vaddr = dma_alloc_noncoherent(bench->dev, bench->size, &handle,
				      DMA_BIDIRECTIONAL, GFP_KERNEL);
	if (vaddr)
		dma_free_noncoherent(bench->dev, bench->size, vaddr, handle,
				     DMA_BIDIRECTIONAL);
	return vaddr;
}

static noinline bool bench_sync(struct bench *bench)
{
	dma_sync_single_for_device(bench->dev, bench->handle, bench->size,
				   DMA_BIDIRECTIONAL);
	dma_sync_single_for_cpu(bench->dev, bench->handle, bench->size,
				DMA_BIDIRECTIONAL);
	return true;
}

/* What the measurement itself costs. */
static noinline bool bench_nothing(struct bench *bench)
{
	return true;
}

/* Nanoseconds of the fastest batch, or a negative error. */
static s64 bench_batch(struct bench *bench, bool (*call)(struct bench *bench),
		       unsigned int calls)
{
	s64 fastest = S64_MAX;
	unsigned int i, batch;
	struct page *page;
	LIST_HEAD(kept);
	ktime_t start;

	for (batch = 0; batch < BENCH_BATCHES; batch++) {
		start = ktime_get();
		for (i = 0; i < calls && call(bench); i++)
			;
		if (i < calls) {
			fastest = -ENOMEM;
			break;
		}
		fastest = min(fastest, ktime_to_ns(ktime_sub(ktime_get(), start)));
		page = alloc_page(GFP_KERNEL);
		if (page)
			list_add(&page->lru, &kept);
		cond_resched();
	}
	while (!list_empty(&kept)) {
		page = list_first_entry(&kept, struct page, lru);
		list_del(&page->lru);
		__free_page(page);
	}
	return fastest;
}

static s64 bench_call(struct bench *bench, bool (*call)(struct bench *bench))
{
	unsigned int calls = clamp_t(size_t, BENCH_BYTES / bench->size, 1,
				     BENCH_CALLS);
	s64 nothing = bench_batch(bench, bench_nothing, calls);
	s64 ns = bench_batch(bench, call, calls);

	if (ns < 0)
		return ns;
	return div_s64(max_t(s64, ns - nothing, 0) + calls / 2, calls);
}

static s64 bench_call_sync(struct bench *bench)
{
	struct page *page;
	s64 ns;

	page = dma_alloc_pages(bench->dev, bench->size, &bench->handle,
			       DMA_BIDIRECTIONAL, GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	ns = bench_call(bench, bench_sync);
	dma_free_pages(bench->dev, bench->size, page, bench->handle,
		       DMA_BIDIRECTIONAL);
	return ns;
}

/* One line a call, a column a size; "-" where there was no memory. */
static void bench_row(struct device *dev, const char *name,
		      bool (*call)(struct bench *bench))
{
	char row[BENCH_ORDERS * 12 + 1] = "";
	struct bench bench = { .dev = dev };
	size_t used = 0;
	s64 ns;

	for (; bench.order < BENCH_ORDERS; bench.order++) {
		bench.size = PAGE_SIZE << bench.order;
		ns = call ? bench_call(&bench, call) : bench_call_sync(&bench);
		if (ns < 0)
			used += scnprintf(row + used, sizeof(row) - used, " -");
		else
			used += scnprintf(row + used, sizeof(row) - used,
					  " %lld", ns);
	}
	dev_info(dev, "%s:%s\n", name, row);
}

static int bench_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct device *dev = &pdev->dev;
	int err;

	if (!dma_bits || dma_bits > 64)
		return -EINVAL;
	err = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(dma_bits));
	if (err)
		return err;

	dev_info(dev, "nanoseconds of a call, %u sizes from %lu bytes\n",
		 BENCH_ORDERS, PAGE_SIZE);
	bench_row(dev, "raw", bench_raw);
	bench_row(dev, "address", bench_address);
	bench_row(dev, "pages", bench_pages);
	bench_row(dev, "atomic", bench_atomic);
	bench_row(dev, "noncoherent", bench_noncoherent);
	bench_row(dev, "sync", NULL);
	dev_info(dev, "done\n");
	return 0;
}

static struct pci_driver bench_driver = {
	.name	= "dma_alloc_benchmark",
	.probe	= bench_probe,
};

static int __init bench_init(void)
{
	unsigned int vendor, id;
	int err = pci_register_driver(&bench_driver);

	if (err || !device)
		return err;
	if (sscanf(device, "%x:%x", &vendor, &id) != 2) {
		pr_err("dma_alloc_benchmark: device=%s is not vendor:device\n",
		       device);
		err = -EINVAL;
	} else {
		err = pci_add_dynid(&bench_driver, vendor, id, PCI_ANY_ID,
				    PCI_ANY_ID, 0, 0, 0);
	}
	if (err)
		pci_unregister_driver(&bench_driver);
	return err;
}

/* After the IOMMUs, which may come as late as device_initcall(). */
late_initcall(bench_init);

static void __exit bench_exit(void)
{
	pci_unregister_driver(&bench_driver);
}
module_exit(bench_exit);

MODULE_LICENSE("GPL");
