# SPDX-License-Identifier: Apache-2.0
"""The near end of the recorded traffic. client.py ADDRESS BYTES QUERIES"""
import socket
import sys


def datagrams(address):
    udp = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    udp.settimeout(10)
    return udp


def ask(address, number):
    name = f"host{number}".encode()
    query = (number.to_bytes(2, "big") + b"\1\0\0\1\0\0\0\0\0\0" + bytes([len(name)]) + name
             + b"\7example\3com\0\0\1\0\1")
    with datagrams(address) as udp:
        udp.sendto(query, (address, 53))
        assert udp.recv(4096)[:2] == query[:2]


def fetch(address, length):
    with socket.create_connection((address, 8080), timeout=10) as peer:
        peer.sendall(b"%d" % length)
        got = 0
        while chunk := peer.recv(65536):
            got += len(chunk)
    assert got == length, (address, got)


def refused(address):
    try:
        socket.create_connection((address, 23), timeout=10)
    except ConnectionRefusedError:
        return
    raise AssertionError("somebody answers telnet")


def unheard(address):
    """In fragments, to a port where nobody listens."""
    with datagrams(address) as udp:
        udp.sendto(bytes(range(250)) * 12, (address, 9))


def main(address, length, queries):
    for number in range(int(queries)):
        ask(address, number)
    fetch(address, int(length))
    refused(address)
    unheard(address)


main(*sys.argv[1:])
