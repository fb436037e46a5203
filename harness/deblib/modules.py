"""The modules that a configuration has below some folders."""

import re

FOLDERS = ("kernel/dma", "drivers/iommu", "drivers/firewire", "drivers/scsi", "drivers/net", "drivers/gpu/drm/nouveau", "sound")
OBJECTS = re.compile(r"^\s*obj-(?:\$\(CONFIG_(\w+)\)|y)\s*[:+]?=\s*(.*)$", re.M)


def below(tree, folders, config):
    """{(module, its folder): the one of folders that it is below}, without the directories that are not entered."""
    chosen = {"": "y", **dict(re.findall(r"^CONFIG_(\w+)=([ym])$", config.read_text(), re.M))}
    found = {}

    def enter(folder, top):
        makefile = next((path for path in (tree / folder / "Kbuild", tree / folder / "Makefile") if path.exists()), None)
        if not makefile:
            return
        for option, words in OBJECTS.findall(makefile.read_text().replace("\\\n", " ")):
            for word in words.partition("#")[0].split():
                if option not in chosen:
                    continue
                if word.endswith("/"):
                    enter(f"{folder}/{word.rstrip('/')}", top)
                elif word.endswith(".o") and chosen[option] == "m":
                    found[word[:-2], folder] = top

    for top in folders:
        enter(top, top)
    return found


def built(out, module, folder):
    """Linked; what is not even compiled stands in an ifdef of its Makefile."""
    return (out / folder / f"{module}.ko").exists() or not (out / folder / f"{module}.o").exists()


def count(found):
    """{one of folders: how many modules}"""
    counts = {}
    for top in found.values():
        counts[top] = counts.get(top, 0) + 1
    return counts
