"""Show the figures of two kernels side by side, and tell what is over its limit."""
from .boot import SETTINGS, SIZES

# Of dma-direct: what an allocation may cost over alloc_pages(__GFP_ZERO), in instructions. From pages to an
# address and back it takes a few more.
OVER_RAW = {'pages': 120, 'atomic': 120, 'noncoherent': 140}
# Behind an IOMMU larger sizes depend on the addresses that were given back before: by 1.1 % at most was seen.
NOISY, NOISE = 128 << 10, 1.015


def human(size):
    return f'{size >> 20} MiB' if size >= 1 << 20 else f'{size >> 10} KiB'


def show(setting, ours, theirs):
    """A table for one setting."""
    print(f'\n{setting}: instructions of a call, ours / 5.10.262 / ratio')
    print(f'{"size":>8} {"raw":>9}' + ''.join(f'{name:>29}' for name in ours if name != 'raw'))
    for column, size in enumerate(SIZES):
        cells = []
        for name in ours:
            if name == 'raw':
                continue
            mine, their = ours[name][column], theirs[name][column]
            ratio = f'{mine / their:.3f}' if mine is not None and their else '-'
            cells.append(f'{mine if mine is not None else "-":>11} /{their if their is not None else "-":>8} /{ratio:>6}')
        print(f'{human(size):>8} {ours["raw"][column]:>9}' + ''.join(f'{cell:>29}' for cell in cells), flush=True)


def faults(results):
    """What is dearer than it may be."""
    for setting in SETTINGS:
        direct = setting.startswith('dma-direct')
        ours, theirs = results[setting, 'ours'], results[setting, '5.10.262']
        for name, row in ours.items():
            for column, size in enumerate(SIZES):
                what = f'{setting}, {name}, {human(size)}'
                mine, their, raw = row[column], theirs[name][column], ours['raw'][column]
                if name == 'raw':
                    continue
                if mine is None:
                    if their is not None:
                        yield f'{what}: no memory, and the release has some'
                    continue
                if their is not None and mine > their * (1 if direct or size < NOISY else NOISE):
                    yield f'{what}: {mine}, more than the {their} of the release'
                if direct and name in OVER_RAW and mine > raw + OVER_RAW[name]:
                    yield f'{what}: {mine}, more than {OVER_RAW[name]} over the {raw} of alloc_pages()'


def verdict(results):
    """The exit code, with its reasons."""
    found = list(faults(results))
    print()
    for line in found:
        print(f'bench: {line}')
    print(f'bench: {len(found)} figures over their limit' if found else
          'bench: none over its limit: the release, and for dma-direct ' +
          ', '.join(f'alloc_pages() + {more} ({name})' for name, more in OVER_RAW.items()))
    return 1 if found else 0
