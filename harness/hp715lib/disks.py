"""The images of the guest's disks: made before a run, compared after it.

What the guest writes follows from the seed: the order of random numbers below is
that of its disk_write.c.
"""

from .pattern import BAD_DISK, BLOCK, CD, DISK

DISK_BLOCKS = 64 << 11          # 64 MiB
CD_BLOCKS = 16 << 11
BAD_BLOCKS = 1 << 11
BAD_SECTOR = 1000               # the start of a page

EXTENT = 256 * 1024 // BLOCK
RNG_WRITE, WRITES = 200, 300
RNG_QUEUE, WRITERS, WRITES_EACH = 300, 8, 60


def make(path, pattern, stream, blocks):
    """An image with each block in its first generation."""
    with open(path, "wb") as file:
        for number in range(0, blocks, 2048):
            file.write(pattern.data(2048 * BLOCK, stream, number))


def make_all(folder, pattern):
    make(folder / "disk.img", pattern, DISK, DISK_BLOCKS)
    make(folder / "cd.img", pattern, CD, CD_BLOCKS)
    make(folder / "bad.img", pattern, BAD_DISK, BAD_BLOCKS)


def extents(rng, first, size, count):
    """The extents that a writer goes through: block and number of blocks."""
    for _ in range(count):
        most = EXTENT >> rng.below(10)
        blocks = 1 + rng.below(most or 1)
        start = first + rng.below(size - blocks + 1)
        yield start, blocks
        # where in memory the data were, written and read
        rng.next()
        rng.next()


def generations(pattern, finished):
    """The generation of each block, after the tests with these names."""
    result = [0] * DISK_BLOCKS
    if "disk-write" in finished:
        write(result, extents(pattern.random(RNG_WRITE), 0, DISK_BLOCKS, WRITES), 1)
    if "disk-queue" in finished:
        size = DISK_BLOCKS // WRITERS
        for writer in range(WRITERS):
            rng = pattern.random(RNG_QUEUE + writer)
            write(result, extents(rng, writer * size, size, WRITES_EACH), (writer + 1 << 16) + 1)
    return result


def write(result, sequence, generation):
    for number, (start, blocks) in enumerate(sequence):
        result[start:start + blocks] = [generation + number] * blocks


def wrong_blocks(path, pattern, stream, wanted):
    """The numbers of the blocks that are not as they have to be."""
    wrong = []
    with open(path, "rb") as file:
        for number, generation in enumerate(wanted):
            if file.read(BLOCK) != pattern.block(stream, number, generation):
                wrong.append(number)
        if file.read(1):
            wrong.append(len(wanted))
    return wrong


def compare_all(folder, pattern, finished):
    """A list of (image, blocks compared, blocks that are wrong)."""
    return [(name, len(wanted), wrong_blocks(folder / f"{name}.img", pattern, stream, wanted))
            for name, stream, wanted in (("disk", DISK, generations(pattern, finished)),
                                         ("cd", CD, [0] * CD_BLOCKS),
                                         ("bad", BAD_DISK, [0] * BAD_BLOCKS))]
