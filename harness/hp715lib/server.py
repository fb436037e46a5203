"""The other end of the guest's network: a server on loopback, behind QEMU's user network.

A connection begins with an order of three words. Frames that the user network never
sends, multicast ones and those for other cards, are put on the wire as they are, by a
socket of the hub that card and user network are on.
"""

import contextlib
import os
import socket
import struct
import threading

from .pattern import MULTICAST, TCP_DOWN, TCP_UP, UDP_DOWN, UDP_UP, first_difference

UPLOAD, DOWNLOAD, BOTH, UDP_RESULT, GROUPS, FRAME = range(1, 7)

PIECE = 64 * 1024
BLOCKS_EACH = 4                 # of a datagram's stream, found by its size
OUR_MAC = bytes.fromhex("020000000715")
OTHER_MAC = bytes.fromhex("020000000716")
OUR_ADDRESS = bytes((10, 0, 2, 99))
GROUP_PORT, GROUP_BYTES = 5715, 300
FRAME_TYPE = 0x88b5
FRAME_BLOCK = 1000


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def group_frame(group, payload):
    """A datagram to 239.7.15.GROUP, in its Ethernet frame."""
    address = bytes((239, 7, 15, group))
    udp = struct.pack(">4H", 4000, GROUP_PORT, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 1, 17, 0, OUR_ADDRESS, address)
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    mac = bytes((1, 0, 0x5e, address[1] & 0x7f, address[2], address[3]))
    return mac + OUR_MAC + struct.pack(">H", 0x0800) + head + udp


def receive(connection, size):
    data = bytearray()
    while len(data) < size:
        more = connection.recv(min(PIECE, size - len(data)))
        if not more:
            raise ConnectionError("closed by the guest")
        data += more
    return bytes(data)


class Server:
    """Runs in threads from start to close. `provoke` names a fault that it has on purpose."""

    def __init__(self, pattern, wire, provoke=None):
        self.pattern = pattern
        self.provoke = provoke
        self.good = self.bad = self.answered = 0
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        # QEMU's end of the wire and ours
        self.theirs, self.ours = f"{wire}.qemu", f"{wire}.host"
        for path in (self.theirs, self.ours):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        self.wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.wire.bind(self.ours)

    def start(self):
        for loop in (self.accept, self.echo, self.drain):
            threading.Thread(target=self.quietly, args=(loop,), daemon=True).start()

    def close(self):
        for end in (self.tcp, self.udp, self.wire):
            end.close()

    @property
    def ports(self):
        return self.tcp.getsockname()[1], self.udp.getsockname()[1]

    @staticmethod
    def quietly(function, *args):
        """What the network does to a thread shows in the guest's results."""
        with contextlib.suppress(OSError):
            function(*args)

    def accept(self):
        while True:
            connection, _ = self.tcp.accept()
            threading.Thread(target=self.quietly, args=(self.serve, connection), daemon=True).start()

    def serve(self, connection):
        with connection:
            order, *arguments = struct.unpack(">3I", receive(connection, 12))
            {UPLOAD: self.upload, DOWNLOAD: self.download, BOTH: self.both, UDP_RESULT: self.udp_result,
             GROUPS: self.groups, FRAME: self.frame}[order](connection, *arguments)

    def upload(self, connection, size, generation):
        """Compare what comes, and say how much of it was right."""
        got = receive(connection, size)
        bad = first_difference(got, self.pattern.data(size, TCP_UP, 0, generation))
        connection.sendall(struct.pack(">I", size if bad is None else bad))

    def download(self, connection, size, generation):
        data = self.pattern.data(size, TCP_DOWN, 0, generation)
        if self.provoke == "tcp" and size > 1000000:
            data = data[:1000000] + bytes((data[1000000] ^ 1,)) + data[1000001:]
        connection.sendall(data)

    def both(self, connection, size, generation):
        sender = threading.Thread(target=self.quietly, args=(self.download, connection, size, generation))
        sender.start()
        got = receive(connection, size)
        sender.join()
        bad = first_difference(got, self.pattern.data(size, TCP_UP, 0, generation))
        connection.sendall(struct.pack(">I", size if bad is None else bad))

    def udp_result(self, connection, *_):
        connection.sendall(struct.pack(">3I", self.good, self.bad, self.answered))

    def groups(self, connection, generation, count):
        """A datagram to each group that there is."""
        for group in range(count):
            payload = self.pattern.data(GROUP_BYTES, MULTICAST, group, generation)
            if self.provoke != "multicast" or group != 5:
                self.wire.sendto(group_frame(group, payload), self.theirs)
        connection.sendall(struct.pack(">I", count))

    def frame(self, connection, generation, size):
        """A frame for another card."""
        payload = self.pattern.data(size, MULTICAST, FRAME_BLOCK, generation)
        self.wire.sendto(OTHER_MAC + OUR_MAC + struct.pack(">H", FRAME_TYPE) + payload, self.theirs)
        connection.sendall(struct.pack(">I", 1))

    def echo(self):
        """Answer each datagram that is right with another of its size."""
        while True:
            data, sender = self.udp.recvfrom(2048)
            size = len(data)
            # Of small generations a shorter one has nothing but zeros.
            generation = struct.unpack(">I", data[8:12])[0] if size >= 12 else 1
            if self.provoke == "udp" and size == 700:
                continue
            if data != self.pattern.data(size, UDP_UP, size * BLOCKS_EACH, generation):
                self.bad += 1
                continue
            self.good += 1
            self.udp.sendto(self.pattern.data(size, UDP_DOWN, size * BLOCKS_EACH, generation), sender)
            self.answered += 1

    def drain(self):
        """The hub sends us everything; none of it is of interest."""
        while True:
            self.wire.recv(2048)
