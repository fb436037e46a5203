# SPDX-License-Identifier: GPL-2.0
from dataclasses import replace
from qemu_machine import load_machine

# The same with an IOMMU of Intel's, which is off unless it is asked for. Devices
# get addresses from it that are no one's physical address: with 32 bits they are
# just below 4 GiB.
BASE = load_machine('x86_64')
MACHINE = replace(
	BASE,
	qemu_args=('-M', 'q35', '-m', '512', '-smp', '2',
		   '-device', 'intel-iommu',
		   '-device', 'edu,dma_mask=0xffffffff'),
	kernel_args=BASE.kernel_args + ('intel_iommu=on',
					'dma_edu_test.dma_bits=32'))
