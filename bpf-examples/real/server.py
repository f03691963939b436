# SPDX-License-Identifier: Apache-2.0
"""The far end of the recorded traffic: TCP streams of a wished length on port 8080, names on 53."""
import socket
import threading


def stream(listener):
    while True:
        peer, _ = listener.accept()
        with peer:
            length = int(peer.recv(64) or 0)
            peer.sendall(bytes((i * 7 + (i >> 8)) & 0xff for i in range(length)))


tcp = socket.create_server(("::", 8080), family=socket.AF_INET6, dualstack_ipv6=True)
udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
udp.bind(("::", 53))
print("ready", flush=True)
threading.Thread(target=stream, args=(tcp,), daemon=True).start()
while True:  # a query comes back marked as an answer, with one address
    query, client = udp.recvfrom(4096)
    udp.sendto(query[:2] + b"\x81\x80\0\1\0\1" + query[8:]
               + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1", client)
