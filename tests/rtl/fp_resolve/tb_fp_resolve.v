// SPDX-License-Identifier: Apache-2.0
//
// fp_resolve with random lanes and causes, against the rules of machine.md one by one.

`include "regs.vh"
`default_nettype none
`ifndef SEED
`define SEED 1
`endif

module tb_fp_resolve;
	localparam Lanes = 3, Last = Lanes - 1, Bundles = 50000;

	reg                 valid, map_fault, region, late, store, map, div, rnd, waits;
	reg  [12:0]         pc, map_pc;
	reg  [63:0]         map_addr, region_addr;
	reg  [Lanes-1:0]    legal, guard, taken, leaves, we;
	reg  [13*Lanes-1:0] target;
	reg  [32*Lanes-1:0] ret;
	wire [Lanes-1:0]    we_o;
	wire                store_o, map_o, div_o, rnd_o, ready, done;
	wire [12:0]         next_pc, fault_pc;
	wire [31:0]         ret_o;
	wire [7:0]          cause;
	wire [63:0]         fault_addr;

	fp_resolve #(.Lanes(Lanes)) dut (
		.valid_i(valid), .pc_i(pc), .legal_i(legal), .guard_i(guard), .taken_i(taken), .exit_i(leaves),
		.target_i(target), .ret_i(ret), .we_i(we), .map_fault_i(map_fault), .map_fault_pc_i(map_pc),
		.map_fault_addr_i(map_addr), .region_i(region), .region_addr_i(region_addr), .late_i(late), .store_i(store),
		.map_i(map), .div_i(div), .rnd_i(rnd), .wait_i(waits), .we_o(we_o), .store_o(store_o), .map_o(map_o),
		.div_o(div_o), .rnd_o(rnd_o), .ready_o(ready), .next_pc_o(next_pc), .done_o(done), .ret_o(ret_o),
		.cause_o(cause), .fault_pc_o(fault_pc), .fault_addr_o(fault_addr)
	);

	integer seed = `SEED, n, l, winner;
	reg [Lanes-1:0] alive;
	reg             exits, go;
	reg [7:0]       want_cause;

	task check(input ok, input [8*40-1:0] what);
		if (!ok) begin
			$display("FAIL: tb_fp_resolve: %0s in bundle %0d", what, n);
			$finish;
		end
	endtask

	function chance(input integer one_in);
		chance = $unsigned($random(seed)) % one_in == 0;
	endfunction

	initial begin
		for (n = 0; n < Bundles; n = n + 1) begin
			{legal, guard, taken, leaves, we} = {$random(seed)};
			if (!chance(8)) legal = ~0;
			taken       = taken & {$random(seed)};
			leaves      = leaves & taken;
			valid       = !chance(6);
			{map_fault, region, late} = {chance(8), chance(5), chance(5)};
			{store, map, div, rnd}    = 4'd1 << ($unsigned($random(seed)) % 5);
			waits       = div || (map && chance(2));
			pc          = $random(seed);
			map_pc      = $random(seed);
			map_addr    = {$random(seed), $random(seed)};
			region_addr = {$random(seed), $random(seed)};
			target      = {$random(seed), $random(seed)};
			ret         = {$random(seed), $random(seed), $random(seed)};
			#1;
			winner = Lanes;
			for (l = Last; l >= 0; l = l - 1) if (taken[l]) winner = l;
			for (l = 0; l < Lanes; l = l + 1) alive[l] = !(guard[l] && winner < l);
			exits = winner < Lanes && leaves[winner];
			want_cause = !(&legal) ? `CAUSE_ILLEGAL : map_fault ? `CAUSE_MAP : region && alive[Last] ? `CAUSE_REGION
				: late && !exits ? `CAUSE_WATCHDOG : `CAUSE_NONE;
			go = valid && want_cause == `CAUSE_NONE;
			check(cause === want_cause, "wrong cause");
			check(fault_pc === (cause == `CAUSE_NONE ? 13'd0 : cause == `CAUSE_MAP ? map_pc : pc), "wrong pc of the fault");
			check(fault_addr === (cause == `CAUSE_MAP ? map_addr : cause == `CAUSE_REGION ? region_addr : 64'd0),
				"wrong address of the fault");
			check(we_o === (we & alive & {Lanes{go}}), "wrong lanes write");
			check(store_o === (go && alive[Last] && store), "wrong store");
			check(rnd_o === (go && alive[Last] && rnd), "wrong step of the generator");
			check(map_o === (go && alive[Last] && map && !(exits && waits)), "wrong command");
			check(div_o === (go && alive[Last] && div && !exits), "wrong division");
			check(ready === (go && !exits && !(waits && alive[Last])), "wrong readiness");
			check(done === (valid && (exits || want_cause != `CAUSE_NONE)), "wrong end of the packet");
			check(ret_o === (exits && want_cause == `CAUSE_NONE ? ret[32*winner +: 32] : 32'd0), "wrong verdict");
			check(next_pc === (winner < Lanes ? target[13*winner +: 13] : pc + 13'd1), "wrong next pc");
		end
		$display("PASS");
		$finish;
	end
endmodule
