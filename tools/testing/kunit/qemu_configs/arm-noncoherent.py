# SPDX-License-Identifier: GPL-2.0
from dataclasses import replace
from qemu_machine import load_machine

# The same, but the kernel is not told that the buses snoop the CPU's caches: the
# operations are those that maintain them.
MACHINE = replace(load_machine('arm'), drop_dt_properties=('dma-coherent',))
