# SPDX-License-Identifier: GPL-2.0
from qemu_machine import QemuMachine

# A SPARCstation 5: a big endian CPU with 32 bits, and an SBus with an IOMMU, behind
# which its LANCE is.
MACHINE = QemuMachine(
	arch='sparc',
	kconfig='''
# The bus
CONFIG_SBUS=y
# SLOB is not what anyone runs
CONFIG_SLUB=y
# The serial port
CONFIG_SERIAL_SUNZILOG=y
CONFIG_SERIAL_SUNZILOG_CONSOLE=y
''',
	make_target='vmlinux',
	kernel='vmlinux',
	console='ttyS0',
	qemu='qemu-system-sparc',
	qemu_args=('-M', 'SS-5', '-m', '128'))
