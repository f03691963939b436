#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the packets and the expectations of every example, from <example>/packets.py.

packets.py           writes the files
packets.py --check   compares them with what would be written; status 1 if one differs
"""
import argparse
import importlib.util
import io
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE))

# pylint: disable=wrong-import-position
from scapy.utils import RawPcapWriter
import traffic

START_US = 1_700_000_000_000_000  # any fixed moment
VERDICTS = {"XDP_ABORTED", "XDP_DROP", "XDP_PASS", "XDP_TX", "XDP_REDIRECT"}


class Sink(io.BytesIO):
    """A file that stays readable after its writer has closed it."""

    def close(self):
        pass


def pcap(packets, content):
    """A capture of content(packet) for each packet where that is not None."""
    sink = Sink()
    with RawPcapWriter(sink, linktype=1, endianness="<", snaplen=65535) as writer:
        writer.write_header(None)
        now = START_US
        for packet in packets:
            now += packet.gap_us
            data = content(packet)
            if data is not None:
                writer.write_packet(data, sec=now // 1_000_000, usec=now % 1_000_000)
    return sink.getvalue()


def expectations(packets, note):
    head = "".join(f"# {line}\n" for line in note.splitlines())
    lines = [f"{n} {p.verdict}  # {p.why}\n" for n, p in enumerate(packets)]
    return (head + "".join(lines)).encode()


def hexadecimal(value):
    """Of a list, for a map that has a value per CPU, each: the packets come to the first one."""
    return [one.hex() for one in value] if isinstance(value, list) else value.hex()


def maps_json(maps):
    rendered = {name: [{"key": key.hex(), "value": hexadecimal(value)}
                       for key, value in sorted(entries.items())]
                for name, entries in maps.items()}
    body = ",\n".join(f" {json.dumps(name)}: [\n"
                      + ",\n".join(f"  {json.dumps(entry)}" for entry in entries)
                      + "\n ]" for name, entries in rendered.items())
    return f"{{\n{body}\n}}\n".encode()


def left(packet):
    """The frame as the program leaves it, if it goes on from here."""
    if packet.verdict in ("XDP_TX", "XDP_PASS", "XDP_REDIRECT"):
        return packet.data if packet.left is None else packet.left
    return None


def files(example):
    """{name: bytes} of all the files of one example."""
    runts = traffic.runts(example.runts)
    for packet in example.packets + runts:
        assert packet.verdict in VERDICTS, packet
        assert len(packet.data) <= traffic.LONGEST, packet.why
    assert all(len(packet.data) >= 14 for packet in example.packets)
    made = {
        "in.pcap": pcap(example.packets, lambda p: p.data),
        "expect.txt": expectations(example.packets, example.note),
        "runts.pcap": pcap(runts, lambda p: p.data),
        "runts.expect.txt": expectations(runts, ""),
    }
    if any(packet.left is not None for packet in example.packets):
        made["out.pcap"] = pcap(example.packets, left)
    if example.maps_in is not None:
        made["maps-in.json"] = maps_json(example.maps_in)
    if example.maps_out is not None:
        made["maps-out.json"] = maps_json(example.maps_out)
    return made


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_packets", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.example()


def main():
    parser = argparse.ArgumentParser(description="Write the examples' packets and expectations.")
    parser.add_argument("--check", action="store_true", help="compare only; fail on a difference")
    check = parser.parse_args().check
    stale = []
    for source in sorted(HERE.glob("*/packets.py")):
        for name, content in files(load(source)).items():
            path = source.parent / name
            if check:
                if not path.is_file() or path.read_bytes() != content:
                    stale.append(path.relative_to(HERE))
            else:
                path.write_bytes(content)
    for path in stale:
        print(f"{path}: not what packets.py writes", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
