# SPDX-License-Identifier: GPL-2.0
from dataclasses import replace
from qemu_machine import load_machine

# The same with an IOMMU of AMD's, which makes x86 use dma-iommu. The device gets
# addresses of 28 bits from it, wherever the memory is.
BASE = load_machine('x86_64')
MACHINE = replace(
	BASE,
	qemu_args=('-M', 'q35', '-m', '512', '-smp', '2',
		   '-device', 'amd-iommu', '-device', 'edu'))
