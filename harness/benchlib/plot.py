"""Draw the cost over the size."""
import subprocess

from .boot import SIZES

SCRIPT = '''
set terminal svg size 900,420 dynamic font "sans,12" background "white"
set output "bench.svg"
set multiplot layout 1,2 title "instructions of an allocation and its free, dma-direct on x86\\\\_64"
set logscale xy 2
set format x "%.0b%BB"
set format y "10^{%T}"
set logscale y 10
set xlabel "size"
set key top left
set grid
set xtics 4096,16
set title "init\\\\_on\\\\_alloc=0"
plot for [i=2:4] "bench.dat" index 0 using 1:i with linespoints title columnhead(i)
set title "init\\\\_on\\\\_alloc=1"
plot for [i=2:4] "bench.dat" index 1 using 1:i with linespoints title columnhead(i)
'''


def draw(results, folder):
    """bench.dat and bench.svg in the folder."""
    blocks = []
    for setting in 'dma-direct', 'dma-direct init_on_alloc=1':
        ours, theirs = results[setting, 'ours'], results[setting, '5.10.262']
        rows = ['size "alloc_pages()" "ours" "5.10.262"']
        rows += [f'{size} {ours["raw"][i]} {ours["pages"][i]} {theirs["pages"][i]}' for i, size in enumerate(SIZES)]
        blocks.append('\n'.join(rows))
    (folder / 'bench.dat').write_text('\n\n\n'.join(blocks) + '\n')
    (folder / 'bench.gp').write_text(SCRIPT)
    subprocess.run(['gnuplot', 'bench.gp'], cwd=folder, check=True)
