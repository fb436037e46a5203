# SPDX-License-Identifier: GPL-2.0
#
# What the kernel prints when something is wrong. The first pattern that is found
# in a line, less prefix and spaces around it, gives the kind of the report: the
# word by which a test asks for it.

from typing import NamedTuple

class Deny(NamedTuple):
	kind: str
	regex: str
	reason: str

class Allow(NamedTuple):
	regex: str
	reason: str

DENY = [
	Deny('DMA-API', r'^DMA-API: (?!dma_debug_add_bus).*\S: ',
	     'dma-debug: a driver uses the DMA API wrongly; names driver and device'),
	Deny('DMA-DEBUG', r'^DMA-API: (?!exceeded )',
	     'dma-debug: trouble of its own; it may miss errors from here on'),
	Deny('KASAN', r'^BUG: KASAN: ',
	     'use of memory that is freed or out of bounds'),
	Deny('KCSAN', r'^BUG: KCSAN: ',
	     'two CPUs use the same memory without order'),
	Deny('UBSAN', r'^UBSAN: ',
	     'undefined behaviour: overflow, shift, alignment, index'),
	Deny('LOCKDEP', r'^WARNING: (possible (circular|recursive|irq lock inversion)'
	     r'|possible .* deadlock|.*-safe -> .*-unsafe lock order'
	     r'|inconsistent lock state|bad unlock balance|bad contention'
	     r'|held lock freed|.* still has locks held'
	     r'|lock held when returning|Nested lock was not taken'
	     r'|suspicious RCU usage)',
	     'locks that can deadlock, or RCU pointers used without protection'),
	Deny('LOCKDEP', r'^(BUG: MAX_\w+ too low|INFO: trying to register non-static key'
	     r'|turning off the locking correctness validator)',
	     'lockdep gave up: it would miss errors from here on'),
	Deny('LOCKDEP', r'^\[ BUG: Invalid wait context \]',
	     'a lock that may sleep, taken where sleeping is not allowed'),
	Deny('SLEEP', r'^BUG: (sleeping function called from invalid context'
	     r'|scheduling while atomic)',
	     'sleeps in an interrupt or under a spinlock'),
	Deny('BUG', r'^kernel BUG at |^Kernel bug detected',
	     'BUG(); the second is how MIPS says it'),
	Deny('BUG', r'\bBUG: |^BUG \S+ \(.*\): ',
	     'bad page state, lockups, bad page tables; the second: damaged slabs'),
	Deny('WARNING', r'^WARNING: ',
	     'WARN() and its relatives'),
	Deny('WARNING', r'^refcount_t: ',
	     'a counter of references over- or underflows (the message of a WARN)'),
	Deny('OOPS', r'\bOops\b|\bUnable to handle kernel |^Internal error: '
	     r'|^general protection fault|^Kernel Fault: |^Bad mode in '
	     r'|^Unhandled fault: |^traps: .* trap ',
	     'an exception in the kernel, as each architecture calls it'),
	Deny('IOMMU', r'\bAMD-Vi: Event logged|\bDMAR: (\[|DRHD: handling fault)'
	     r'|\barm-smmu\S* \S+ (event 0x|Unhandled context fault)',
	     'a device used an address that is not mapped for it'),
	Deny('KMEMLEAK', r'^kmemleak: |^unreferenced object 0x',
	     'memory that nothing points to any more, or kmemleak gave up'),
	Deny('ALLOC', r'\bpage allocation failure: order:|^SLUB: Unable to allocate'
	     r'|^Out of memory: |\binvoked oom-killer: ',
	     'no memory, and the caller did not say __GFP_NOWARN'),
	Deny('UNALIGNED', r'[Uu]naligned (access|handler failed)',
	     'an access that the CPU cannot do and the kernel had to mend'),
	Deny('STALL', r'^rcu: INFO: |^INFO: rcu_\S+ .*stall|^INFO: task .* blocked for more'
	     r'|hard LOCKUP',
	     'a CPU or a task that does not get on'),
	Deny('IRQ', r'^irq \d+: nobody cared',
	     'an interrupt without a handler, switched off for good'),
	Deny('DROPPED', r'^\*\* \d+ printk messages dropped',
	     'lines are lost, and what they reported'),
	Deny('BACKTRACE', r'^(Call [Tt]race|Backtrace):',
	     'a backtrace without any of the headers above'),
]

# Each is a hole in the patterns above.
ALLOW = [
	Allow(r'^DMA-API: preallocated \d+ debug entries$',
	      'dma-debug starts'),
	Allow(r'^DMA-API: debugging enabled by kernel config$',
	      'dma-debug starts'),
	Allow(r'^DMA-API: dma_debug_entry pool grown to \d+ ',
	      'dma-debug needs more memory and has got it'),
	Allow(r'^DMA-API: Mapped at:$',
	      'a part of the report that was counted above it'),
	Allow(r'^DMA-API: \d+ errors? since boot, debugging (enabled|disabled)$',
	      'the last line of dma-debug, looked at on its own'),
	Allow(r'^kmemleak: Kernel memory leak detector initialized',
	      'kmemleak starts'),
	Allow(r'^kmemleak: Automatic memory scanning thread started$',
	      'kmemleak starts'),
]
