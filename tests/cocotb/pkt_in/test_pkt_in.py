# SPDX-License-Identifier: Apache-2.0
"""pkt_in: whole frames come out row by row with length and time; what is damaged, too long, too short or finds no room is dropped for that."""
import cover
import packets
from bench import Bench, clocks, cocotb, mask
from spec import CONSTS

ROWS, FRAME_ROWS = CONSTS["STORE_ROWS"], CONSTS["FRAME_MAX"] // CONSTS["BEAT_BYTES"]
CAUSES = ["received", "long", "short", "bad", "full"]


def beats_of(rng, longest):
    """A frame as beats (data, keep, last, user): of a scapy packet, sometimes damaged or too long."""
    length = 1536 if longest else rng.choice([rng.randrange(1, 130), packets.length(rng), 1536, 1537, 2000])
    frame = packets.packet(rng, length=length) if length < 200 else bytes(rng.getrandbits(8) for _ in range(length))
    beats = []
    for at in range(0, length, 64):
        part = frame[at:at + 64]
        beats.append([int.from_bytes(part, "little"), mask(len(part)), int(at + 64 >= length), 0])
    if rng.chance(6):
        beat = rng.choice(beats)
        kind = rng.choice(["user", "hole", "nothing", "short of a row"])
        if kind == "user":
            beat[3] = 1
        elif kind == "hole" and beat[1] & 8:
            beat[1] &= ~rng.choice([2, 4])
        elif kind == "nothing":
            beat[1] = 0
        elif not beat[2]:
            beat[1] >>= 1
    return beats


def flawed(beat):
    _, keep, last, user = beat
    return bool(user) or keep == 0 or keep & (keep + 1) != 0 or (not last and keep != mask(64))


@cocotb.test()
async def receives(dut):
    tb = Bench(dut)
    causes = cover.point("frame, lossless", [(c, l) for c in CAUSES for l in (False, True) if (c, l) != ("full", True)])
    resets = cover.point("reset", ["in a frame", "between frames"])
    held = cover.flags("held back")
    await tb.reset(clear=1, rx_valid=0, row_take=0)
    stored, frame, shown = [], [], False         # rows (data, last, length, time)
    to_send, beat, mid = [], None, False         # beat: what stands in the beat register
    count, cause, lossless, rx_min, clear = 0, 0, 0, 1, 0
    for n in range(clocks(9000)):
        if n % 1000 == 0:                            # nothing is taken in every third stretch
            lossless, rx_min, slow = n // 3000 % 2, tb.rng.choice([1, 60, 64, 65]), 10 ** 6 if n % 3000 == 0 else tb.rng.choice([1, 2, 4])
        clear = int(tb.rng.chance(300) and slow < 10) if clear == 0 else int(not tb.rng.chance(3))
        if not to_send:
            to_send = beats_of(tb.rng, slow > 10 and tb.rng.chance(2))
        valid = not tb.rng.chance(6)
        take = shown and (slow == 1 or tb.rng.chance(slow)) and not clear
        now = tb.rng.getrandbits(64)
        data, keep, last, user = to_send[0]
        tb.set_all(clear=clear, lossless=lossless, rx_min=rx_min, now=now, rx_valid=int(valid), row_take=int(take),
                   **({"rx_data": data, "rx_keep": keep, "rx_last": last, "rx_user": user} if valid else {}))
        await tb.settle()
        used = len(stored) + len(frame)
        ready = not lossless or used < ROWS - 1
        tb.check("rx_ready", int(ready))
        held.hit(not ready)
        tb.check("empty", int(used == 0))
        tb.check("row_valid", int(shown))
        if shown:
            for name, want in zip(("row_data", "row_last"), stored[0]):
                tb.check(name, want)
            if stored[0][1]:
                tb.check("row_len", stored[0][2])
                tb.check("row_time", stored[0][3])
        # The beat in the register.
        ends = beat is not None and beat[2] and not clear
        tb.check("in_valid", int(ends))
        before = len(stored)
        if beat is not None:
            length = 64 * count + bin(beat[1]).count("1")
            if cause == 0:
                cause = 1 if count == FRAME_ROWS else 4 if used == ROWS else 3 if flawed(beat) else 2 if beat[2] and length < rx_min else 0
            if ends:
                tb.check("in_drop", cause)
                causes.hit((CAUSES[cause], bool(lossless)))
                if cause == 0:
                    tb.check("in_len", length)
            if cause == 0:
                frame.append((beat[0], beat[2], length, now))
                count += 1
        if take:
            stored.pop(0)
        shown = before - int(take) > 0
        if ends:
            stored += frame if cause == 0 else []
        if beat is not None and beat[2]:
            frame, count, cause = [], 0, 0
        in_frame = (not beat[2]) if beat is not None else mid
        if clear:
            resets.hit("in a frame" if in_frame else "between frames")
            stored, frame, count, shown = [], [], 0, False
            cause = 3 if in_frame else 0
        mid = in_frame
        await tb.edge()
        await tb.settle()
        beat = to_send.pop(0) if valid and ready else None
