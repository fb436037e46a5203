# SPDX-License-Identifier: GPL-2.0
from qemu_machine import QemuMachine

# A big endian CPU whose DMA is not coherent. A reboot does not end QEMU here.
MACHINE = QemuMachine(
	arch='mips',
	kconfig='''
# The board
CONFIG_MIPS_MALTA=y
CONFIG_PCI=y
# The CPU, as qemu-system-mips has it
CONFIG_CPU_MIPS32_R2=y
CONFIG_CPU_BIG_ENDIAN=y
# The serial port
CONFIG_SERIAL_8250=y
CONFIG_SERIAL_8250_CONSOLE=y
''',
	make_target='vmlinux',
	kernel='vmlinux',
	console='ttyS0',
	qemu='qemu-system-mips',
	qemu_args=('-M', 'malta', '-m', '256'))
