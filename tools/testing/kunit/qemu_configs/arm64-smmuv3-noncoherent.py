# SPDX-License-Identifier: GPL-2.0
from dataclasses import replace
from qemu_machine import load_machine

# The same, but all that the kernel is told of its buses, and of the IOMMU, is
# that they do not snoop the CPU's caches. QEMU has no caches: the kernel has to
# be watched.
MACHINE = replace(load_machine('arm64-smmuv3'),
		  drop_dt_properties=('dma-coherent',))
