# SPDX-License-Identifier: GPL-2.0
from dataclasses import replace
from qemu_machine import load_machine

# The same, but the kernel is not told that the buses snoop the CPU's caches.
# dma-direct then maps coherent memory uncached, and takes what must not sleep
# from the atomic pools.
MACHINE = replace(load_machine('arm64'), drop_dt_properties=('dma-coherent',))
