# SPDX-License-Identifier: GPL-2.0
from qemu_machine import QemuMachine

# RAM starts at 1 GiB, out of reach of the 28 bits of address that edu has: all
# that it reaches is what the IOMMU maps.
MACHINE = QemuMachine(
	arch='arm64',
	kconfig='''
# The edu device, behind the IOMMU
CONFIG_PCI=y
CONFIG_PCI_HOST_GENERIC=y
CONFIG_IOMMU_SUPPORT=y
CONFIG_ARM_SMMU_V3=y
# Contiguous memory from CMA, no more of it than the page allocator has in a
# piece: there are cases for what is too large
CONFIG_CMA=y
CONFIG_DMA_CMA=y
# Show what is used without having been set, which compilers clear by default
CONFIG_INIT_STACK_NONE=y
# File and line in WARN()
CONFIG_DEBUG_BUGVERBOSE=y
# The serial port
CONFIG_SERIAL_AMBA_PL011=y
CONFIG_SERIAL_AMBA_PL011_CONSOLE=y
''',
	make_target='Image',
	kernel='arch/arm64/boot/Image',
	console='ttyAMA0',
	qemu='qemu-system-aarch64',
	qemu_args=('-M', 'virt,iommu=smmuv3', '-cpu', 'cortex-a57', '-m', '512',
		   '-device', 'edu'),
	kernel_args=('cma=4M',))
