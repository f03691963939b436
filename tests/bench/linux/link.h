/* SPDX-License-Identifier: Apache-2.0
 *
 * In place of bpftool's link with xdp_sample.bpf.o: the two variables of it that the samples refer to. Included after them.
 */
array_map rx_cnt SEC(".maps");
const volatile int nr_cpus = 0;
