# SPDX-License-Identifier: GPL-2.0
from dataclasses import replace
from qemu_machine import load_machine

# The same kernel without an IOMMU. RAM starts at 1 GiB, so the device has 32 bits
# of address here and not the 28 that it has by default.
MACHINE = replace(load_machine('arm64-smmuv3'),
		  qemu_args=('-M', 'virt', '-cpu', 'cortex-a57', '-m', '512',
			     '-device', 'edu,dma_mask=0xffffffff'),
		  kernel_args=('cma=4M', 'dma_edu_test.dma_bits=32'))
