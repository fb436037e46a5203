# SPDX-License-Identifier: GPL-2.0
from qemu_machine import QemuMachine, virtio_disk

# Pages of 8 KiB, 64 bits, the weakest memory order of all, and PCI behind an
# IOMMU.
MACHINE = QemuMachine(
	arch='alpha',
	kconfig='''
# The board, which brings PCI for the disk
CONFIG_ALPHA_DP264=y
# Without them no bridge to ISA is found, and DMA of other devices is a BUG()
CONFIG_PCI_QUIRKS=y
# SLOB is not what anyone runs
CONFIG_SLUB=y
# The serial port
CONFIG_SERIAL_8250=y
CONFIG_SERIAL_8250_CONSOLE=y
''',
	make_target='vmlinux',
	kernel='vmlinux',
	console='ttyS0',
	qemu='qemu-system-alpha',
	qemu_args=('-M', 'clipper', '-m', '256', *virtio_disk()),
	# The window without a table begins at 2 GiB
	kernel_args=('dma_pci_test.dma_bits=31',))
