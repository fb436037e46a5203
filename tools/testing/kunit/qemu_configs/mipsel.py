# SPDX-License-Identifier: GPL-2.0
from qemu_machine import QemuMachine, virtio_disk

# A little endian CPU whose DMA is not coherent. A reboot does not end QEMU here.
MACHINE = QemuMachine(
	arch='mips',
	kconfig='''
# The board, with PCI for the disk
CONFIG_MIPS_MALTA=y
CONFIG_PCI=y
# The CPU, as qemu-system-mipsel has it
CONFIG_CPU_MIPS32_R2=y
CONFIG_CPU_LITTLE_ENDIAN=y
# SLOB is not what anyone runs
CONFIG_SLUB=y
# The serial port
CONFIG_SERIAL_8250=y
CONFIG_SERIAL_8250_CONSOLE=y
''',
	make_target='vmlinux',
	kernel='vmlinux',
	console='ttyS0',
	qemu='qemu-system-mipsel',
	qemu_args=('-M', 'malta', '-m', '256', *virtio_disk()))
