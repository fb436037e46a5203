# SPDX-License-Identifier: GPL-2.0
from qemu_machine import QemuMachine

MACHINE = QemuMachine(
	arch='x86_64',
	kconfig='''
# The edu device
CONFIG_PCI=y
# RAM that is surely within the 28 bits of address that it has
CONFIG_ZONE_DMA=y
# 64 bits instead of 32
CONFIG_64BIT=y
# Two CPUs, to find what only goes wrong with several
CONFIG_SMP=y
# Without its tables neither the second CPU nor an IOMMU is found
CONFIG_ACPI=y
# The IOMMUs of other machines, and suspend for suites of drivers: one
# configuration for all of them is compiled once
CONFIG_IOMMU_SUPPORT=y
CONFIG_INTEL_IOMMU=y
CONFIG_AMD_IOMMU=y
CONFIG_PCI_MSI=y
CONFIG_PM=y
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
	qemu_args=('-M', 'q35', '-m', '512', '-smp', '2', '-device', 'edu'),
	# The check of the timer fails when the host is busy
	kernel_args=('no_timer_check',))
