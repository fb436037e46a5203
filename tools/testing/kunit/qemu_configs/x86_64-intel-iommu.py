# SPDX-License-Identifier: GPL-2.0
from qemu_machine import QemuMachine

# An IOMMU of Intel's, which is off unless it is asked for. Devices get addresses
# from it that are no one's physical address. 32 bits are the least that it takes
# for a mask without ZONE_DMA.
#
# The check of the timer fails when the host is busy.
MACHINE = QemuMachine(
	arch='x86_64',
	kconfig='''
# The edu device, behind the IOMMU, which ACPI tells of
CONFIG_PCI=y
CONFIG_ACPI=y
CONFIG_IOMMU_SUPPORT=y
CONFIG_INTEL_IOMMU=y
# What that depends on
CONFIG_64BIT=y
CONFIG_PCI_MSI=y
# Two CPUs, to find what only goes wrong with several
CONFIG_SMP=y
# SLOB is neither for SMP nor what anyone runs
CONFIG_SLUB=y
# File and line in WARN()
CONFIG_DEBUG_BUGVERBOSE=y
# The serial port
CONFIG_SERIAL_8250=y
CONFIG_SERIAL_8250_CONSOLE=y
''',
	make_target='bzImage',
	kernel='arch/x86/boot/bzImage',
	console='ttyS0',
	qemu='qemu-system-x86_64',
	qemu_args=('-M', 'q35', '-m', '512', '-smp', '2',
		   '-device', 'intel-iommu',
		   '-device', 'edu,dma_mask=0xffffffff'),
	kernel_args=('intel_iommu=on', 'dma_edu_test.dma_bits=32',
		     'no_timer_check'))
