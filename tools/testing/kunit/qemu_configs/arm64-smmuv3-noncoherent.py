# SPDX-License-Identifier: GPL-2.0
from dataclasses import replace
from qemu_machine import load_machine

# The same, but all that the kernel is told of its buses, and of the IOMMU, is
# that they do not snoop the CPU's caches. QEMU has no caches: the kernel has to
# be watched.
BASE = load_machine('arm64-smmuv3')
MACHINE = replace(BASE,
		  kconfig=BASE.kconfig + '''
# Show what is used without having been set, which compilers clear by default
CONFIG_INIT_STACK_NONE=y
''',
		  drop_dt_properties=('dma-coherent',))
