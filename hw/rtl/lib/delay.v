// SPDX-License-Identifier: Apache-2.0
//
// A value some clocks later.

`default_nettype none

module delay #(
	parameter Width = 1,
	parameter Stages = 1
) (
	input  wire             clk_i,
	input  wire [Width-1:0] d_i,
	output wire [Width-1:0] q_o
);
	// What fits into a word is one shift to a simulator; what is wider it only moves, when each stage is a register of its own.
	localparam Word = 64;

	genvar g;
	generate
		if (Stages == 1) begin : g_one
			reg [Width-1:0] stage_q;
			always @(posedge clk_i) stage_q <= d_i;
			assign q_o = stage_q;
		end else if (Width * Stages <= Word) begin : g_shift
			reg [Width*Stages-1:0] stages_q;
			always @(posedge clk_i) stages_q <= {stages_q[Width*(Stages-1)-1:0], d_i};
			assign q_o = stages_q[Width*(Stages-1) +: Width];
`ifdef VERILATOR
		end else if (Stages > 2) begin : g_ring
			// Of many stages nothing moves but the place of the first one.
			localparam Last = Stages - 2, PW = $clog2(Stages - 1);
			reg [Width-1:0] stages_q [0:Last];
			reg [Width-1:0] q_q;
			reg [PW-1:0]    place_q;

			/* verilator lint_off BLKSEQ */
			always @(posedge clk_i) begin
				q_q <= stages_q[place_q];
				stages_q[place_q] = d_i;
				place_q <= place_q >= Last[PW-1:0] ? {PW{1'b0}} : place_q + {{PW-1{1'b0}}, 1'b1};
			end
			/* verilator lint_on BLKSEQ */
			assign q_o = q_q;
`endif
		end else begin : g_wide
			for (g = 0; g < Stages; g = g + 1) begin : g_stage
				reg [Width-1:0] stage_q;
				if (g == 0) begin : g_first
					always @(posedge clk_i) stage_q <= d_i;
				end else begin : g_next
					always @(posedge clk_i) stage_q <= g_stage[g-1].stage_q;
				end
			end
			assign q_o = g_stage[Stages-1].stage_q;
		end
	endgenerate
endmodule

`default_nettype wire
