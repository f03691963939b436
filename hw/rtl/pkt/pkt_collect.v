// SPDX-License-Identifier: Apache-2.0
//
// Takes packets out of the tiles in the order they are to leave and makes one stream of them, with what the bus said of
// each packet. That is taken over when a packet is to leave: then its context may get the next one.

`include "regs.vh"
`default_nettype none

module pkt_collect #(
	parameter Cores = 2,
	parameter MW = 8,                // bits of what the bus said
	parameter EW = 8,                // bits of an entry
	parameter KW = Cores > 1 ? $clog2(Cores) : 1,
	parameter TW = 4
) (
	input  wire                clk_i,
	input  wire                rst_i,
	// bus, with a last row
	input  wire                meta_i,
	input  wire [KW+TW-1:0]    meta_ctx_i,
	input  wire [MW-1:0]       meta_data_i,
	// packets in the order they leave
	input  wire                leave_i,
	input  wire [KW+TW-1:0]    leave_ctx_i,
	// out fifos
	input  wire [Cores-1:0]    out_valid_i,
	input  wire [Cores-1:0]    out_last_i,
	output wire [Cores-1:0]    out_sel_o,     // the one to take from
	input  wire [EW-1:0]       out_entry_i,   // its
	output wire [Cores-1:0]    out_pop_o,
	output wire                queued_o,      // there is one in that order
	// collect register
	input  wire                move_i,
	output wire                valid_o,
	output reg                 last_o,
	output reg  [KW+TW-1:0]    ctx_o,
	output reg  [EW-1:0]       entry_o,
	output wire [MW-1:0]       meta_o
);
	localparam GW = KW + TW;
	// A tile has one packet of each context that waits for the sender, and as many as the out fifo has places.
	localparam QW = KW + $clog2((1 << TW) + `NIC_OUT_FIFO);

	reg           valid_q;
	wire          queued, here, last;
	wire [GW-1:0] ctx;
	wire [QW:0]   unused_count;
	wire [KW-1:0] tile = ctx[TW +: KW];
	wire          take = queued && here && move_i;

	assign valid_o  = valid_q;
	assign queued_o = queued;

	fifo #(.Width(GW), .Depth(1 << QW)) order (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(leave_i), .data_i(leave_ctx_i), .valid_o(queued), .head_o(ctx),
		.count_o(unused_count), .pop_i(take && last)
	);
	mux #(.Width(1), .Count(Cores)) valid_mux (.sel_i(tile), .in_i(out_valid_i), .out_o(here));
	mux #(.Width(1), .Count(Cores)) last_mux (.sel_i(tile), .in_i(out_last_i), .out_o(last));

	// By context, then in the order of leaving. Read with the entry and then kept: while the collect register stands still the order goes on.
	wire [MW-1:0] meta, leaving;
	reg  [MW-1:0] kept_q;
	reg           read_q, leave_q;
	reg  [QW-1:0] wr_q, rd_q;

	ram_word #(.Width(MW), .Depth(1 << GW)) metas (
		.clk_i(clk_i), .we_i(meta_i), .waddr_i(meta_ctx_i), .wdata_i(meta_data_i), .raddr_i(leave_ctx_i), .rdata_o(leaving)
	);
	ram_word #(.Width(MW), .Depth(1 << QW)) leavings (
		.clk_i(clk_i), .we_i(leave_q), .waddr_i(wr_q), .wdata_i(leaving), .raddr_i(rd_q), .rdata_o(meta)
	);
	assign meta_o = read_q ? meta : kept_q;
	always @(posedge clk_i) begin
		read_q <= move_i;
		kept_q <= meta_o;
	end

	genvar k;
	generate
		for (k = 0; k < Cores; k = k + 1) begin : g_tile
			localparam [KW-1:0] Number = k;
			assign out_sel_o[k] = tile == Number;
			assign out_pop_o[k] = queued && move_i && out_sel_o[k] && out_valid_i[k];
		end
	endgenerate

	always @(posedge clk_i) begin
		if (take) begin
			last_o  <= last;
			ctx_o   <= ctx;
			entry_o <= out_entry_i;
		end
		if (rst_i) begin
			valid_q <= 1'b0;
			leave_q <= 1'b0;
			wr_q    <= {QW{1'b0}};
			rd_q    <= {QW{1'b0}};
		end else begin
			if (move_i) valid_q <= take;
			leave_q <= leave_i;
			wr_q    <= wr_q + {{QW-1{1'b0}}, leave_q};
			rd_q    <= rd_q + {{QW-1{1'b0}}, take && last};
		end
	end

	wire unused = &{1'b0, unused_count};
endmodule

`default_nettype wire
