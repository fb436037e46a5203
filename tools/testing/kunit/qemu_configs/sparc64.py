# SPDX-License-Identifier: GPL-2.0
from qemu_machine import QemuMachine, virtio_disk

# A big endian sun4u with pages of 8 KiB, behind the IOMMU of its PCI controller.
MACHINE = QemuMachine(
	arch='sparc64',
	kconfig='''
# The CPU
CONFIG_64BIT=y
# The disk
CONFIG_PCI=y
# File and line in WARN()
CONFIG_DEBUG_BUGVERBOSE=y
# SLOB is not what anyone runs
CONFIG_SLUB=y
# The serial port
CONFIG_SERIAL_SUNSU=y
CONFIG_SERIAL_SUNSU_CONSOLE=y
''',
	make_target='vmlinux',
	kernel='vmlinux',
	console='ttyS0',
	qemu='qemu-system-sparc64',
	# Of the two buses the other has no slot to spare
	qemu_args=('-M', 'sun4u', '-m', '256', *virtio_disk('bus=pciB')))
