// SPDX-License-Identifier: Apache-2.0
//
// Prefetch of the descriptors of one kind of ring, Queues rings: lines of four descriptors, up to eight descriptors a ring.

`include "ram_style.vh"
`default_nettype none

module dma_fetch #(
	parameter Queues = 4,
	parameter QW = Queues > 1 ? $clog2(Queues) : 1
) (
	input  wire                 clk_i,
	input  wire                 rst_i,
	// rings; a ring that is off holds nothing and its indices are 0
	input  wire [Queues-1:0]    on_i,
	input  wire [58*Queues-1:0] base_i,      // address / 64
	input  wire [4*Queues-1:0]  log_i,       // log2 of its entries
	input  wire [16*Queues-1:0] tail_i,
	output wire [Queues-1:0]    busy_o,      // a line is on its way
	// request of a line
	output wire                 req_valid_o,
	output wire [57:0]          req_line_o,
	output wire [QW-1:0]        req_ring_o,
	input  wire                 req_ready_i,
	// the line of the ring
	input  wire                 line_valid_i,
	input  wire                 line_error_i,
	input  wire [QW-1:0]        line_ring_i,
	input  wire [511:0]         line_i,
	output wire                 error_o,     // of line_ring_i: bus error; the ring is to be stopped
	// the next descriptor of a ring
	output wire [Queues-1:0]    have_o,      // there is one here
	output wire [Queues-1:0]    empty_o,     // the host has given none
	input  wire [QW-1:0]        ring_i,
	output wire [127:0]         desc_o,
	output wire [15:0]          index_o,
	input  wire                 take_i
);
	wire [16*Queues-1:0] taken, fetched;
	wire [Queues-1:0]    want;
	wire                 go = req_valid_o && req_ready_i;

	genvar q;
	generate
		for (q = 0; q < Queues; q = q + 1) begin : g_ring
			localparam [QW-1:0] Number = q;
			reg [15:0] taken_q, taken_d, fetched_q, fetched_d, filled_q, filled_d;
			reg        busy_q, busy_d, stale_q, stale_d;
			wire [15:0] tail  = tail_i[16*q +: 16];
			wire [15:0] given = tail - fetched_q;
			// To the end of the line, or as many as there are.
			wire [2:0]  rest  = 3'd4 - {1'b0, fetched_q[1:0]};
			wire [2:0]  count = given < {13'd0, rest} ? given[2:0] : rest;
			wire        line  = line_valid_i && line_ring_i == Number;

			assign want[q]    = on_i[q] && !busy_q && given != 16'd0 && fetched_q - taken_q <= 16'd4;
			assign have_o[q]  = on_i[q] && filled_q != taken_q;
			assign empty_o[q] = tail == taken_q;
			assign busy_o[q]  = busy_q;
			assign taken[16*q +: 16]   = taken_q;
			assign fetched[16*q +: 16] = fetched_q;

			always @(*) begin
				taken_d   = taken_q;
				fetched_d = fetched_q;
				filled_d  = filled_q;
				busy_d    = busy_q;
				stale_d   = stale_q;
				if (go && req_ring_o == Number) begin
					fetched_d = fetched_q + {13'd0, count};
					busy_d    = 1'b1;
				end
				if (line) begin
					busy_d  = 1'b0;
					stale_d = 1'b0;
					if (!stale_q && !line_error_i) filled_d = fetched_q;
				end
				if (take_i && ring_i == Number) taken_d = taken_q + 16'd1;
				if (!on_i[q]) begin
					taken_d   = 16'd0;
					fetched_d = 16'd0;
					filled_d  = 16'd0;
					stale_d   = busy_d;
				end
			end

			always @(posedge clk_i) begin
				if (rst_i) begin
					taken_q   <= 16'd0;
					fetched_q <= 16'd0;
					filled_q  <= 16'd0;
					busy_q    <= 1'b0;
					stale_q   <= 1'b0;
				end else begin
					taken_q   <= taken_d;
					fetched_q <= fetched_d;
					filled_q  <= filled_d;
					busy_q    <= busy_d;
					stale_q   <= stale_d;
				end
			end
		end
	endgenerate

	rr_pick #(.Count(Queues)) pick (
		.clk_i(clk_i), .rst_i(rst_i), .want_i(want), .take_i(go), .any_o(req_valid_o), .index_o(req_ring_o)
	);

	// What the rings chosen say.
	localparam All = 1 << QW;
	wire [57:0] req_base;
	wire [3:0]  req_log;
	wire [15:0] req_index, line_index;                               // line_index: behind the line's last one

	mux #(.Width(58), .Count(Queues)) base_mux (.sel_i(req_ring_o), .in_i(base_i), .out_o(req_base));
	mux #(.Width(4), .Count(Queues)) log_mux (.sel_i(req_ring_o), .in_i(log_i), .out_o(req_log));
	mux #(.Width(16), .Count(Queues)) req_mux (.sel_i(req_ring_o), .in_i(fetched), .out_o(req_index));
	mux #(.Width(16), .Count(Queues)) line_mux (.sel_i(line_ring_i), .in_i(fetched), .out_o(line_index));
	mux #(.Width(16), .Count(Queues)) index_mux (.sel_i(ring_i), .in_i(taken), .out_o(index_o));

	wire [15:0] req_place = req_index & ~(16'hffff << req_log);
	wire [15:0] line_last = line_index - 16'd1;
	assign req_line_o = req_base + {44'd0, req_place[15:2]};
	assign error_o    = line_valid_i && line_error_i;

	// Eight descriptors a ring, in four memories by the lower bits of their index.
	wire [511:0] found;
	generate
		for (q = 0; q < 4; q = q + 1) begin : g_cache
			ram_lut #(.Width(128), .Depth(2 * All)) mem (
				.clk_i(clk_i), .we_i(line_valid_i), .waddr_i({line_ring_i, line_last[2]}),
				.wdata_i(line_i[128*q +: 128]), .raddr_i({ring_i, index_o[2]}), .rdata_o(found[128*q +: 128])
			);
		end
	endgenerate
	mux4 #(.Width(128)) choose (.sel_i(index_o[1:0]), .in_i(found), .out_o(desc_o));

	wire unused = &{1'b0, line_last, req_place[1:0]};
endmodule

`default_nettype wire
