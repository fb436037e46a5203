# SPDX-License-Identifier: GPL-2.0
from qemu_machine import QemuMachine, virtio_disk

# 32 bits with DMA operations of its own, which are those of coherent devices
# here. RAM starts at 1 GiB, so edu has 32 bits of address and not 28.
MACHINE = QemuMachine(
	arch='arm',
	kconfig='''
# QEMU's board
CONFIG_MMU=y
CONFIG_ARCH_MULTI_V7=y
CONFIG_ARCH_VIRT=y
# The compiler wants the ABI that it was made for
CONFIG_AEABI=y
# The edu device and the disk
CONFIG_PCI=y
CONFIG_PCI_HOST_GENERIC=y
# SLOB is not what anyone runs
CONFIG_SLUB=y
# File and line in WARN()
CONFIG_DEBUG_BUGVERBOSE=y
# The serial port
CONFIG_SERIAL_AMBA_PL011=y
CONFIG_SERIAL_AMBA_PL011_CONSOLE=y
''',
	make_target='zImage',
	kernel='arch/arm/boot/zImage',
	console='ttyAMA0',
	qemu='qemu-system-arm',
	# Without LPAE the kernel does not reach what is above 4 GiB
	qemu_args=('-M', 'virt,highmem=off', '-cpu', 'cortex-a15', '-m', '512',
		   '-device', 'edu,dma_mask=0xffffffff', *virtio_disk()),
	kernel_args=('dma_edu_test.dma_bits=32',))
