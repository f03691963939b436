// SPDX-License-Identifier: Apache-2.0
//
// fp_resolve: a bundle that faults or is not there does nothing; a bundle ends in exactly one of three ways: its thread goes on, waits
// for a command that was given, or its packet ends; nobody waits for an answer that does not come.
//@ sources: hw/rtl/core/fp_resolve.v
//@ bound: 1
//@ induction: 2
//@ break: hw/rtl/core/fp_resolve.v: s/assign we_o    = we_i \& ~cancel \& {Lanes{go}}/assign we_o = we_i \& ~cancel \& {Lanes{valid_i}}/
//@ break: hw/rtl/core/fp_resolve.v: s/last \&\& div_i \&\& !leaves/last \&\& div_i/
//@ break: hw/rtl/core/fp_resolve.v: s/!(wait_i \&\& !cancel\[Lanes-1\])/!wait_i/

`include "regs.vh"
`default_nettype none

module fp_resolve_proof (
	input wire        valid_i, map_fault_i, region_i, late_i, store_i, map_i, div_i, rnd_i, rdir_i, msel_i, adjust_i, fetch_i,
	input wire [2:0]  legal_i, guard_i, taken_i, exit_i, we_i,
	input wire [12:0] pc_i, map_fault_pc_i,
	input wire [38:0] target_i,
	input wire [95:0] ret_i,
	input wire [63:0] map_fault_addr_i, region_addr_i
);
	wire [2:0]  we;
	wire        store, map, div, rnd, rdir, msel, adjust, ready, done;
	wire [12:0] next_pc, fault_pc;
	wire [31:0] ret;
	wire [7:0]  cause;
	wire [63:0] fault_addr;
	// Who asks for an answer: divisions, and commands that fetch.
	wire        wait_i = div_i || (map_i && fetch_i);

	fp_resolve #(.Lanes(3)) dut (
		.valid_i(valid_i), .pc_i(pc_i), .legal_i(legal_i), .guard_i(guard_i), .taken_i(taken_i), .exit_i(exit_i), .target_i(target_i),
		.ret_i(ret_i), .we_i(we_i), .map_fault_i(map_fault_i), .map_fault_pc_i(map_fault_pc_i), .map_fault_addr_i(map_fault_addr_i),
		.region_i(region_i), .region_addr_i(region_addr_i), .late_i(late_i), .store_i(store_i), .map_i(map_i), .div_i(div_i),
		.rnd_i(rnd_i), .rdir_i(rdir_i), .msel_i(msel_i), .adjust_i(adjust_i), .wait_i(wait_i),
		 .we_o(we), .store_o(store), .map_o(map), .div_o(div), .rnd_o(rnd),
		.rdir_o(rdir), .msel_o(msel), .adjust_o(adjust), .ready_o(ready),
		.next_pc_o(next_pc), .done_o(done), .ret_o(ret), .cause_o(cause), .fault_pc_o(fault_pc), .fault_addr_o(fault_addr)
	);

	wire waits = div || (map && fetch_i);

	always @(*) begin
		assume({1'b0, store_i} + map_i + div_i + rnd_i + rdir_i + msel_i + adjust_i <= 1);  // one operation in the last lane
		if (!valid_i || cause != `CAUSE_NONE) assert({we, store, map, div, rnd, rdir, msel, adjust, ready, waits} == 0);
		if (valid_i) assert({1'b0, ready} + done + waits == 1);
		else assert(!done);
		if (cause != `CAUSE_NONE) assert(ret == 0);
		if (valid_i && legal_i != 7) assert(cause == `CAUSE_ILLEGAL);
		if (valid_i && map_fault_i) assert(done);
		// No store that the region check refuses.
		if (store_i && region_i) assert(!store);
		// A packet does not outlive its watchdog.
		if (valid_i && late_i) assert(done);
	end
endmodule
