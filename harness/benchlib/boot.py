"""Boot a kernel with the benchmark, and read what it measured."""
import re
import subprocess
import sys

# One instruction is one nanosecond of the guest's clock. The calibration of the TSC is then off by nothing.
FIXED = ('-M', 'q35', '-cpu', 'qemu64', '-smp', '1', '-m', '512', '-icount', 'shift=0,sleep=off')
QEMU = ('qemu-system-x86_64', *FIXED, '-nographic', '-no-reboot', '-nodefaults', '-serial', 'stdio')
ARGS = 'console=ttyS0 panic=-1 no_timer_check tsc=reliable dma_alloc_benchmark.device=1234:11e8'
BACKENDS = {'dma-direct': ([], ''),
            'amd-iommu': (['-device', 'amd-iommu'], ''),
            'intel-iommu': (['-device', 'intel-iommu'], 'intel_iommu=on')}
SETTINGS = [f'{backend}{init}' for backend in BACKENDS for init in ('', ' init_on_alloc=1')]
CALLS = ('raw', 'address', 'pages', 'atomic', 'noncoherent', 'sync')
ROW = re.compile(r'dma_alloc_benchmark \S+ (\w+):((?: (?:\d+|-))+)\r?$', re.M)
SIZES = [4096 << order for order in range(11)]


def command(out, setting, *more):
    """The words that start QEMU."""
    backend, _, init = setting.partition(' ')
    devices, args = BACKENDS[backend]
    return [*QEMU, *devices, '-device', 'edu,dma_mask=0xffffffff', '-kernel', str(out / 'arch/x86/boot/bzImage'),
            '-append', f'{ARGS} init_on_alloc={1 if init else 0} {args}', *more]


def run(out, setting, log):
    """{call: [instructions for each size]}"""
    try:
        said = subprocess.run(command(out, setting), timeout=600, stdin=subprocess.DEVNULL, text=True, errors='replace',
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False).stdout
    except subprocess.TimeoutExpired:
        sys.exit(f'bench: {out.name} with {setting} did not end within ten minutes')
    log.write_text(said)
    rows = {name: [None if word == '-' else int(word) for word in words.split()] for name, words in ROW.findall(said)}
    if sorted(rows) != sorted(CALLS) or any(len(row) != len(SIZES) for row in rows.values()):
        sys.exit(f'bench: {out.name} with {setting} did not measure: see {log}')
    return rows
