# SPDX-License-Identifier: GPL-2.0
from dataclasses import replace
from qemu_machine import load_machine

# The same, but whatever is mapped is bounced. Memory that was allocated for the
# device must not be.
BASE = load_machine('x86_64')
MACHINE = replace(BASE, kernel_args=BASE.kernel_args + ('swiotlb=force',))
