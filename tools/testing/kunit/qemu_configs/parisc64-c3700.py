# SPDX-License-Identifier: GPL-2.0
from dataclasses import replace
from qemu_machine import load_machine

# The same with all bits of the CPU in use.
BASE = load_machine('parisc-c3700')
MACHINE = replace(BASE, kconfig=BASE.kconfig + '''
# The width of the kernel
CONFIG_64BIT=y
''')
