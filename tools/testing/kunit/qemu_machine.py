# SPDX-License-Identifier: GPL-2.0
#
# The machines of QEMU that kunit.py can run a kernel on.
#
# A machine is a file in qemu_configs/ which defines MACHINE. Its name, as given
# to --arch, is the file's. Names may have dashes, so files are loaded by path.

import os
import runpy

from dataclasses import dataclass, replace
from typing import List, Optional, Tuple

UML = 'um'
HERE = os.path.dirname(os.path.realpath(__file__))
MACHINES_DIR = os.path.join(HERE, 'qemu_configs')

class MachineError(Exception):
	"""There is no such machine, or its file is of no use."""

@dataclass(frozen=True)
class QemuMachine:
	# ARCH= of the kernel's Makefile
	arch: str
	# Options beyond configs/qemu_common.config, each with its reason
	kconfig: str
	# What to build, and where make leaves it, relative to the build directory
	make_target: str
	kernel: str
	# Value of console=, as the kernel calls QEMU's first serial port
	console: str
	# Program, and what makes it this machine
	qemu: str
	qemu_args: Tuple[str, ...]
	# Oldest version that has the machine, None where any will do
	min_qemu: Optional[Tuple[int, ...]] = None
	# How the kernel ends the run: reboot, halt or poweroff
	shutdown: str = 'reboot'
	# More for the kernel's command line
	kernel_args: Tuple[str, ...] = ()
	# Properties to be taken out of all nodes of the device tree that QEMU makes
	drop_dt_properties: Tuple[str, ...] = ()
	# Set from the file's name
	name: str = ''

def virtio_disk(*properties: str) -> Tuple[str, ...]:
	"""For qemu_args: the device of configs/dma_pci.config. It uses the addresses
	of its bus, and keeps what is written to it until QEMU ends."""
	return ('-drive', 'if=none,id=disk,driver=null-co,size=1M,read-zeroes=on,'
			  'snapshot=on',
		'-device', ','.join(('virtio-blk-pci', 'drive=disk',
				     'disable-legacy=on', 'iommu_platform=on') +
				    properties))

def machine_names() -> List[str]:
	return sorted(f[:-len('.py')] for f in os.listdir(MACHINES_DIR)
		      if f.endswith('.py'))

def load_machine_file(path: str) -> QemuMachine:
	name = os.path.splitext(os.path.basename(path))[0]
	try:
		machine = runpy.run_path(path).get('MACHINE')
	except Exception as e:
		# The file is code: whatever it raises makes it unusable.
		raise MachineError('machine file %s: %s: %s' %
				   (path, type(e).__name__, e))
	if not isinstance(machine, QemuMachine):
		raise MachineError('machine file %s: no MACHINE = QemuMachine(...)'
				   % path)
	return replace(machine, name=name)

def load_machine(name: str) -> QemuMachine:
	if name not in machine_names():
		raise MachineError('no machine %s: there are %s' %
				   (name, ', '.join([UML] + machine_names())))
	return load_machine_file(os.path.join(MACHINES_DIR, name + '.py'))
