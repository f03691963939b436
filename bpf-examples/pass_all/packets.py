# SPDX-License-Identifier: Apache-2.0
import traffic


def example():
    packets = [traffic.Packet(f.data, "XDP_PASS", f.what) for f in traffic.ordinary()]
    packets += [traffic.Packet(data, "XDP_PASS", what) for what, data in traffic.bare_headers()]
    packets += [traffic.Packet(data, "XDP_PASS", f"TCP, {n} bytes of it")
                for n, data in traffic.named("TCP SYN with options").cuts()]
    return traffic.Example(packets, runts="XDP_PASS")
