# SPDX-License-Identifier: GPL-2.0
from qemu_machine import QemuMachine, virtio_disk

# DMA is coherent and without an IOMMU. RAM starts at 2 GiB, so edu has 32 bits of
# address here and not the 28 that it has by default.
MACHINE = QemuMachine(
	arch='riscv',
	kconfig='''
# The CPU, in supervisor mode
CONFIG_64BIT=y
CONFIG_MMU=y
# QEMU's board, and who powers it off
CONFIG_SOC_VIRT=y
# The edu device and the disk
CONFIG_PCI=y
CONFIG_PCI_HOST_GENERIC=y
# SLOB is not what anyone runs
CONFIG_SLUB=y
# File and line in WARN()
CONFIG_DEBUG_BUGVERBOSE=y
# The serial port
CONFIG_SERIAL_8250=y
CONFIG_SERIAL_8250_CONSOLE=y
CONFIG_SERIAL_OF_PLATFORM=y
''',
	make_target='Image',
	kernel='arch/riscv/boot/Image',
	console='ttyS0',
	qemu='qemu-system-riscv64',
	qemu_args=('-M', 'virt', '-m', '256',
		   '-device', 'edu,dma_mask=0xffffffff', *virtio_disk()),
	kernel_args=('dma_edu_test.dma_bits=32',))
