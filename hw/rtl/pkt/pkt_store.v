// SPDX-License-Identifier: Apache-2.0
//
// Rows of frames in a block memory. What is written can be seen by the reader once it is committed; what is not yet can be
// taken back. The head row stays on row_o while valid_o; rows that are there follow each other in every cycle.

`include "regs.vh"
`default_nettype none

module pkt_store #(
	parameter Width = 512,                // of a row
	parameter Rows = `NIC_STORE_ROWS,     // a power of two
	parameter AW = $clog2(Rows)
) (
	input  wire               clk_i,
	input  wire               rst_i,
	// writer
	input  wire               write_i,
	input  wire [Width-1:0]   row_i,
	input  wire               commit_i,   // with what is written in this cycle
	input  wire               rollback_i,
	output wire [AW:0]        used_o,     // rows written and not taken
	// reader
	output wire               valid_o,
	output wire [Width-1:0]   row_o,
	input  wire               take_i
);
	localparam [AW:0] One = {{AW{1'b0}}, 1'b1};

	reg  [AW:0] wr_q, wr_d, commit_q, rd_q, next_q;   // next_q is rd_q + 1
	reg         valid_q;
	wire [AW:0] rd_d = take_i ? next_q : rd_q;

	assign used_o  = wr_q - rd_q;
	assign valid_o = valid_q;

	ram_word #(.Width(Width), .Depth(Rows)) mem (
		.clk_i(clk_i), .we_i(write_i), .waddr_i(wr_q[AW-1:0]), .wdata_i(row_i), .raddr_i(rd_d[AW-1:0]), .rdata_o(row_o)
	);

	always @(*) begin
		wr_d = write_i ? wr_q + One : wr_q;
		if (rollback_i) wr_d = commit_q;
	end

	always @(posedge clk_i) begin
		if (rst_i) begin
			wr_q     <= {AW+1{1'b0}};
			commit_q <= {AW+1{1'b0}};
			rd_q     <= {AW+1{1'b0}};
			next_q   <= One;
			valid_q  <= 1'b0;
		end else begin
			wr_q     <= wr_d;
			if (commit_i) commit_q <= wr_d;
			rd_q     <= rd_d;
			next_q   <= rd_d + One;
			valid_q  <= take_i ? next_q != commit_q : rd_q != commit_q;
		end
	end

`ifndef SYNTHESIS
	always @(posedge clk_i) if (!rst_i) begin
		if (take_i && !valid_q) $display("pkt_store: a row is taken that is not there");
		if (write_i && used_o >= Rows[AW:0]) $display("pkt_store: a row is written into a full store");
	end
`endif
endmodule

`default_nettype wire
