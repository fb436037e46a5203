"""Step through one call of each kind, and tell in which functions the instructions are."""
import bisect
import collections
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

from . import boot

SETTING = 'dma-direct'
CALLS = ('raw', 'pages', 'noncoherent')
WARM = 64           # calls before the one that is looked at
LIMIT = 20000
RSP, RIP = 7, 16    # numbers of the registers, of eight bytes each


class Stub:
    """QEMU's side of gdb's protocol, for what is needed here."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.socket.settimeout(300)
        self.buffer = b''

    def receive(self):
        while True:
            start = self.buffer.find(b'$')
            end = self.buffer.find(b'#', start)
            if start >= 0 and 0 <= end <= len(self.buffer) - 3:
                packet, self.buffer = self.buffer[start + 1:end], self.buffer[end + 3:]
                self.socket.sendall(b'+')
                return packet.decode('latin-1')
            more = self.socket.recv(4096)
            if not more:
                sys.exit('bench: QEMU ended before the call came')
            self.buffer += more

    def ask(self, packet):
        data = packet.encode()
        self.socket.sendall(b'$%s#%02x' % (data, sum(data) % 256))
        return self.receive()

    def register(self, number):
        return int.from_bytes(bytes.fromhex(self.ask('g')[number * 16:number * 16 + 16]), 'little')

    def word(self, address):
        return int.from_bytes(bytes.fromhex(self.ask(f'm{address:x},8')), 'little')


def symbols(out):
    """Sorted addresses and names of functions."""
    lines = [line.split() for line in (out / 'System.map').read_text().split('\n') if line]
    known = sorted((int(address, 16), name) for address, kind, name in lines if kind in 'tTwW')
    return [address for address, _ in known], [name for _, name in known]


def steps(stub, start, addresses, names):
    """{function: instructions} of one call."""
    stub.ask(f'Z1,{start:x},1')
    for _ in range(WARM):
        stub.ask('c')
    stub.ask(f'z1,{start:x},1')
    back = stub.word(stub.register(RSP))
    counts = collections.Counter()
    for _ in range(LIMIT):
        address = stub.register(RIP)
        if address == back:
            return counts
        counts[names[bisect.bisect(addresses, address) - 1]] += 1
        stub.ask('s')
    sys.exit(f'bench: a call did not return after {LIMIT} instructions')


def trace(out, call):
    addresses, names = symbols(out)
    start = addresses[names.index(f'bench_{call}')]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'gdb'
        qemu = subprocess.Popen(boot.command(out, SETTING, '-S', '-gdb', f'unix:{path},server=on,wait=off'),
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                if path.exists():
                    break
                time.sleep(0.1)
            return steps(Stub(path), start, addresses, names)
        finally:
            qemu.kill()
            qemu.wait()


def show(kernels):
    """A table: functions of both kernels, for each call on a page."""
    for call in CALLS:
        counts = {name: trace(out, call) for name, out in kernels.items()}
        order = sorted(set().union(*counts.values()), key=lambda f: -max(count[f] for count in counts.values()))
        print(f'\n{call}, 4 KiB, {SETTING}: where the instructions are')
        print(f'{"":40}' + ''.join(f'{name:>10}' for name in counts))
        for function in order:
            print(f'{function:40}' + ''.join(f'{count[function] or "-":>10}' for count in counts.values()))
        print(f'{"all":40}' + ''.join(f'{sum(count.values()):>10}' for count in counts.values()), flush=True)
