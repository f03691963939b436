// SPDX-License-Identifier: Apache-2.0
//
// End of a bundle, combinational in E2: the lowest lane whose control operation is taken wins and cancels guarded
// words above it; faults are found; what the bundle may do follows.

`include "regs.vh"
`default_nettype none

module fp_resolve #(
	parameter Lanes = 3
) (
	input  wire                valid_i,
	input  wire [12:0]         pc_i,
	// lanes
	input  wire [Lanes-1:0]    legal_i,
	input  wire [Lanes-1:0]    guard_i,
	input  wire [Lanes-1:0]    taken_i,
	input  wire [Lanes-1:0]    exit_i,
	input  wire [13*Lanes-1:0] target_i,
	input  wire [32*Lanes-1:0] ret_i,
	input  wire [Lanes-1:0]    we_i,
	// causes of faults
	input  wire                map_fault_i,
	input  wire [12:0]         map_fault_pc_i,
	input  wire [63:0]         map_fault_addr_i,
	input  wire                region_i,     // the last lane's access is outside its region
	input  wire [63:0]         region_addr_i,
	input  wire                late_i,       // as many bundles as the watchdog allows
	// what the last lane asks for
	input  wire                store_i,
	input  wire                map_i,
	input  wire                div_i,
	input  wire                rnd_i,
	input  wire                rdir_i,
	input  wire                msel_i,
	input  wire                adjust_i,
	input  wire                wait_i,
	// what is done
	output wire [Lanes-1:0]    we_o,
	output wire                store_o,
	output wire                map_o,
	output wire                div_o,
	output wire                rnd_o,
	output wire                rdir_o,
	output wire                msel_o,
	output wire                adjust_o,
	output wire                ready_o,      // the thread may issue its next bundle
	output reg  [12:0]         next_pc_o,
	// end of the packet
	output wire                done_o,
	output reg  [31:0]         ret_o,
	output reg  [7:0]          cause_o,
	output wire [12:0]         fault_pc_o,
	output wire [63:0]         fault_addr_o
);
	reg [Lanes-1:0] cancel;
	reg [Lanes-1:0] ends;     // the lane whose exit wins
	reg             taken;
	integer         l;

	// From the last lane down, so that the lowest one stays.
	always @(*) begin
		next_pc_o = pc_i + 13'd1;
		for (l = Lanes - 1; l >= 0; l = l - 1)
			if (taken_i[l]) next_pc_o = target_i[13*l +: 13];
		taken = 1'b0;
		for (l = 0; l < Lanes; l = l + 1) begin
			cancel[l] = guard_i[l] && taken;
			ends[l]   = taken_i[l] && !taken && exit_i[l];
			taken     = taken || taken_i[l];
		end
	end

	wire leaves  = ends != {Lanes{1'b0}};
	wire illegal = !(&legal_i);
	wire map     = !illegal && map_fault_i;
	wire region  = !illegal && !map_fault_i && region_i && !cancel[Lanes-1];
	wire late    = late_i && !leaves && !illegal && !map_fault_i && !region;
	wire fault   = illegal || map_fault_i || (region_i && !cancel[Lanes-1]) || (late_i && !leaves);

	always @(*) begin
		cause_o = `CAUSE_NONE;
		if (illegal) cause_o = `CAUSE_ILLEGAL;
		if (map) cause_o = `CAUSE_MAP;
		if (region) cause_o = `CAUSE_REGION;
		if (late) cause_o = `CAUSE_WATCHDOG;
	end
	assign fault_pc_o   = ({13{map}} & map_fault_pc_i) | ({13{fault && !map}} & pc_i);
	assign fault_addr_o = ({64{map}} & map_fault_addr_i) | ({64{region}} & region_addr_i);

	always @(*) begin
		ret_o = 32'd0;
		for (l = 0; l < Lanes; l = l + 1) ret_o = ret_o | ({32{ends[l] && !fault}} & ret_i[32*l +: 32]);
	end

	wire go    = valid_i && !fault;
	wire last  = go && !cancel[Lanes-1];

	assign we_o    = we_i & ~cancel & {Lanes{go}};
	assign store_o = last && store_i;
	assign rnd_o   = last && rnd_i;
	assign rdir_o  = last && rdir_i;
	assign msel_o  = last && msel_i;
	assign adjust_o = last && adjust_i;
	// A packet that ends has nobody to wait for an answer.
	assign map_o   = last && map_i && !(leaves && wait_i);
	assign div_o   = last && div_i && !leaves;
	assign ready_o = go && !leaves && !(wait_i && !cancel[Lanes-1]);
	assign done_o  = valid_i && (fault || leaves);
endmodule

`default_nettype wire
