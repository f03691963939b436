#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""oracle.py FILTER VERDICT {CAPTURE RESULTS}..: do nicsim's RESULTS give VERDICT (its number) to those frames of the capture that libpcap says match?"""
import ctypes, ctypes.util, json, sys


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint), ("insns", ctypes.c_void_p)]


class Header(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("micros", ctypes.c_long), ("captured", ctypes.c_uint32), ("length", ctypes.c_uint32)]


def matches(capture, expression):
    pcap = ctypes.CDLL(ctypes.util.find_library("pcap"))
    pcap.pcap_open_offline.restype = ctypes.c_void_p
    why, program = ctypes.create_string_buffer(256), Program()
    handle = ctypes.c_void_p(pcap.pcap_open_offline(capture.encode(), why))
    if not handle or pcap.pcap_compile(handle, ctypes.byref(program), expression.encode(), 1, ctypes.c_uint32(0xffffffff)):
        raise SystemExit(f"{capture}: {expression}: libpcap does not take it")
    header, data, found = ctypes.POINTER(Header)(), ctypes.POINTER(ctypes.c_ubyte)(), []
    while pcap.pcap_next_ex(handle, ctypes.byref(header), ctypes.byref(data)) == 1:
        found.append(bool(pcap.pcap_offline_filter(ctypes.byref(program), header, data)))
    return found


expression, verdict, *pairs = sys.argv[1:]
for capture, results in zip(pairs[::2], pairs[1::2]):
    want = matches(capture, expression)
    got = {r["n"]: r["ret"] == int(verdict) for r in map(json.loads, open(results))}
    wrong = [n for n, match in got.items() if match != want[n]]
    if len(got) != len(want) or wrong:
        raise SystemExit(f"{capture}: {len(got)} results for {len(want)} frames; differing: {wrong[:10]}")
