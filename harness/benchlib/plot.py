"""Draw the cost over the size."""
import subprocess

from .boot import SIZES

SCRIPT = '''
set terminal svg noenhanced size 900,420 font "sans,12" background "white"
set output "bench.svg"
set multiplot layout 1,2 title "an allocation and its free, in instructions of alloc_pages(__GFP_ZERO) and __free_pages(), x86_64"
set logscale x 2
set format x "%.0b %BB"
set xtics 4096,16
set yrange [0.9:2.1]
set xlabel "size"
set key right center
set grid
set title "init_on_alloc=0"
plot for [i=2:5] "bench.dat" index 0 using 1:i with linespoints title columnhead(i)
set title "init_on_alloc=1"
plot for [i=2:5] "bench.dat" index 1 using 1:i with linespoints title columnhead(i)
'''


def draw(results, folder):
    """bench.dat and bench.svg in the folder."""
    blocks = []
    for setting in 'dma-direct', 'dma-direct init_on_alloc=1':
        ours, theirs = results[setting, 'ours'], results[setting, '5.10.262']
        columns = [(f'{call}, {name}', rows[call], rows['raw']) for call in ('pages', 'noncoherent')
                   for name, rows in (('ours', ours), ('5.10.262', theirs))]
        rows = [' '.join(['size'] + [f'"dma_alloc_{name}"' for name, _, _ in columns])]
        rows += [' '.join([str(size)] + [f'{row[i] / raw[i]:.4f}' for _, row, raw in columns])
                 for i, size in enumerate(SIZES)]
        blocks.append('\n'.join(rows))
    (folder / 'bench.dat').write_text('\n\n\n'.join(blocks) + '\n')
    (folder / 'bench.gp').write_text(SCRIPT)
    subprocess.run(['gnuplot', 'bench.gp'], cwd=folder, check=True)
