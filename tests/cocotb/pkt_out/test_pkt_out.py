# SPDX-License-Identifier: Apache-2.0
"""pkt_out: frames of the NIC and of the host leave whole and in turn; a frame that a reset cuts off ends with a row of its own."""
import cover
from bench import Bench, clocks, cocotb, mask
from rows import two_rows
from spec import CONSTS

ROWS, FRAME_ROWS = CONSTS["STORE_ROWS"], CONSTS["LEN_MAX"] // CONSTS["BEAT_BYTES"]


def frame(rng, number):
    size = rng.choice([1, 1, 2, rng.randrange(1, FRAME_ROWS + 1)])
    return [(rng.getrandbits(512), int(i + 1 == size), 64 if i + 1 < size else rng.randrange(1, 65), number) for i in range(size)]


@cocotb.test()
async def sends(dut):
    tb = Bench(dut)
    turns = cover.cross("begins, the other waits", ["nic", "host"], [False, True])
    cuts = cover.point("reset", ["in a frame, output free", "in a frame, output waits", "between frames"])
    rooms = cover.flags("room")
    pairs = cover.point("rows that come at once", [1, 2])
    await tb.reset(clear=1, write=0, host_valid=0)
    stored, written, shown = [], [], False           # whole frames' rows, rows of one that is written, head shown
    nic, host, number = [], [], 0                    # frames to come
    row, source, mid, cut, before, clear = None, "host", False, False, 0, 0
    for n in range(clocks(8000)):
        if n % 500 == 0:
            slow, nics, hosts = tb.rng.choice([1, 2, 10]), tb.rng.choice([1, 3, 30]), tb.rng.choice([1, 4, 40])
        still = n % 4000 >= 2500
        clear = int(tb.rng.chance(300) and not still) if clear == 0 else int(not tb.rng.chance(3))
        used = len(stored) + len(written)
        tb.check("room", int(used <= ROWS - FRAME_ROWS))
        rooms.hit(used <= ROWS - FRAME_ROWS)
        tb.check("empty", int(used == 0 and row is None and not cut))
        tb.check("tx_valid", int(row is not None))
        if row is not None:
            data, last, count, of, aborted = row
            tb.check("tx_last", last)
            tb.check("tx_aborted", aborted)
            if not aborted:
                tb.check("tx_keep", mask(count))
                tb.check("tx_host", int(of is None))
                tb.check("tx_number", of or 0)
                assert tb.get("tx_data") & mask(8 * count) == data & mask(8 * count), f"clock {tb.clocks}: wrong bytes"
            else:
                tb.check("tx_keep", 1)
        # A frame is written only when there was room for a longest one.
        if not nic and used <= ROWS - FRAME_ROWS and (still or tb.rng.chance(nics)) and not clear:
            number = number + 1 & mask(32)
            nic = frame(tb.rng, number)
        if not host and tb.rng.chance(hosts):
            host = frame(tb.rng, None)
        write = bool(nic) and not clear and not tb.rng.chance(4)
        host_valid = bool(host) and (mid or not tb.rng.chance(4))
        ready = not still and tb.rng.chance(slow)
        pair = nic[:2 if tb.rng.chance(2) else 1] if write else []
        values = two_rows(tb.rng, pair) | {"number": pair[0][3]} if write else {}
        if host_valid:
            stream = tb.rng.randrange(2)
            values.update(zip(("host_data" if stream else "dma_data", "host_last", "host_bytes"), host[0][:3]))
            values.update({"host_stream": stream, "dma_data" if stream else "host_data": tb.rng.getrandbits(512)})
        tb.set_all(clear=clear, write=int(write), host_valid=int(host_valid), tx_ready=int(ready), **values)
        await tb.settle()
        free = row is None or ready
        pick_host = source == "host" if mid else host_valid and (not shown or source == "nic")
        takes = free and not clear and not cut
        tb.check("host_ready", int(takes and pick_host))
        new = None
        was_shown, was_mid = len(stored), mid
        if takes and pick_host and host_valid:
            new = host.pop(0)
        elif takes and not pick_host and shown:
            new = stored.pop(0)
        tb.check("sent", int(new is not None and new[1]))
        tb.check("sent_host", int(new is not None and new[1] and new[3] is None))
        if new:
            if new[1]:
                tb.check("sent_len", before + new[2])
            if not mid:
                turns.hit(("host" if new[3] is None else "nic", bool(shown if new[3] is None else host_valid)))
            mid, source = not new[1], "host" if new[3] is None else "nic"
            before = 0 if new[1] else before + new[2]
        elif free and cut:
            new = (0, 1, 1, 0, 1)
            cut = False
        if free:
            row = None if new is None else new if len(new) == 5 else (*new, 0)
        shown = was_shown - int(was_shown > len(stored)) > 0
        if write:
            pairs.hit(len(pair))
            written += pair
            nic = nic[len(pair):]
            if written[-1][1]:
                stored += written
                written = []
        if clear:
            cuts.hit("between frames" if not mid else "in a frame, output free" if free else "in a frame, output waits")
            cut = was_mid or cut
            stored, written, shown, before = [], [], False, 0
            nic, mid, source = [], False, "host"
            host = []
        await tb.edge()
        await tb.settle()
