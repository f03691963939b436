// SPDX-License-Identifier: Apache-2.0
//
// Register banks: each lane writes its own bank only, every port reads any bank, or x. R1 reads and chooses within banks 0 and 1, and
// within banks 2 and 3 and x; in R2 one of the two is 0. A bank that is not there reads as 0.

`default_nettype none

module fp_regfile #(
	parameter Lanes = 3,
	parameter Regs = 8,
	parameter Threads = 16,
	parameter Ports = 7,
	parameter TW = 4
) (
	input  wire                clk_i,
	// R1
	input  wire [TW-1:0]       r1_thread_i,
	input  wire [7*Ports-1:0]  r1_code_i,      // per port: x, or bank and register
	input  wire [Ports-1:0]    r1_none_i,      // neither: 0
	input  wire [63:0]         r1_x_i,
	// R2
	output wire [64*Ports-1:0] r2_value_o,
	// WB
	input  wire [TW-1:0]       wb_thread_i,
	input  wire [Lanes-1:0]    wb_we_i,
	input  wire [4*Lanes-1:0]  wb_reg_i,
	input  wire [64*Lanes-1:0] wb_value_i
);
	localparam RW = $clog2(Regs);

	genvar p, b;
`ifdef VERILATOR
	// All banks as one memory: a simulator reads a word of it for each port.
	reg [63:0] mem_q [0:4*Threads*Regs-1];

	generate
		for (b = 0; b < Lanes; b = b + 1) begin : g_bank
			localparam [1:0] Bank = b;
			wire          we = wb_we_i[b];
			wire [RW-1:0] register = wb_reg_i[4*b +: RW];
			wire [63:0]   value = wb_value_i[64*b +: 64];

			always @(posedge clk_i) if (we) mem_q[{Bank, wb_thread_i, register}] <= value;
		end
		for (p = 0; p < Ports; p = p + 1) begin : g_port
			wire [6:0]  code = r1_code_i[7*p +: 7];
			wire        none = r1_none_i[p];
			reg  [63:0] r2_value_q;

			always @(posedge clk_i) r2_value_q <= none ? 64'd0 : code[6] ? r1_x_i : mem_q[{code[5:4], r1_thread_i, code[RW-1:0]}];
			assign r2_value_o[64*p +: 64] = r2_value_q;
			wire unused = &{1'b0, code};
		end
	endgenerate
`else
	wire [(TW+RW)*Ports-1:0] r1_addr;
	wire [256*Ports-1:0]     r1_banks;       // of every port, bank by bank

	generate
		for (b = 0; b < 4; b = b + 1) begin : g_bank
			if (b < Lanes) begin : g_real
				ram_lut #(.Width(64), .Depth(Threads * Regs), .Reads(Ports)) bank (
					.clk_i(clk_i), .we_i(wb_we_i[b]),
					.waddr_i({wb_thread_i, wb_reg_i[4*b +: RW]}), .wdata_i(wb_value_i[64*b +: 64]),
					.raddr_i(r1_addr), .rdata_o(r1_banks[64*Ports*b +: 64*Ports])
				);
			end else begin : g_none
				assign r1_banks[64*Ports*b +: 64*Ports] = {64*Ports{1'b0}};
			end
		end
		for (p = 0; p < Ports; p = p + 1) begin : g_port
			wire [6:0]   code = r1_code_i[7*p +: 7];
			wire [255:0] banks = {r1_banks[64*(3*Ports+p) +: 64], r1_banks[64*(2*Ports+p) +: 64],
				r1_banks[64*(Ports+p) +: 64], r1_banks[64*p +: 64]};
			reg  [63:0]  r2_low_q, r2_high_q;

			wire         none = r1_none_i[p];
			assign r1_addr[(TW+RW)*p +: TW+RW] = {r1_thread_i, code[RW-1:0]};

			always @(posedge clk_i) begin
				r2_low_q  <= code[4] ? banks[64 +: 64] : banks[0 +: 64];
				r2_high_q <= code[6] ? r1_x_i : code[4] ? banks[192 +: 64] : banks[128 +: 64];
				if (none || code[6] || code[5]) r2_low_q <= 64'd0;
				if (none || !(code[6] || code[5])) r2_high_q <= 64'd0;
			end

			assign r2_value_o[64*p +: 64] = r2_low_q | r2_high_q;

			wire unused = &{1'b0, code};
		end
	endgenerate
`endif

	wire unused = &{1'b0, wb_reg_i};
endmodule

`default_nettype wire
