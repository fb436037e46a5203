"""Show the figures of two kernels side by side, and tell what is over its limit."""
from .boot import SETTINGS, SIZES

# Of dma-direct: how many instructions more than which call of the page allocator an allocation may cost. What returns
# an address is compared with what does: from pages to an address and back takes about 20.
RAW = {'raw': 'alloc_pages()', 'address': '__get_free_pages()'}
OVER = {'pages': ('raw', 120), 'atomic': ('raw', 120), 'noncoherent': ('address', 120)}
# Behind an IOMMU larger sizes depend on the addresses that were given back before: by 1.1 % at most was seen.
NOISY, NOISE = 128 << 10, 1.015


def human(size):
    return f'{size >> 20} MiB' if size >= 1 << 20 else f'{size >> 10} KiB'


def show(setting, ours, theirs):
    """A table for one setting."""
    print(f'\n{setting}: instructions of a call, ours / 5.10.262 / ratio')
    calls = [name for name in ours if name not in RAW]
    print(f'{"size":>8}' + ''.join(f'{name:>9}' for name in RAW) + ''.join(f'{name:>29}' for name in calls))
    for column, size in enumerate(SIZES):
        cells = []
        for name in calls:
            mine, their = ours[name][column], theirs[name][column]
            ratio = f'{mine / their:.3f}' if mine is not None and their else '-'
            cells.append(f'{mine if mine is not None else "-":>11} /{their if their is not None else "-":>8} /{ratio:>6}')
        print(f'{human(size):>8}' + ''.join(f'{ours[name][column]:>9}' for name in RAW) +
              ''.join(f'{cell:>29}' for cell in cells), flush=True)


def faults(results):
    """What is dearer than it may be."""
    for setting in SETTINGS:
        direct = setting.startswith('dma-direct')
        ours, theirs = results[setting, 'ours'], results[setting, '5.10.262']
        for name, row in ours.items():
            for column, size in enumerate(SIZES):
                what = f'{setting}, {name}, {human(size)}'
                mine, their = row[column], theirs[name][column]
                if name in RAW:
                    continue
                if mine is None:
                    if their is not None:
                        yield f'{what}: no memory, and the release has some'
                    continue
                if their is not None and mine > their * (1 if direct or size < NOISY else NOISE):
                    yield f'{what}: {mine}, more than the {their} of the release'
                if direct and name in OVER:
                    base, more = OVER[name]
                    raw = ours[base][column]
                    if mine > raw + more:
                        yield f'{what}: {mine}, more than {more} over the {raw} of {RAW[base]}'


def verdict(results):
    """The exit code, with its reasons."""
    found = list(faults(results))
    print()
    for line in found:
        print(f'bench: {line}')
    print(f'bench: {len(found)} figures over their limit' if found else
          'bench: none over its limit: the release, and for dma-direct ' +
          ', '.join(f'{RAW[base]} + {more} ({name})' for name, (base, more) in OVER.items()))
    return 1 if found else 0
