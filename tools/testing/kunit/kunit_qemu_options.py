# SPDX-License-Identifier: GPL-2.0
#
# The options of kunit.py for the machines of QEMU.

from qemu_machine import UML

ALL = ('run', 'config', 'build', 'exec', 'parse')
BUILDING = ('run', 'config', 'build')
RUNNING = ('run', 'exec')
JUDGING = ('run', 'exec', 'parse')

# Subcommands, name, and the arguments of add_argument()
OPTIONS = [
	(ALL, 'arch', dict(
		metavar='NAME',
		help='What to run the tests on: um (the default), or a machine of '
		'QEMU, which is the name of a file in tools/testing/kunit/'
		'qemu_configs/ without its .py')),
	(ALL, 'qemu_config', dict(
		metavar='FILE', help='A machine file that is elsewhere')),
	(BUILDING, 'cross_compile', dict(
		metavar='PREFIX',
		help='Prefix of the compiler and its tools, as in the make command')),
	(BUILDING, 'kunitconfig', dict(
		metavar='FILE', action='append',
		help='Options to add to those of the machine, can be repeated, the '
		'later file wins')),
	(BUILDING, 'kconfig_add', dict(
		metavar='CONFIG_X=Y', action='append',
		help='An option to add to all of these, can be repeated')),
	(RUNNING, 'qemu', dict(
		metavar='COMMAND',
		help='How to call QEMU, instead of by the name that the machine has '
		'for it')),
	(RUNNING, 'qemu_args', dict(
		metavar='STRING', action='append',
		help='More arguments for QEMU, split as a shell does, can be repeated')),
	(RUNNING, 'kernel_args', dict(
		metavar='STRING', action='append',
		help='More for the kernel\'s command line, can be repeated')),
	(RUNNING, 'silence', dict(
		metavar='SECONDS', type=int, default=60,
		help='How long the kernel may say nothing, 60 by default')),
	(RUNNING, 'dma_debug', dict(
		choices=('auto', 'off'), default='auto',
		help='auto: a kernel with DMA_API_DEBUG has to end with the number '
		'of its errors. off: it need not, where it does the number counts')),
	(JUDGING, 'expected', dict(
		metavar='FILE',
		help='The cases that have to run, and no other, one suite.case a line')),
	(JUDGING, 'update_expected', dict(
		action='store_true',
		help='Write the cases that ran to the file of --expected')),
	(JUDGING, 'results', dict(
		metavar='FILE', help='Write "suite.case passed|failed|crashed" lines to it')),
]

def add_options(parser, subcommand: str) -> None:
	group = parser.add_argument_group(
		'machines of QEMU', 'File names are relative to the kernel tree. Exit '
		'codes are in Documentation/dev-tools/kunit/kunit-tool.rst.')
	for subcommands, name, arguments in OPTIONS:
		if subcommand in subcommands:
			group.add_argument('--' + name, **arguments)

def wants_qemu(args) -> bool:
	return bool(args.subcommand and
		    (args.qemu_config or args.arch not in (None, UML)))

def misuse(args) -> str:
	"""What is wrong with the options, or nothing."""
	if not args.subcommand:
		return ''
	if wants_qemu(args):
		if getattr(args, 'alltests', False):
			return '--alltests is for --arch=um'
		if getattr(args, 'update_expected', False) and not args.expected:
			return '--update_expected needs --expected=FILE to write to'
		return ''
	for _, name, arguments in OPTIONS:
		default = arguments.get('default', False
					if 'store_true' in arguments.values() else None)
		if name != 'arch' and getattr(args, name, default) != default:
			return '--%s is for machines of QEMU, see --arch' % name
	return ''
