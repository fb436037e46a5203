# SPDX-License-Identifier: GPL-2.0
from qemu_machine import QemuMachine, virtio_disk

# 64 bits, big endian, DMA is not coherent. A reboot does not end QEMU here.
MACHINE = QemuMachine(
	arch='mips',
	kconfig='''
# The board, with PCI for the disk
CONFIG_MIPS_MALTA=y
CONFIG_PCI=y
# The CPU
CONFIG_64BIT=y
CONFIG_CPU_MIPS64_R2=y
CONFIG_CPU_BIG_ENDIAN=y
# SLOB is not what anyone runs
CONFIG_SLUB=y
# The serial port
CONFIG_SERIAL_8250=y
CONFIG_SERIAL_8250_CONSOLE=y
''',
	make_target='vmlinux',
	kernel='vmlinux',
	console='ttyS0',
	qemu='qemu-system-mips64',
	qemu_args=('-M', 'malta', '-cpu', 'MIPS64R2-generic', '-m', '256',
		   *virtio_disk()))
