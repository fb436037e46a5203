# SPDX-License-Identifier: GPL-2.0
from qemu_machine import QemuMachine

# 32 bits, one CPU, and more RAM than the kernel has linear addresses for.
#
# The check of the timer fails when the host is busy.
MACHINE = QemuMachine(
	arch='i386',
	kconfig='''
# The edu device
CONFIG_PCI=y
# RAM that is surely within the 28 bits of address that it has
CONFIG_ZONE_DMA=y
# Use RAM without a linear address as well
CONFIG_HIGHMEM4G=y
# Contiguous memory from CMA, which is off unless it is asked for
CONFIG_CMA=y
CONFIG_DMA_CMA=y
# SLOB is not what anyone runs
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
	qemu='qemu-system-i386',
	qemu_args=('-M', 'pc', '-m', '1536', '-device', 'edu'),
	kernel_args=('cma=4M', 'no_timer_check'))
