# SPDX-License-Identifier: GPL-2.0
from qemu_machine import QemuMachine

# A Macintosh: a big endian 68040 with 32 bits, whose integers are aligned to 16 of
# them, without PCI, and with DMA that is not coherent, as that of its SONIC.
MACHINE = QemuMachine(
	arch='m68k',
	kconfig='''
# The CPU and the board
CONFIG_MMU=y
CONFIG_M68KCLASSIC=y
CONFIG_M68040=y
CONFIG_MAC=y
# SLOB is not what anyone runs
CONFIG_SLUB=y
# File and line in WARN()
CONFIG_DEBUG_BUGVERBOSE=y
# The serial port
CONFIG_SERIAL_PMACZILOG=y
CONFIG_SERIAL_PMACZILOG_TTYS=y
CONFIG_SERIAL_PMACZILOG_CONSOLE=y
''',
	make_target='vmlinux',
	kernel='vmlinux',
	console='ttyS0',
	qemu='qemu-system-m68k',
	qemu_args=('-M', 'q800', '-m', '128'))
