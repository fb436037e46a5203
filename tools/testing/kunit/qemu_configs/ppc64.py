# SPDX-License-Identifier: GPL-2.0
from qemu_machine import QemuMachine, virtio_disk

# A big endian pseries. Its hypervisor keeps the tables of addresses: one for
# devices with 32 bits, and one with all of the memory for those with 64.
MACHINE = QemuMachine(
	arch='powerpc',
	kconfig='''
# The CPU and the board
CONFIG_PPC64=y
CONFIG_PPC_BOOK3S_64=y
CONFIG_PPC_PSERIES=y
# The firmware, which starts the kernel
CONFIG_PPC_OF_BOOT_TRAMPOLINE=y
# The disk
CONFIG_PCI=y
# gcc 12 stops at a function of eeh.c that is empty without it
CONFIG_PROC_FS=y
# File and line in WARN()
CONFIG_DEBUG_BUGVERBOSE=y
# SLOB is not what anyone runs
CONFIG_SLUB=y
# The serial port, a virtual one
CONFIG_HVC_CONSOLE=y
''',
	make_target='vmlinux',
	kernel='vmlinux',
	console='hvc0',
	qemu='qemu-system-ppc64',
	qemu_args=('-M', 'pseries', '-m', '512', *virtio_disk()))
