# SPDX-License-Identifier: GPL-2.0
from qemu_machine import QemuMachine

# An HP 9000/715: a PA7100LC CPU, which cannot map memory uncached, with the
# SCSI and Ethernet controllers of its Lasi chip. QEMU has the former only when there
# is a disk, which is up to --qemu_args.
MACHINE = QemuMachine(
	arch='parisc',
	kconfig='''
# The CPU, the bus and the chip
CONFIG_PA7100LC=y
CONFIG_GSC=y
CONFIG_GSC_LASI=y
# File and line in WARN()
CONFIG_DEBUG_BUGVERBOSE=y
# The serial port
CONFIG_SERIAL_8250=y
CONFIG_SERIAL_8250_CONSOLE=y
CONFIG_SERIAL_8250_GSC=y
# The 53c710, and disks on it
CONFIG_BLOCK=y
CONFIG_SCSI=y
CONFIG_SCSI_LOWLEVEL=y
CONFIG_SCSI_LASI700=y
CONFIG_BLK_DEV_SD=y
# The 82596
CONFIG_NET=y
CONFIG_INET=y
CONFIG_NETDEVICES=y
CONFIG_ETHERNET=y
CONFIG_NET_VENDOR_INTEL=y
CONFIG_NET_VENDOR_I825XX=y
CONFIG_LASI_82596=y
''',
	make_target='vmlinux',
	kernel='vmlinux',
	console='ttyS0',
	qemu='qemu-system-hppa',
	min_qemu=(10, 2),
	qemu_args=('-M', '715', '-m', '128', '-nic', 'user,model=lasi_82596'))
