# SPDX-License-Identifier: GPL-2.0
from qemu_machine import QemuMachine, virtio_disk

# A PA8700 CPU, of which 32 bits are in use, and PCI behind the IOMMU of an SBA chip.
MACHINE = QemuMachine(
	arch='parisc',
	kconfig='''
# The CPU
CONFIG_PA8X00=y
# The bus, with the IOMMU and the disk
CONFIG_PCI=y
CONFIG_PCI_LBA=y
# SLOB is not what anyone runs
CONFIG_SLUB=y
# File and line in WARN()
CONFIG_DEBUG_BUGVERBOSE=y
# The serial port of its Diva card
CONFIG_SERIAL_8250=y
CONFIG_SERIAL_8250_PCI=y
CONFIG_SERIAL_8250_CONSOLE=y
''',
	make_target='vmlinux',
	kernel='vmlinux',
	console='ttyS0',
	qemu='qemu-system-hppa',
	min_qemu=(8, 1),
	qemu_args=('-M', 'C3700', '-m', '256', *virtio_disk()))
