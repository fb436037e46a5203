# SPDX-License-Identifier: GPL-2.0
from dataclasses import replace
from qemu_machine import load_machine

# The same with configs/debug.config and a page allocator that clears what it
# gives out.
BASE = load_machine('x86_64')
MACHINE = replace(BASE, kernel_args=BASE.kernel_args + ('init_on_alloc=1',))
