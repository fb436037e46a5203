# SPDX-License-Identifier: GPL-2.0
from qemu_machine import QemuMachine, virtio_disk

# Big endian. PCI is reached by instructions of its own, and each function has a
# zpci device beside it, and its own table of addresses.
MACHINE = QemuMachine(
	arch='s390',
	kconfig='''
# The disk
CONFIG_PCI=y
# File and line in WARN()
CONFIG_DEBUG_BUGVERBOSE=y
# SLOB is not what anyone runs
CONFIG_SLUB=y
# The console: that of the firmware is off before the last words
CONFIG_S390_GUEST=y
CONFIG_VIRTIO_CONSOLE=y
''',
	make_target='bzImage',
	kernel='arch/s390/boot/bzImage',
	console='hvc0',
	qemu='qemu-system-s390x',
	qemu_args=('-M', 's390-ccw-virtio', '-m', '512',
		   '-device', 'virtio-serial-ccw',
		   '-chardev', 'file,id=hvc,path=/dev/stdout',
		   '-device', 'virtconsole,chardev=hvc',
		   '-device', 'zpci,uid=1,fid=1,target=disk-dev',
		   *virtio_disk('id=disk-dev')),
	# All addresses are above 4 GiB. Until the console is there the firmware prints.
	kernel_args=('dma_pci_test.dma_bits=64', 'earlyprintk'))
